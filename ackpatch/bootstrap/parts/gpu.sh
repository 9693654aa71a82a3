# shellcheck shell=bash
# Driver and container toolkit from the repository that was named, where there is a GPU.
check_gpu() {
    if ! has_gpu; then
        log "no GPU found; nothing is installed for one"
        return 0
    fi
    log "installing the GPU's driver and container toolkit (this part was not tried on a real GPU)"
    case $FAMILY in
        yum)
            yum_repository gpu "$GPU_REPOSITORY" "$GPU_REPOSITORY_KEY"
            retry 5 yum_tool install -y nvidia-driver nvidia-container-toolkit
            ;;
        apt)
            apt_repository gpu "$GPU_REPOSITORY /" "$GPU_REPOSITORY_KEY"
            retry 8 apt_update
            retry 5 apt_tool install -qy nvidia-driver nvidia-container-toolkit
            ;;
    esac
    nvidia-smi >/dev/null || die "the GPU's driver does not answer"
    nvidia-ctk runtime configure --runtime="$RUNTIME" --set-as-default
    systemctl restart "$RUNTIME"
}
