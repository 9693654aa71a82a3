# shellcheck shell=bash
# What kubeadm asks of a machine: no swap, two kernel modules, three settings; SELinux and the firewall out of the way.
prepare() {
    log "preparing the machine"
    swapoff -a
    sed -i '/^[^#].*[[:space:]]swap[[:space:]]/s/^/# /' /etc/fstab
    printf 'overlay\nbr_netfilter\n' >/etc/modules-load.d/kubernetes.conf
    modprobe overlay
    modprobe br_netfilter
    printf '%s = 1\n' net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables net.ipv4.ip_forward \
        >/etc/sysctl.d/90-kubernetes.conf
    # Read last at boot, it would have the last word.
    if [ -f /etc/sysctl.conf ]; then
        sed -i -E 's/^[[:space:]]*(net\.ipv4\.ip_forward|net\.bridge\.bridge-nf-call-ip6?tables)[[:space:]]*=/# &/' /etc/sysctl.conf
    fi
    sysctl -p /etc/sysctl.d/90-kubernetes.conf >/dev/null
    if command -v setenforce >/dev/null && [ "$(getenforce)" = Enforcing ]; then
        setenforce 0
        sed -i 's/^SELINUX=enforcing/SELINUX=permissive/' /etc/selinux/config
    fi
    if systemctl is-active --quiet firewalld; then
        systemctl disable --now firewalld
    fi
}
