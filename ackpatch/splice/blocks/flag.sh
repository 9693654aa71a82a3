# ackpatch_flag FLAG OLD: the value for a flag that was there already: ours, united with the old one where it is a list.
ackpatch_flag() {
    case $1 in
        provider-id) command printf '%s' "${ackpatch_provider_id:-$2}" ;;
        hostname-override) command printf '%s' "${ackpatch_node_name:-$2}" ;;
        node-ip) command printf '%s' "${ackpatch_node_ip:-$2}" ;;
        node-labels) if [ -n "$ackpatch_labels" ]; then ackpatch_unite label "$2" "$ackpatch_labels"; else command printf '%s' "$2"; fi ;;
        register-with-taints) if [ -n "$ackpatch_taints" ]; then ackpatch_unite taint "$2" "$ackpatch_taints"; else command printf '%s' "$2"; fi ;;
    esac
}
