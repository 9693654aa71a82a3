#!/bin/bash
# A binary installation: both programs are started by one line.
set -e
for program in kubelet kube-proxy; do
    /opt/kube/bin/$program --config="/etc/kubernetes/$program.yaml" &
done
wait
