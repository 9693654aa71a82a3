# shellcheck shell=bash
# Since Kubernetes 1.24 kubelet speaks to Docker through cri-dockerd.
install_adapter() {
    log "installing cri-dockerd"
    fetch "$CRI_DOCKERD_URL" /tmp/cri-dockerd.tgz
    echo "$CRI_DOCKERD_SHA256  /tmp/cri-dockerd.tgz" | sha256sum -c --quiet - || die "cri-dockerd has another checksum"
    tar -xzf /tmp/cri-dockerd.tgz -C /tmp
    install -m 0755 /tmp/cri-dockerd/cri-dockerd /usr/local/bin/cri-dockerd
    cat >/etc/systemd/system/cri-docker.socket <<'EOF'
[Unit]
Description=Socket of the Docker adapter for kubelet
PartOf=cri-docker.service

[Socket]
ListenStream=/run/cri-dockerd.sock
SocketMode=0660

[Install]
WantedBy=sockets.target
EOF
    cat >/etc/systemd/system/cri-docker.service <<EOF
[Unit]
Description=Docker adapter for kubelet
After=network-online.target docker.service
Requires=cri-docker.socket docker.service

[Service]
Type=notify
ExecStart=/usr/local/bin/cri-dockerd --container-runtime-endpoint fd:// ${PAUSE_IMAGE:+--pod-infra-container-image=$PAUSE_IMAGE}
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
EOF
    systemctl daemon-reload
    systemctl enable cri-docker.service
    systemctl enable --now cri-docker.socket
    systemctl restart cri-docker.service
}
