# The four injected values, checked once. With none of them set this does nothing at all.
ackpatch_refuse() {
    command printf 'ackpatch: %s\n' "$1" >&2
    exit 1
}
# ackpatch_unite KIND OLD NEW: the items of both comma lists; of two with one key the later one counts.
ackpatch_unite() (
    ack_kind=$1 ack_rest=$2,$3, ack_all=
    while [ -n "$ack_rest" ]; do
        ack_entry=${ack_rest%%,*} ack_rest=${ack_rest#*,} ack_key=${ack_entry%%=*} ack_kept=
        [ -n "$ack_entry" ] || continue
        [ "$ack_kind" = label ] || ack_key=${ack_entry%%[=:]*}:${ack_entry##*:}
        while [ -n "$ack_all" ]; do
            ack_one=${ack_all%%,*} ack_all=${ack_all#*,} ack_other=${ack_one%%=*}
            [ "$ack_kind" = label ] || ack_other=${ack_one%%[=:]*}:${ack_one##*:}
            [ "$ack_other" = "$ack_key" ] || ack_kept=$ack_kept$ack_one,
        done
        ack_all=$ack_kept$ack_entry,
    done
    command printf '%s' "${ack_all%,}"
)
# ackpatch_part TEXT: fails unless TEXT is 1 to 63 characters that start and end with a letter or a digit.
ackpatch_part() {
    case $1 in
        '' | [._-]* | *[._-] | *[/=:,]*) return 1 ;;
    esac
    [ "${#1}" -le 63 ]
}
# ackpatch_dns NAME: fails unless NAME is a DNS subdomain, as the names of Nodes and the prefixes of keys are.
ackpatch_dns() {
    case $1 in
        '' | *[!abcdefghijklmnopqrstuvwxyz0123456789.-]* | [.-]* | *[.-] | *..* | *.-* | *-.*) return 1 ;;
    esac
    [ "${#1}" -le 253 ]
}
# ackpatch_key KEY: fails unless KEY is NAME or PREFIX/NAME.
ackpatch_key() {
    case $1 in
        */*) ackpatch_dns "${1%%/*}" && ackpatch_part "${1#*/}" ;;
        *) ackpatch_part "$1" ;;
    esac
}
# ackpatch_reserved KEY: succeeds for a key that kubelet does not take from its command line.
ackpatch_reserved() {
    case $1 in
        kubernetes.io/hostname | kubernetes.io/arch | kubernetes.io/os) return 1 ;;
        beta.kubernetes.io/arch | beta.kubernetes.io/os | beta.kubernetes.io/instance-type) return 1 ;;
        topology.kubernetes.io/zone | topology.kubernetes.io/region) return 1 ;;
        failure-domain.beta.kubernetes.io/zone | failure-domain.beta.kubernetes.io/region) return 1 ;;
    esac
    case $1 in */*) ;; *) return 1 ;; esac
    case ${1%%/*} in
        kubelet.kubernetes.io | *.kubelet.kubernetes.io | node.kubernetes.io | *.node.kubernetes.io) return 1 ;;
        kubernetes.io | *.kubernetes.io | k8s.io | *.k8s.io) return 0 ;;
    esac
    return 1
}
# ackpatch_labels_allowed LIST: the labels that kubelet takes; a warning for each other one.
ackpatch_labels_allowed() (
    ack_rest=$1, ack_allowed=
    while [ -n "$ack_rest" ]; do
        ack_item=${ack_rest%%,*} ack_rest=${ack_rest#*,} ack_key=${ack_item%%=*} ack_value=${ack_item#*=} ack_why=
        [ -n "$ack_item" ] || continue
        ackpatch_key "$ack_key" || ack_why='has a key that Kubernetes refuses'
        [ -z "$ack_value" ] || ackpatch_part "$ack_value" || ack_why='has a value that Kubernetes refuses'
        case $ack_item in *=*) ;; *) ack_why='is not of the form key=value' ;; esac
        if ackpatch_reserved "$ack_key"; then ack_why='is reserved: kubelet would not start with it'; fi
        if [ -n "$ack_why" ]; then
            command printf 'ackpatch: ALIBABA_CLOUD_LABELS: left out: %s %s\n' "$ack_item" "$ack_why" >&2
        else
            ack_allowed=$ack_allowed$ack_item,
        fi
    done
    ackpatch_unite label '' "${ack_allowed%,}"
)
# ackpatch_taints_checked LIST: the taints, one for each key and effect; fails on one that stops kubelet.
ackpatch_taints_checked() (
    ack_rest=$1,
    while [ -n "$ack_rest" ]; do
        ack_item=${ack_rest%%,*} ack_rest=${ack_rest#*,} ack_value=
        [ -n "$ack_item" ] || continue
        ack_key=${ack_item%:*}
        case $ack_key in *=*) ack_value=${ack_key#*=} ack_key=${ack_key%%=*} ;; esac
        case $ack_item in
            *:NoSchedule | *:PreferNoSchedule | *:NoExecute) ;;
            *) ackpatch_refuse "ALIBABA_CLOUD_TAINTS: $ack_item has no effect NoSchedule, PreferNoSchedule or NoExecute" ;;
        esac
        ackpatch_key "$ack_key" || ackpatch_refuse "ALIBABA_CLOUD_TAINTS: $ack_item has a key that Kubernetes refuses"
        [ -z "$ack_value" ] || ackpatch_part "$ack_value" || ackpatch_refuse "ALIBABA_CLOUD_TAINTS: $ack_item has a value that Kubernetes refuses"
    done
    ackpatch_unite taint '' "$1"
)
# ackpatch_check NAME VALUE: one list of characters makes a value safe for the shell, sed, awk and systemd at once.
ackpatch_check() {
    case $2 in
        *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/=:,-]*)
            ackpatch_refuse "$1 has a character other than letters, digits and . _ / = : , -"
            ;;
    esac
}
# ackpatch_checked NAME VALUE: prints what kubelet may get for a variable; fails with a message.
ackpatch_checked() (
    [ -z "${BASH_VERSION-}" ] || eval 'shopt -u nocasematch'
    ackpatch_check "$1" "$2"
    case $1 in
        *_LABELS) ackpatch_labels_allowed "$2" ;;
        *_TAINTS) ackpatch_taints_checked "$2" ;;
        *_NODE_NAME)
            [ -z "$2" ] || ackpatch_dns "$2" || ackpatch_refuse "$1 is not a legal node name"
            command printf '%s' "$2"
            ;;
        *)
            case $2 in
                '') ackpatch_refuse "$1 is not set, but others of the four are" ;;
                [-._/=:,]* | *[=,]*) ackpatch_refuse "$1 is not one provider ID" ;;
            esac
            command printf '%s' "$2"
            ;;
    esac
)
ackpatch_values() {
    ackpatch_provider_id='' ackpatch_node_name='' ackpatch_labels='' ackpatch_taints=''
    [ -n "${ALIBABA_CLOUD_PROVIDER_ID-}${ALIBABA_CLOUD_NODE_NAME-}${ALIBABA_CLOUD_LABELS-}${ALIBABA_CLOUD_TAINTS-}" ] || return 0
    ackpatch_node_name=$(ackpatch_checked ALIBABA_CLOUD_NODE_NAME "${ALIBABA_CLOUD_NODE_NAME-}") || exit 1
    ackpatch_labels=$(ackpatch_checked ALIBABA_CLOUD_LABELS "${ALIBABA_CLOUD_LABELS-}") || exit 1
    ackpatch_taints=$(ackpatch_checked ALIBABA_CLOUD_TAINTS "${ALIBABA_CLOUD_TAINTS-}") || exit 1
    ackpatch_provider_id=$(ackpatch_checked ALIBABA_CLOUD_PROVIDER_ID "${ALIBABA_CLOUD_PROVIDER_ID-}") || exit 1
}
ackpatch_values
