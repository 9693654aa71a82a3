# shellcheck shell=sh
# What the packages kubelet and kubeadm bring. Sourced after common.sh and systemd.sh, which set $base and $state.
# shellcheck disable=SC2034,SC2154
read -r family <"$state/family"

# package_of WORD: sets $package to kubelet or kubeadm when the word names that package, in whatever way.
package_of() {
    package=
    word=${1##*/}
    case $word in
    kubelet | kubelet[-=_:*][0-9v*]* | kubelet\* | kubelet.x86_64 | kubelet-*.rpm | kubelet_*.deb) package=kubelet ;;
    kubeadm | kubeadm[-=_:*][0-9v*]* | kubeadm\* | kubeadm.x86_64 | kubeadm-*.rpm | kubeadm_*.deb) package=kubeadm ;;
    *kubelet*.rpm | *kubelet*.deb) package=kubelet ;;
    *kubeadm*.rpm | *kubeadm*.deb) package=kubeadm ;;
    kube\*) package='kubelet kubeadm' ;;
    esac
    number=$(printf %s "$word" | sed -n 's/^[^0-9]*\([0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*\).*/\1/p')
}

# install_package NAME: kubeadm needs kubelet. An environment file that is there already stays (noreplace).
install_package() {
    if [ "$1" = kubeadm ] && [ ! -e "$state/installed.kubelet" ]; then
        install_package kubelet
        set -- kubeadm
    fi
    [ "$family" != binary ] || return 0
    [ -z "$number" ] || echo "v$number" >"$state/version"
    cp -rn "$base/packages/$family/$1/." /
    [ "$1" != kubelet ] || mkdir -p /etc/kubernetes/manifests
    cp -f "$base/stand-ins/$1" "/usr/bin/$1"
    chmod 755 "/usr/bin/$1"
    : >"$state/installed.$1"
    daemon_reload
    # The DEB's maintainer script enables kubelet; the RPM leaves that to the user.
    if [ "$family" = deb ] && [ "$1" = kubelet ]; then
        enable_unit kubelet.service 2>/dev/null
    fi
}

# A container runtime's package brings a configuration to edit.
install_runtime() {
    mkdir -p /etc/containerd /etc/docker
    [ -e /etc/containerd/config.toml ] || printf 'SystemdCgroup = false\n' >/etc/containerd/config.toml
}

remove_package() {
    if [ "$1" = kubelet ]; then
        rm -f /usr/lib/systemd/system/kubelet.service "$state/active.kubelet.service"
        disable_unit kubelet.service
        [ ! -e "$state/installed.kubeadm" ] || remove_package kubeadm
        set -- kubelet
    else
        rm -f /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf
    fi
    rm -f "/usr/bin/$1" "$state/installed.$1"
    daemon_reload
}
