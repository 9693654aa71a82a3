# shellcheck shell=bash
install_runtime() {
    log "installing Docker $RUNTIME_VERSION"
    "${FAMILY}_install" docker-ce "$RUNTIME_VERSION"
    mkdir -p /etc/docker
    # Who is in charge of cgroups must be the same for kubelet and the runtime.
    cat >/etc/docker/daemon.json <<EOF
{
  "exec-opts": ["native.cgroupdriver=$CGROUP_DRIVER"],
  "log-driver": "json-file",
  "log-opts": {"max-size": "100m", "max-file": "3"}
}
EOF
    systemctl enable docker
    systemctl restart docker
}
