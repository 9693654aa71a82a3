# shellcheck shell=bash
main() {
    [ "$(id -u)" = 0 ] || die "this script has to run as root"
    if [ -e /etc/kubernetes/kubelet.conf ]; then
        log "this node has joined already; nothing to do"
        check_kubelet
        return 0
    fi
    find_system
    prepare
    "${FAMILY}_setup"
    install_runtime
    check_gpu
    install_kubernetes
    retry 3 join_once || die "the node could not join"
    check_kubelet
    log "the node has joined"
}

main
