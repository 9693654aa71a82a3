# shellcheck shell=bash
# Packages by yum or dnf.
yum_tool() {
    if command -v dnf >/dev/null; then
        dnf "$@"
    else
        yum "$@"
    fi
}

# yum_repository NAME URL KEY
yum_repository() {
    cat >"/etc/yum.repos.d/$1.repo" <<EOF
[$1]
name=$1
baseurl=$2
enabled=1
gpgcheck=1
gpgkey=$3
EOF
}

yum_setup() {
    yum_repository kubernetes "$YUM_KUBERNETES" "$YUM_KUBERNETES_KEY"
    yum_repository docker-ce "$YUM_DOCKER/$EL_MAJOR/\$basearch/stable" "$YUM_DOCKER/gpg"
    retry 5 yum_tool makecache
}

# yum_install PACKAGE VERSION: that one, and none that only begins so.
yum_install() { retry 5 yum_tool install -y "$1-$2[-.]*"; }

yum_kubernetes() {
    retry 5 yum_tool install -y --disableexcludes=kubernetes "kubelet-$KUBE_VERSION" "kubeadm-$KUBE_VERSION" "kubectl-$KUBE_VERSION"
    # Held at this version: an update would pull the node away from the control plane.
    if ! grep -q '^exclude=kubelet' /etc/yum.repos.d/kubernetes.repo; then
        echo 'exclude=kubelet kubeadm kubectl' >>/etc/yum.repos.d/kubernetes.repo
    fi
}
