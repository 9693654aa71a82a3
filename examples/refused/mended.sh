#!/bin/bash
# The same; kubelet has a line of its own.
set -e
/opt/kube/bin/kube-proxy --config=/etc/kubernetes/kube-proxy.yaml &
/opt/kube/bin/kubelet --config=/etc/kubernetes/kubelet.yaml &
wait
