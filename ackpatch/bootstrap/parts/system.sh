# shellcheck shell=bash
# Which family of distributions this is; sets $FAMILY, $OS_ID, $OS_CODENAME and $EL_MAJOR.
find_system() {
    local ID='' ID_LIKE='' VERSION_ID='' VERSION_CODENAME=''
    # shellcheck source=/dev/null
    . /etc/os-release
    OS_ID=$ID
    OS_CODENAME=$VERSION_CODENAME
    EL_MAJOR=${VERSION_ID%%.*}
    # Alibaba Cloud Linux counts for itself.
    if [ "$ID" = alinux ]; then
        EL_MAJOR=$((EL_MAJOR + 5))
    fi
    case " $ID $ID_LIKE " in
        *' debian '* | *' ubuntu '*) FAMILY=apt ;;
        *' rhel '* | *' centos '* | *' fedora '* | *' alinux '* | *' anolis '*) FAMILY=yum ;;
        *) die "no known family of distributions: $ID" ;;
    esac
    case " $FAMILIES " in
        *" $FAMILY "*) log "system: $OS_ID, packages by $FAMILY" ;;
        *) die "this script was made for $FAMILIES, and $OS_ID installs packages by $FAMILY" ;;
    esac
}

# has_gpu: the kernel's own list says so, and lspci where it is there.
has_gpu() {
    local device
    for device in /sys/bus/pci/devices/*; do
        [ -r "$device/vendor" ] || continue
        # NVIDIA's number; classes that begin with 03 are displays and 3D controllers.
        if [ "$(cat "$device/vendor")" = 0x10de ] && [[ $(cat "$device/class") == 0x03* ]]; then
            return 0
        fi
    done
    if command -v lspci >/dev/null; then
        case $(lspci) in
            *NVIDIA* | *nvidia*) return 0 ;;
        esac
    fi
    return 1
}
