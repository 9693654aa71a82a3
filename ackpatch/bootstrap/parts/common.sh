# shellcheck shell=bash
log() { printf '%s %s\n' "$(date '+%F %T')" "$*"; }

die() {
    log "failed: $*" >&2
    exit 1
}

# retry TIMES COMMAND…: again and again with longer pauses; the last status counts.
retry() {
    local times=$1 pause=3 try=1
    shift
    until "$@"; do
        if [ "$try" -ge "$times" ]; then
            log "gave up after $try tries: $1" >&2
            return 1
        fi
        log "try $try of $times failed: $1; again in $pause s"
        sleep "$pause"
        try=$((try + 1))
        pause=$((pause * 2))
    done
}

# fetch URL FILE
fetch() { retry 5 curl -fsSL --connect-timeout 10 -o "$2" "$1"; }
