# shellcheck shell=bash
# A GPU without its driver gives a node that looks well and runs nothing: better no node.
check_gpu() {
    if command -v lspci >/dev/null && lspci | grep -qi nvidia; then
        die "this instance has a GPU, and the script was made without --gpu"
    fi
}
