# shellcheck shell=bash
install_runtime() {
    log "installing containerd $RUNTIME_VERSION"
    "${FAMILY}_install" containerd.io "$RUNTIME_VERSION"
    mkdir -p /etc/containerd
    containerd config default >/etc/containerd/config.toml
    # Who is in charge of cgroups must be the same for kubelet and the runtime.
    if [ "$CGROUP_DRIVER" = systemd ]; then
        sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' /etc/containerd/config.toml
        # Some versions do not print the setting.
        if ! grep -q 'SystemdCgroup = true' /etc/containerd/config.toml; then
            sed -i '/runtimes\.runc\.options\]/a SystemdCgroup = true' /etc/containerd/config.toml
        fi
        grep -q 'SystemdCgroup = true' /etc/containerd/config.toml || die "containerd's configuration has no place for its cgroups"
    fi
    if [ -n "$PAUSE_IMAGE" ]; then
        # The name of the setting is sandbox_image up to 1.7, sandbox from 2.0 on.
        sed -i -E "s#^( *)(sandbox_image|sandbox) = .*#\\1\\2 = \"$PAUSE_IMAGE\"#" /etc/containerd/config.toml
        grep -qF "$PAUSE_IMAGE" /etc/containerd/config.toml || die "containerd's configuration has no place for the sandbox image"
    fi
    systemctl enable containerd
    systemctl restart containerd
}
