# ackpatch_flag FLAG OLD: the value for a flag that was there already: ours, united with the old one where it is a list.
ackpatch_flag() {
    case $1 in
        provider-id) printf '%s' "${ackpatch_provider_id:-$2}" ;;
        hostname-override) printf '%s' "${ackpatch_node_name:-$2}" ;;
        node-ip) printf '%s' "${ackpatch_node_ip:-$2}" ;;
        node-labels) if [ -n "$ackpatch_labels" ]; then ackpatch_unite label "$2" "$ackpatch_labels"; else printf '%s' "$2"; fi ;;
        register-with-taints) if [ -n "$ackpatch_taints" ]; then ackpatch_unite taint "$2" "$ackpatch_taints"; else printf '%s' "$2"; fi ;;
    esac
}
