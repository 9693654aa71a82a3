# shellcheck shell=bash
# Packages by apt.
export DEBIAN_FRONTEND=noninteractive

# On a first boot others install packages too: wait for them.
apt_tool() { apt-get -o DPkg::Lock::Timeout=600 "$@"; }

# apt-get update ends well although it could fetch nothing.
apt_update() {
    local told
    told=$(LC_ALL=C apt-get update -q 2>&1) || {
        echo "$told" >&2
        return 1
    }
    case $told in
        *'Failed to fetch'* | *'failed to download'*)
            echo "$told" >&2
            return 1
            ;;
    esac
}

# apt_repository NAME "URL SUITE" KEY
apt_repository() {
    mkdir -p /etc/apt/keyrings
    fetch "$3" "/tmp/$1.key"
    gpg --dearmor --yes -o "/etc/apt/keyrings/$1.gpg" <"/tmp/$1.key"
    echo "deb [signed-by=/etc/apt/keyrings/$1.gpg] $2" >"/etc/apt/sources.list.d/$1.list"
}

apt_setup() {
    retry 8 apt_update
    retry 5 apt_tool install -qy ca-certificates curl gpg
    apt_repository kubernetes "$APT_KUBERNETES" "$APT_KUBERNETES_KEY"
    apt_repository docker-ce "$APT_DOCKER/$OS_ID $OS_CODENAME stable" "$APT_DOCKER/$OS_ID/gpg"
    retry 8 apt_update
}

# apt_version PACKAGE VERSION: the package's own spelling of a version.
apt_version() {
    local found
    found=$(apt-cache madison "$1" | awk -F'|' -v wanted="$2" '
        { gsub(/ /, "", $2); bare = $2; sub(/^[0-9]+:/, "", bare) }
        index(bare, wanted) == 1 && substr(bare, length(wanted) + 1, 1) !~ /[0-9]/ { print $2; exit }')
    [ -n "$found" ] || die "no package $1 of version $2 in the repository"
    echo "$found"
}

# apt_install PACKAGE VERSION
apt_install() {
    local version
    version=$(apt_version "$1" "$2")
    retry 5 apt_tool install -qy --allow-downgrades --allow-change-held-packages "$1=$version"
}

apt_kubernetes() {
    local version
    version=$(apt_version kubeadm "$KUBE_VERSION")
    retry 5 apt_tool install -qy --allow-downgrades --allow-change-held-packages "kubelet=$version" "kubeadm=$version" "kubectl=$version"
    # Held at this version: an update would pull the node away from the control plane.
    apt-mark hold kubelet kubeadm kubectl
}
