# shellcheck shell=bash
# A GPU without its driver gives a node that looks well and runs nothing: better no node.
check_gpu() {
    if has_gpu; then
        die "this instance has a GPU, and the script was made without --gpu"
    fi
}
