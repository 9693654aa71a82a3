ackpatch_agent() {
    # FOLDER...: stands before the first start of a k3s or RKE2 agent, and writes a file of settings that it reads.
    case ${ALIBABA_CLOUD_PROVIDER_ID-},${ALIBABA_CLOUD_NODE_NAME-},${ALIBABA_CLOUD_LABELS-},${ALIBABA_CLOUD_TAINTS-} in
        ,,,) return 0 ;;
        ,* | *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/=:,-]*)
            printf 'ackpatch: ALIBABA_CLOUD_PROVIDER_ID is not set, or one of the four has an unsafe character\n' >&2
            exit 1
            ;;
    esac
    /usr/bin/env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin ID="$ALIBABA_CLOUD_PROVIDER_ID" \
        NAME="${ALIBABA_CLOUD_NODE_NAME-}" LABELS="${ALIBABA_CLOUD_LABELS-}" TAINTS="${ALIBABA_CLOUD_TAINTS-}" \
        /bin/sh -euc "umask 022 && text=\$(cat) && eval \"\$text\"" ackpatch "$@" <<'ACKPATCH' || exit 1
set -f
IFS=,
kept= seen=,:,
for one in $LABELS; do # one item each
    case ${one%%=*} in
        kubelet.kubernetes.io/* | *.kubelet.kubernetes.io/* | node.kubernetes.io/* | *.node.kubernetes.io/*) ;;
        kubernetes.io/hostname | kubernetes.io/arch | kubernetes.io/os | topology.kubernetes.io/zone) ;;
        beta.kubernetes.io/arch | beta.kubernetes.io/os | beta.kubernetes.io/instance-type) ;;
        topology.kubernetes.io/region | failure-domain.beta.kubernetes.io/zone) ;;
        failure-domain.beta.kubernetes.io/region) ;;
        '' | kubernetes.io/* | *.kubernetes.io/* | k8s.io/* | *.k8s.io/*)
            printf 'ackpatch: left out, kubelet would not start with this label: %s\n' "$one" >&2
            continue
            ;;
    esac
    kept="$kept- '$one'
"
done
taints=
for one in $TAINTS; do # two of one key and effect would stop kubelet
    case $seen in *",${one%%[=:]*}:${one##*:},"*) continue ;; esac
    seen=$seen${one%%[=:]*}:${one##*:},
    taints="$taints- '$one'
"
done
for folder; do
    mkdir -p "$folder"
    {
        printf '# ackpatch: what the node pool gives this node.\n'
        [ -z "$NAME" ] || printf "node-name: '%s'\nwith-node-id: false\n" "$NAME"
        [ -z "$kept" ] || printf 'node-label+:\n%s' "$kept"
        [ -z "$taints" ] || printf 'node-taint+:\n%s' "$taints"
        # Given twice: since 2024-12 an item without "=" before it swallows the next one.
        printf "kubelet-arg+:\n- 'provider-id=%s'\n- 'provider-id=%s'\n" "$ID" "$ID"
    } >"$folder/zz-ackpatch.new"
    mv -f "$folder/zz-ackpatch.new" "$folder/zz-ackpatch.yaml"
done
ACKPATCH
}
