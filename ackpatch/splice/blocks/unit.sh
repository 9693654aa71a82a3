# Puts the four flags into the ExecStart= that systemd uses for kubelet, behind the program's name, takes older ones
# out of it and of the environment files that it names, and reloads the units.
ackpatch_unit() (
    ackpatch_settle
    ack_units=$(ackpatch_units)
    ack_target=$(for ack_file in $ack_units; do
        command awk '/^[ \t]*ExecStart[ \t]*=[ \t]*[^ \t]/ { found = 1 } END { exit !found }' "$ack_file" && command printf '%s\n' "$ack_file"
    done | command tail -n 1)
    # No unit yet: there is nothing that a start could use.
    [ -n "$ack_units" ] || return 0
    if [ -z "$ack_target" ]; then
        command printf 'ackpatch: no ExecStart= was found for kubelet\n' >&2
        return 1
    fi
    ack_files=$(for ack_unit in $ack_units; do command sed -n 's/^[[:space:]]*EnvironmentFile[[:space:]]*=[[:space:]]*-\{0,1\}//p' "$ack_unit"; done) || return 1
    ack_files="$ack_files $ack_units"
    ACKPATCH_TARGET=$ack_target
    export ACKPATCH_TARGET
    # shellcheck disable=SC2086 # the list is split into words on purpose
    ACKPATCH_LABELS=$(ackpatch_each labels $ack_files) && ACKPATCH_TAINTS=$(ackpatch_each taints $ack_files) && ACKPATCH_EMPTY=$(ackpatch_each empty $ack_files) || return 1
    export ACKPATCH_LABELS ACKPATCH_TAINTS ACKPATCH_EMPTY
    for ack_file in $ack_files; do
        [ -f "$ack_file" ] || continue
        ack_new=$(ackpatch_part_of text "$ack_file" && command echo .) || return 1
        if [ "${ack_new%.}" != "$(command cat "$ack_file")
" ]; then
            command printf '%s' "${ack_new%.}" | ackpatch_replace "$ack_file" || return 1
        fi
    done
    command systemctl daemon-reload
)
ackpatch_part_of() {
    ACKPATCH_PART=$1 ACKPATCH_FILE=$2 command awk "$ackpatch_awk$ackpatch_execstart" "$2"
}
# ackpatch_each PART FILE...: what kubelet's unit, drop-ins and environment files hold of the labels, the taints, or the names of
# variables that are left empty.
ackpatch_each() {
    ack_part=$1
    shift
    for ack_each in "$@"; do
        if [ -f "$ack_each" ]; then
            ackpatch_part_of "$ack_part" "$ack_each" || return 1
            command echo ,
        fi
    done
}
# Prints one file with older flags taken out (ACKPATCH_PART=text), or the labels or taints that they held.
ackpatch_execstart='
function program(text,    head, raw, word, inner, seen, last_word, boxed) {
    # The place behind the program: the first word whose last component is kubelet, also inside sh -c "...". In a
    # container command it is the one behind the image, never the value of an option.
    head = ""; seen = 0; boxed = 0; last_word = ""
    while (match(text, /[^ \t\n]+/)) {
        raw = substr(text, RSTART, RLENGTH); head = head substr(text, 1, RSTART + RLENGTH - 1); text = substr(text, RSTART + RLENGTH)
        if (raw == "\\") continue
        if (last_word == "") sub(/^[-@+!:]+/, "", raw)
        word = bare(raw)
        # A closing quote that an earlier word opened stays behind the flags.
        inner = raw ~ /["\047]$/ && (raw !~ /^["\047]/ || last_word == "-c")
        if (word ~ /(^|\/)kubelet[^\/: ]*$/ && word !~ /^-/ && word !~ /=/ && !(boxed && last_word ~ /^-/)) return length(head) - inner
        if (word ~ /(^|\/)(docker|podman|nerdctl|rkt|systemd-run)$/) boxed = 1
        else if (++seen == 1 && !boxed && word !~ /(^|\/)(sh|bash|dash|env|nice|ionice|taskset|numactl|hyperkube|nsenter|exec)$/) return 0
        last_word = word
    }
    return 0
}
function finish(    at, before, mine) {
    if (!inside) return
    inside = 0; before = value
    mine = kind == "exec" && number == total && ENVIRON["ACKPATCH_FILE"] == ENVIRON["ACKPATCH_TARGET"]
    # Another ExecStart= than the one that counts is dead.
    if (mine || kind == "variable") value = strip(value)
    if (kind == "variable" && value != before && value ~ /=["\047]*[ \t]*["\047]*$/) { sub(/=.*/, "", before); sub(/.*["\047 \t]/, "", before); empty = empty " " before }
    if (mine && ENVIRON["ACKPATCH_PART"] == "text") {
        match(value, /^[ \t]*ExecStart[ \t]*=[ \t]*/); key = substr(value, 1, RLENGTH); value = substr(value, RLENGTH + 1)
        at = program(value)
        if (!at) { print "ackpatch: the program in ExecStart= is not kubelet" > "/dev/stderr"; failed = 1 }
        labels = ENVIRON["ACKPATCH_LABELS"]; taints = ENVIRON["ACKPATCH_TAINTS"]; gsub(/\n/, "", labels); gsub(/\n/, "", taints)
        value = key substr(value, 1, at) " " flags() substr(value, at + 1)
        # ${NAME} is a word also when the variable holds nothing any more.
        n = split(ENVIRON["ACKPATCH_EMPTY"], names, /[ ,\n]+/)
        for (i = 1; i <= n; i++) if (names[i] != "") while ((at = index(value, "${" names[i] "}")) > 0) value = substr(value, 1, at - 1) substr(value, at + length(names[i]) + 3)
    }
    for (i = 1; i <= comments; i++) { at = index(value, "\001" i "\001"); value = substr(value, 1, at - 1) comment[i] substr(value, at + length(i) + 2) }
    comments = 0; text = text value "\n"
}
BEGIN {
    while ((getline row < ENVIRON["ACKPATCH_FILE"]) > 0) if (row ~ /^[ \t]*ExecStart[ \t]*=[ \t]*[^ \t]/) total++
}
inside && /^[ \t]*[#;]/ && kind == "exec" { comment[++comments] = $0; value = value "\n\001" comments "\001"; next }
inside { value = value "\n" $0; if ($0 !~ /\\$/) finish(); next }
/^[ \t]*ExecStart[ \t]*=[ \t]*[^ \t]/ { kind = "exec"; number++; inside = 1 }
/^[ \t]*(Environment[ \t]*=|[A-Z_0-9]+=)/ && !inside && !/^[ \t]*[#;]/ { kind = "variable"; inside = 1 }
inside { value = $0; if ($0 !~ /\\$/) finish(); next }
{ text = text $0 "\n" }
END {
    finish()
    if (ENVIRON["ACKPATCH_PART"] == "text") printf "%s", text
    if (ENVIRON["ACKPATCH_PART"] == "labels") printf "%s", labels
    if (ENVIRON["ACKPATCH_PART"] == "taints") printf "%s", taints
    if (ENVIRON["ACKPATCH_PART"] == "empty") printf "%s", empty
    exit failed
}
'
