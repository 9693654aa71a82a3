# shellcheck shell=bash
install_kubernetes() {
    log "installing Kubernetes $KUBE_VERSION"
    "${FAMILY}_kubernetes"
    systemctl enable kubelet
}

# A join that broke off leaves files that the next one would refuse.
join_once() {
    if join_cluster; then
        return 0
    fi
    kubeadm reset -f ${CRI_SOCKET:+"--cri-socket=$CRI_SOCKET"} || true
    return 1
}

check_kubelet() {
    local try=0
    until systemctl is-active --quiet kubelet; do
        try=$((try + 1))
        if [ "$try" -ge 30 ]; then
            journalctl -u kubelet --no-pager -n 50 >&2 || true
            die "kubelet does not run; its last lines stand above"
        fi
        sleep 2
    done
    log "kubelet runs"
}
