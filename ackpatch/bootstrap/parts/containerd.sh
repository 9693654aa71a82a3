# shellcheck shell=bash
install_runtime() {
    log "installing containerd $RUNTIME_VERSION"
    "${FAMILY}_install" containerd.io "$RUNTIME_VERSION"
    mkdir -p /etc/containerd
    containerd config default >/etc/containerd/config.toml
    # kubelet's cgroups are systemd's, and so must the runtime's be.
    sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' /etc/containerd/config.toml
    if [ -n "$PAUSE_IMAGE" ]; then
        sed -i "s#sandbox_image = .*#sandbox_image = \"$PAUSE_IMAGE\"#" /etc/containerd/config.toml
    fi
    systemctl enable containerd
    systemctl restart containerd
}
