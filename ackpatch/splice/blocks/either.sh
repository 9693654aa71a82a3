# Kubelet reads either KUBELET_EXTRA_ARGS from an environment file, or only what its ExecStart= says.
ackpatch_apply() {
    if [ -z "$(ackpatch_units)" ] || ackpatch_units | while command read -r ack_unit; do cat "$ack_unit"; done | grep -q 'KUBELET_EXTRA_ARGS'; then
        ackpatch_environment "$@"
    else
        ackpatch_unit
    fi
}
