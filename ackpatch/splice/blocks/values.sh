# The four injected values, checked once. With none of them set this does nothing at all.
ackpatch_refuse() {
    printf 'ackpatch: %s\n' "$1" >&2
    exit 1
}
# ackpatch_unite KIND OLD NEW: the items of both comma lists; of two with one key the later one counts.
ackpatch_unite() (
    kind=$1 rest=$2,$3, all=
    while [ -n "$rest" ]; do
        item=${rest%%,*} rest=${rest#*,} key=${item%%=*} kept=
        [ -n "$item" ] || continue
        [ "$kind" = label ] || key=${item%%[=:]*}:${item##*:}
        while [ -n "$all" ]; do
            one=${all%%,*} all=${all#*,} other=${one%%=*}
            [ "$kind" = label ] || other=${one%%[=:]*}:${one##*:}
            [ "$other" = "$key" ] || kept=$kept$one,
        done
        all=$kept$item,
    done
    printf '%s' "${all%,}"
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
    rest=$1, allowed=
    while [ -n "$rest" ]; do
        item=${rest%%,*} rest=${rest#*,} key=${item%%=*} value=${item#*=} why=
        [ -n "$item" ] || continue
        prefix='' name=${key#*/}
        [ "$key" = "$name" ] || prefix=${key%%/*}
        case $item in *=*) ;; *) why='is not of the form key=value' ;; esac
        ackpatch_part "$name" 63 || why='has a key that Kubernetes refuses'
        [ -z "$value" ] || ackpatch_part "$value" 63 || why='has a value that Kubernetes refuses'
        case $key in
            /* | *[!abcdefghijklmnopqrstuvwxyz0123456789.-]*/*) why='has a key that Kubernetes refuses' ;;
            kubernetes.io/hostname | kubernetes.io/arch | kubernetes.io/os) ;;
            beta.kubernetes.io/arch | beta.kubernetes.io/os | beta.kubernetes.io/instance-type) ;;
            topology.kubernetes.io/zone | topology.kubernetes.io/region) ;;
            failure-domain.beta.kubernetes.io/zone | failure-domain.beta.kubernetes.io/region) ;;
            *)
                case $prefix in
                    kubelet.kubernetes.io | *.kubelet.kubernetes.io | node.kubernetes.io | *.node.kubernetes.io) ;;
                    kubernetes.io | *.kubernetes.io | k8s.io | *.k8s.io) why='is reserved: kubelet would not start with it' ;;
                esac
                ;;
        esac
        if [ -n "$why" ]; then
            printf 'ackpatch: ALIBABA_CLOUD_LABELS: left out: %s %s\n' "$item" "$why" >&2
        else
            allowed=$allowed$item,
        fi
    done
    ackpatch_unite label '' "${allowed%,}"
)
# ackpatch_taints_checked LIST: the taints, one for each key and effect; fails on one that stops kubelet.
ackpatch_taints_checked() (
    rest=$1,
    while [ -n "$rest" ]; do
        item=${rest%%,*} rest=${rest#*,}
        [ -n "$item" ] || continue
        key=${item%%[=:]*}
        case $item in
            *:NoSchedule | *:PreferNoSchedule | *:NoExecute) ;;
            *) ackpatch_refuse "ALIBABA_CLOUD_TAINTS: $item has no effect NoSchedule, PreferNoSchedule or NoExecute" ;;
        esac
        ackpatch_part "${key#*/}" 63 || ackpatch_refuse "ALIBABA_CLOUD_TAINTS: $item has a key that Kubernetes refuses"
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
