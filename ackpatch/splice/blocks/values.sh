# The four injected values, checked once. With none of them set this does nothing at all.
ackpatch_refuse() {
    command printf 'ackpatch: %s\n' "$1" >&2
    exit 1
}
# ackpatch_unite KIND OLD NEW: the items of both comma lists; of two with one key the later one counts.
ackpatch_unite() (
    ack_kind=$1 ack_rest=$2,$3, ack_all=
    while [ -n "$ack_rest" ]; do
        ack_item=${ack_rest%%,*} ack_rest=${ack_rest#*,} ack_key=${ack_item%%=*} ack_kept=
        [ -n "$ack_item" ] || continue
        [ "$ack_kind" = label ] || ack_key=${ack_item%%[=:]*}:${ack_item##*:}
        while [ -n "$ack_all" ]; do
            ack_one=${ack_all%%,*} ack_all=${ack_all#*,} ack_other=${ack_one%%=*}
            [ "$ack_kind" = label ] || ack_other=${ack_one%%[=:]*}:${ack_one##*:}
            [ "$ack_other" = "$ack_key" ] || ack_kept=$ack_kept$ack_one,
        done
        ack_all=$ack_kept$ack_item,
    done
    command printf '%s' "${ack_all%,}"
)
# ackpatch_part TEXT MOST: fails unless TEXT is 1 to MOST characters and starts and ends with a letter or a digit.
ackpatch_part() {
    case $1 in
        '' | [._-]* | *[._-] | *[/=:,]*) return 1 ;;
    esac
    [ "${#1}" -le "$2" ]
}
# ackpatch_labels_allowed LIST: the labels that kubelet takes; a warning for each other one.
ackpatch_labels_allowed() (
    ack_rest=$1, ack_allowed=
    while [ -n "$ack_rest" ]; do
        ack_item=${ack_rest%%,*} ack_rest=${ack_rest#*,} ack_key=${ack_item%%=*} ack_value=${ack_item#*=} ack_why=
        [ -n "$ack_item" ] || continue
        ack_prefix='' ack_name=${ack_key#*/}
        [ "$ack_key" = "$ack_name" ] || ack_prefix=${ack_key%%/*}
        case $ack_item in *=*) ;; *) ack_why='is not of the form ack_key=value' ;; esac
        ackpatch_part "$ack_name" 63 || ack_why='has a key that Kubernetes refuses'
        [ -z "$ack_value" ] || ackpatch_part "$ack_value" 63 || ack_why='has a value that Kubernetes refuses'
        case $ack_key in
            /* | *[!abcdefghijklmnopqrstuvwxyz0123456789.-]*/*) ack_why='has a key that Kubernetes refuses' ;;
            kubernetes.io/hostname | kubernetes.io/arch | kubernetes.io/os) ;;
            beta.kubernetes.io/arch | beta.kubernetes.io/os | beta.kubernetes.io/instance-type) ;;
            topology.kubernetes.io/zone | topology.kubernetes.io/region) ;;
            failure-domain.beta.kubernetes.io/zone | failure-domain.beta.kubernetes.io/region) ;;
            *)
                case $ack_prefix in
                    kubelet.kubernetes.io | *.kubelet.kubernetes.io | node.kubernetes.io | *.node.kubernetes.io) ;;
                    kubernetes.io | *.kubernetes.io | k8s.io | *.k8s.io) ack_why='is reserved: kubelet would not start with it' ;;
                esac
                ;;
        esac
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
        ack_item=${ack_rest%%,*} ack_rest=${ack_rest#*,}
        [ -n "$ack_item" ] || continue
        ack_key=${ack_item%%[=:]*}
        case $ack_item in
            *:NoSchedule | *:PreferNoSchedule | *:NoExecute) ;;
            *) ackpatch_refuse "ALIBABA_CLOUD_TAINTS: $ack_item has no effect NoSchedule, PreferNoSchedule or NoExecute" ;;
        esac
        ackpatch_part "${ack_key#*/}" 63 || ackpatch_refuse "ALIBABA_CLOUD_TAINTS: $ack_item has a key that Kubernetes refuses"
    done
    ackpatch_unite taint '' "$1"
)
ackpatch_check() {
    # One list of characters makes a value safe for the shell, sed, awk and systemd at once; a range would follow the locale.
    case $2 in
        *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/=:,-]*)
            ackpatch_refuse "$1 has a character other than letters, digits and . _ / = : , -"
            ;;
    esac
}
ackpatch_values() {
    ackpatch_provider_id='' ackpatch_node_name='' ackpatch_labels='' ackpatch_taints=''
    [ -n "${ALIBABA_CLOUD_PROVIDER_ID-}${ALIBABA_CLOUD_NODE_NAME-}${ALIBABA_CLOUD_LABELS-}${ALIBABA_CLOUD_TAINTS-}" ] || return 0
    [ -n "${ALIBABA_CLOUD_PROVIDER_ID-}" ] || ackpatch_refuse 'ALIBABA_CLOUD_PROVIDER_ID is not set, but others of the four are'
    ackpatch_check ALIBABA_CLOUD_PROVIDER_ID "$ALIBABA_CLOUD_PROVIDER_ID"
    ackpatch_check ALIBABA_CLOUD_NODE_NAME "${ALIBABA_CLOUD_NODE_NAME-}"
    ackpatch_check ALIBABA_CLOUD_LABELS "${ALIBABA_CLOUD_LABELS-}"
    ackpatch_check ALIBABA_CLOUD_TAINTS "${ALIBABA_CLOUD_TAINTS-}"
    case $ALIBABA_CLOUD_PROVIDER_ID in
        [-._/=:,]* | *[=,]*) ackpatch_refuse 'ALIBABA_CLOUD_PROVIDER_ID is not one provider ID' ;;
    esac
    case ${ALIBABA_CLOUD_NODE_NAME-} in
        [-.]* | *[-.] | *[_/=:,]*) ackpatch_refuse 'ALIBABA_CLOUD_NODE_NAME is not a legal node name' ;;
    esac
    ackpatch_provider_id=$ALIBABA_CLOUD_PROVIDER_ID
    ackpatch_node_name=${ALIBABA_CLOUD_NODE_NAME-}
    ackpatch_labels=$(ackpatch_labels_allowed "${ALIBABA_CLOUD_LABELS-}") || exit 1
    ackpatch_taints=$(ackpatch_taints_checked "${ALIBABA_CLOUD_TAINTS-}") || exit 1
}
ackpatch_values
