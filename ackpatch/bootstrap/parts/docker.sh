# shellcheck shell=bash
install_runtime() {
    log "installing Docker $RUNTIME_VERSION"
    "${FAMILY}_install" docker-ce "$RUNTIME_VERSION"
    mkdir -p /etc/docker
    # kubelet's cgroups are systemd's, and so must the runtime's be.
    cat >/etc/docker/daemon.json <<'EOF'
{
  "exec-opts": ["native.cgroupdriver=systemd"],
  "log-driver": "json-file",
  "log-opts": {"max-size": "100m", "max-file": "3"}
}
EOF
    systemctl enable docker
    systemctl restart docker
}
