# shellcheck shell=bash
# Driver and container toolkit from the repository that was named, where there is a GPU.
check_gpu() {
    if ! has_gpu; then
        log "no GPU found; nothing is installed for one"
        return 0
    fi
    log "installing the GPU's driver and container toolkit"
    case $FAMILY in
        yum)
            cat >/etc/yum.repos.d/gpu.repo <<EOF
[gpu]
name=gpu
baseurl=$GPU_REPOSITORY
enabled=1
gpgcheck=0
EOF
            retry 5 yum_tool install -y nvidia-driver nvidia-container-toolkit
            ;;
        apt)
            echo "deb [trusted=yes] $GPU_REPOSITORY /" >/etc/apt/sources.list.d/gpu.list
            retry 8 apt_update
            retry 5 apt_tool install -qy nvidia-driver nvidia-container-toolkit
            ;;
    esac
    nvidia-smi >/dev/null || die "the GPU's driver does not answer"
    nvidia-ctk runtime configure --runtime="$RUNTIME" --set-as-default
    systemctl restart "$RUNTIME"
}
