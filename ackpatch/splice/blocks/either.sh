# Kubelet reads either KUBELET_EXTRA_ARGS from an environment file, or only what its ExecStart= says.
ackpatch_apply() {
    if (ackpatch_settle && ackpatch_reads_file); then
        ackpatch_environment "$@"
    else
        ackpatch_unit
    fi
}
