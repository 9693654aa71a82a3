#!/bin/bash
# Makes a fresh machine a worker of the cluster.
set -euo pipefail

swapoff -a
modprobe br_netfilter

yum install -y containerd kubelet-1.28.2 kubeadm-1.28.2
cat >/etc/sysconfig/kubelet <<EOF
KUBELET_EXTRA_ARGS="--node-labels=rack=r12 --max-pods=80"
EOF
systemctl enable --now containerd kubelet

kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef \
    --discovery-token-ca-cert-hash sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
