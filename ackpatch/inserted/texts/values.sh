unset ackpatch_flags ackpatch_node_name ackpatch_labels ackpatch_taints
if [ "${ALIBABA_CLOUD_PROVIDER_ID-}${ALIBABA_CLOUD_NODE_NAME-}${ALIBABA_CLOUD_LABELS-}${ALIBABA_CLOUD_TAINTS-}" ]; then
    case ${ALIBABA_CLOUD_PROVIDER_ID-},${ALIBABA_CLOUD_NODE_NAME-},${ALIBABA_CLOUD_LABELS-},${ALIBABA_CLOUD_TAINTS-} in
        ,* | *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/=:,-]*)
            printf 'ackpatch: ALIBABA_CLOUD_PROVIDER_ID is not set, or one of the four has an unsafe character\n' >&2
            exit 1
            ;;
    esac
    ackpatch_node_name=${ALIBABA_CLOUD_NODE_NAME-} ackpatch_flags=--provider-id=$ALIBABA_CLOUD_PROVIDER_ID
    ackpatch_flags=$ackpatch_flags${ackpatch_node_name:+ --hostname-override=$ackpatch_node_name}
    ackpatch_rest=${ALIBABA_CLOUD_LABELS:+$ALIBABA_CLOUD_LABELS,}
    while [ -n "$ackpatch_rest" ]; do
        ackpatch_one=${ackpatch_rest%%,*} ackpatch_rest=${ackpatch_rest#*,}
        case ${ackpatch_one%%=*} in
            kubelet.kubernetes.io/* | *.kubelet.kubernetes.io/* | node.kubernetes.io/* | *.node.kubernetes.io/*) ;;
            kubernetes.io/hostname | kubernetes.io/arch | kubernetes.io/os | topology.kubernetes.io/zone) ;;
            beta.kubernetes.io/arch | beta.kubernetes.io/os | beta.kubernetes.io/instance-type) ;;
            topology.kubernetes.io/region | failure-domain.beta.kubernetes.io/zone) ;;
            failure-domain.beta.kubernetes.io/region) ;;
            '' | kubernetes.io/* | *.kubernetes.io/* | k8s.io/* | *.k8s.io/*)
                printf 'ackpatch: left out, kubelet would not start with this label: %s\n' "$ackpatch_one" >&2
                continue
                ;;
        esac
        ackpatch_flags="$ackpatch_flags --node-labels=$ackpatch_one"
        ackpatch_labels=${ackpatch_labels:+$ackpatch_labels,}$ackpatch_one
    done
    ackpatch_rest=${ALIBABA_CLOUD_TAINTS:+$ALIBABA_CLOUD_TAINTS,} ackpatch_seen=,:,
    while [ -n "$ackpatch_rest" ]; do
        ackpatch_one=${ackpatch_rest%%,*} ackpatch_rest=${ackpatch_rest#*,}
        case $ackpatch_seen in *",${ackpatch_one%%[=:]*}:${ackpatch_one##*:},"*) continue ;; esac
        ackpatch_seen=$ackpatch_seen${ackpatch_one%%[=:]*}:${ackpatch_one##*:},
        ackpatch_taints=${ackpatch_taints:+$ackpatch_taints,}$ackpatch_one
    done
fi
