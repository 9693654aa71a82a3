# Kubelet reads either KUBELET_EXTRA_ARGS from an environment file, or only what its ExecStart= says.
ackpatch_apply() {
    if [ -z "$(ackpatch_units)" ] || ackpatch_units | while read -r unit; do cat "$unit"; done | grep -q 'KUBELET_EXTRA_ARGS'; then
        ackpatch_environment "$@"
    else
        ackpatch_unit
    fi
}
