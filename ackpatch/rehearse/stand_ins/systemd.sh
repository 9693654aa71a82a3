# shellcheck shell=sh
# What systemd does with units, as far as it matters to what kubelet gets. Sourced after common.sh, which sets $base and
# $claimed; $unit is for who sources this.
# shellcheck disable=SC2034,SC2154
unit_folders='/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system'
state=$base/state

# unit_name WORD: sets $unit.
unit_name() {
    case $1 in
    */*)
        # A unit by its path is linked first.
        [ -e "/etc/systemd/system/${1##*/}" ] || ln -s "$1" /etc/systemd/system/
        set -- "${1##*/}"
        ;;
    esac
    case $1 in
    *.service | *.target | *.socket | *.timer | *.mount | *.swap | *.path | *.slice | *.device | *.scope) unit=$1 ;;
    *) unit=$1.service ;;
    esac
    # A link to another unit is that unit under another name.
    for _ in 1 2 3 4; do
        unit_path "$unit" && [ -L "$path" ] || break
        path=$(readlink "$path")
        case ${path##*/} in
        "$unit" | null | *@.*) break ;;
        *.service | *.target | *.socket | *.timer | *.path) unit=${path##*/} ;;
        *) break ;;
        esac
    done
}

# Kubelet's unit must be there to be used; any other is taken to be there (docker, firewalld, chronyd …).
is_assumed() {
    [ "$1" != kubelet.service ]
}

# unit_path UNIT: sets $path to the fragment on disk, fails when there is none.
unit_path() {
    for folder in $unit_folders; do
        path=$folder/$1
        if [ -e "$path" ] || [ -L "$path" ]; then
            return 0
        fi
    done
    path=
    case $1 in *@?*.*) unit_path "${1%%@*}@.${1##*.}" ;; *) return 1 ;; esac
}

# Copy all unit folders as they are now; sets $snapshot. What links to /dev/null is masked and becomes an empty file.
take_snapshot() {
    claim snapshots
    snapshot=$claimed
    for folder in $unit_folders; do
        [ -d "$folder" ] || continue
        mkdir -p "$base/snapshots/$snapshot$folder"
        cp -rL "$folder/." "$base/snapshots/$snapshot$folder" 2>/dev/null
        for link in "$folder"/* "$folder"/*.d/*; do
            if [ -L "$link" ] && [ "$(readlink "$link")" = /dev/null ]; then
                mkdir -p "$base/snapshots/$snapshot${link%/*}"
                : >"$base/snapshots/$snapshot$link"
            fi
        done
    done
    if unit_path kubelet.service && [ ! -e /etc/init.d/kubelet ] && [ -d /etc/init.d ]; then
        cp "$base/stand-ins/service" /etc/init.d/kubelet
    fi
}

snapshot_has() {
    for folder in $unit_folders; do
        [ -e "$base/snapshots/$snapshot$folder/$1" ] && return 0
    done
    case $1 in *@?*.*) snapshot_has "${1%%@*}@.${1##*.}" ;; *) return 1 ;; esac
}

daemon_reload() {
    take_snapshot
    rm -f "$state"/loaded.*
    echo "$snapshot" >"$state/base"
}

# find_snapshot UNIT: sets $snapshot to what systemd knows of the unit. A unit is read at daemon-reload, else at its
# first use; one that was not found is looked for again.
find_snapshot() {
    if [ -e "$state/loaded.$1" ]; then
        read -r snapshot <"$state/loaded.$1"
        return 0
    fi
    if [ -e "$state/base" ]; then
        read -r snapshot <"$state/base"
        snapshot_has "$1" && return 0
    fi
    unit_path "$1" || return 1
    take_snapshot
    snapshot_has "$1" || return 1
    echo "$snapshot" >"$state/loaded.$1"
}

# keep_environment START UNIT: the environment files that units name, as they are at this moment.
keep_environment() {
    grep -rhs '^[[:space:]]*EnvironmentFile[[:space:]]*=' "$base/starts/$1" |
        sed "s/^[^=]*=[[:space:]]*-\{0,1\}//; s/[[:space:]]*\$//; s/%[Npj]/${2%.*}/g; s/%n/$2/g" | while read -r named; do
        for file in $named; do
            [ -f "$file" ] || continue
            mkdir -p "$base/starts/$1${file%/*}"
            cp -L "$file" "$base/starts/$1$file"
        done
    done
}

# started UNIT: what a service brings with it once it runs: a runtime's socket, the listed modules and settings.
started() {
    : >"$state/active.$1"
    case $1 in
    docker.service) ask socket docker.service && ask socket containerd.service ;;
    containerd.service | cri-docker.service | cri-docker.socket | crio.service) ask socket "$1" ;;
    systemd-modules-load.service)
        # shellcheck source=modules.sh
        . "$base/stand-ins/modules.sh"
        load_listed
        ;;
    systemd-sysctl.service) "$base/stand-ins/sysctl" --system ;;
    esac
}

# start_unit HOW UNIT: exit status as systemctl's; the number of the start is in $start.
start_unit() {
    start=
    if ! find_snapshot "$2"; then
        if is_assumed "$2"; then
            started "$2"
            start_wanted "$1" "$2" ''
            return 0
        fi
        record unit "$$" "$1" "$2" ''
        echo "Failed to start $2: Unit $2 not found." >&2
        return 5
    fi
    claim starts
    start=$claimed
    cp -r "$base/snapshots/$snapshot/." "$base/starts/$start"
    keep_environment "$start" "$2"
    record unit "$$" "$1" "$2" "$start"
    if is_masked "$2"; then
        echo "Failed to start $2: Unit $2 is masked." >&2
        return 1
    fi
    run_wrapper "$2"
    started "$2"
    : >"$state/started.$2"
    start_wanted "$1" "$2" "$base/starts/$start"
}

# start_wanted HOW UNIT ROOT: the units that another one than kubelet's asks for, where they do not run already.
start_wanted() {
    [ "$2" != kubelet.service ] || return 0
    for wanted in $(for folder in $unit_folders; do
        cat "$3$folder/$2" "$3$folder/$2".d/*.conf 2>/dev/null
    done | sed -n 's/^[[:space:]]*\(Wants\|Requires\|BindsTo\|Upholds\)[[:space:]]*=//p'); do
        [ -e "$state/active.$wanted" ] || (start_unit "$1" "$wanted")
    done
}

is_masked() {
    for folder in $unit_folders; do
        if [ -e "$base/starts/$start$folder/$1" ]; then
            [ ! -s "$base/starts/$start$folder/$1" ]
            return
        fi
    done
    return 1
}

# enable_unit UNIT: the links that its [Install] section asks for.
enable_unit() {
    if ! unit_path "$1"; then
        if is_assumed "$1"; then
            : >"$state/enabled.$1"
            return 0
        fi
        echo "Failed to enable unit: Unit file $1 does not exist." >&2
        return 1
    fi
    source=$path
    wanted_by=$(sed -n 's/^[[:space:]]*WantedBy[[:space:]]*=//p' "$source")
    for wanted in $wanted_by; do
        if [ ! -L "/etc/systemd/system/$wanted.wants/$1" ]; then
            mkdir -p "/etc/systemd/system/$wanted.wants"
            ln -s "$source" "/etc/systemd/system/$wanted.wants/$1"
            echo "Created symlink /etc/systemd/system/$wanted.wants/$1 → $source." >&2
        fi
        : >"$state/enabled.$1"
    done
}

disable_unit() {
    rm -f /etc/systemd/system/*.wants/"$1" "$state/enabled.$1"
}

# run_wrapper UNIT: a unit whose program is a shell or a script is run for real, up to the kubelet that it calls.
run_wrapper() {
    grep -rhs '^[[:space:]]*ExecStart[[:space:]]*=[[:space:]]*[^[:space:]]' "$base/starts/$start" |
        grep -qv '^[^=]*=[[:space:]]*[-@:+!]*[^[:space:]]*kubelet\([[:space:]]\|$\)' || return 0
    wrapper=$(ask wrapper "$start" "$1")
    [ -z "$wrapper" ] || eval "$wrapper" >/dev/null 2>&1 </dev/null
    return 0
}
