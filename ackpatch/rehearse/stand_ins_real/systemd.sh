# shellcheck shell=sh
# The same names as the model's systemd.sh, on the real systemd. Sourced after common.sh, which sets $base.
# shellcheck disable=SC2034,SC2154
# shellcheck source=../stand_ins/systemd.sh
. "$base/stand-ins/model-systemd.sh"
systemctl=/.host/usr/bin/systemctl

daemon_reload() {
    "$systemctl" daemon-reload
}

# is_real UNIT: kubelet's unit, and what the script has written; all else is taken to be there, as in the model.
is_real() {
    case $1 in kubelet.service) return 0 ;; esac
    for folder in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system; do
        [ ! -e "$folder/$1" ] || return 0
    done
    case $1 in *@?*.*) is_real "${1%%@*}@.${1##*.}" ;; *) return 1 ;; esac
}

# provide: a kubelet that the image would have is there, wherever the unit looks for it, as in the model.
provide() {
    program=$("$systemctl" show -p ExecStart --value kubelet.service 2>/dev/null)
    case $program in *'path='*) program=${program#*path=} program=${program%% *} ;; *) return 0 ;; esac
    case $program in
    */kubelet)
        [ -e "$program" ] || { mkdir -p "${program%/*}" && cp "$base/stand-ins/kubelet" "$program" && chmod 755 "$program"; }
        ;;
    esac
}

# start_unit HOW UNIT: waits until the kubelet that it starts has written down its arguments.
start_unit() {
    is_real "$2" || {
        started "$2"
        return 0
    }
    echo "$1" >"$state/how"
    provide
    before=$(cat "$state/runs" 2>/dev/null)
    start=real
    "$systemctl" restart "$2" 2>"$state/error"
    settle "$?" "$1" "$2"
}

# settle STATUS HOW UNIT: after a command that may have started kubelet; $before is what had been written then.
settle() {
    if [ "$1" -ne 0 ] && [ "$3" = kubelet.service ]; then
        cat "$state/error" >&2
        record failed "$$" "$2" "$(cat "$state/error")"
        return "$1"
    fi
    tries=0
    while [ "$3" = kubelet.service ] && [ "$(cat "$state/runs" 2>/dev/null)" = "$before" ] && [ "$tries" -lt 40 ]; do
        /.host/usr/bin/sleep 0.02
        tries=$((tries + 1))
    done
    return "$1"
}

enable_unit() {
    is_real "$1" || {
        : >"$state/enabled.$1"
        return 0
    }
    "$systemctl" enable "$1"
}

disable_unit() {
    ! is_real "$1" || "$systemctl" disable "$1"
}
