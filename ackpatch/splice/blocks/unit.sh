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
    ACKPATCH_TAINTS='' ACKPATCH_LABELS='' ACKPATCH_EMPTY=''
    for ack_file in $(for ack_unit in $ack_units; do command sed -n 's/^[ \t]*EnvironmentFile[ \t]*=[ \t]*-\{0,1\}//p' "$ack_unit"; done) $ack_units; do
        [ -f "$ack_file" ] || continue
        ACKPATCH_LABELS=$ACKPATCH_LABELS,$(ACKPATCH_PART=labels ACKPATCH_FILE=$ack_file ACKPATCH_TARGET=$ack_target command awk "$ackpatch_awk$ackpatch_execstart" "$ack_file") || return 1
        ACKPATCH_TAINTS=$ACKPATCH_TAINTS,$(ACKPATCH_PART=taints ACKPATCH_FILE=$ack_file ACKPATCH_TARGET=$ack_target command awk "$ackpatch_awk$ackpatch_execstart" "$ack_file") || return 1
    done
    for ack_file in $(for ack_unit in $ack_units; do command sed -n 's/^[ \t]*EnvironmentFile[ \t]*=[ \t]*-\{0,1\}//p' "$ack_unit"; done) $ack_units; do
        [ -f "$ack_file" ] || continue
        ACKPATCH_EMPTY=$ACKPATCH_EMPTY$(ACKPATCH_PART=empty ACKPATCH_FILE=$ack_file ACKPATCH_TARGET=$ack_target command awk "$ackpatch_awk$ackpatch_execstart" "$ack_file") || return 1
    done
    export ACKPATCH_TAINTS ACKPATCH_LABELS ACKPATCH_EMPTY
    for ack_file in $(for ack_unit in $ack_units; do command sed -n 's/^[ \t]*EnvironmentFile[ \t]*=[ \t]*-\{0,1\}//p' "$ack_unit"; done) $ack_units; do
        [ -f "$ack_file" ] || continue
        ack_new=$(ACKPATCH_PART=text ACKPATCH_FILE=$ack_file ACKPATCH_TARGET=$ack_target command awk "$ackpatch_awk$ackpatch_execstart" "$ack_file" && echo .) || return 1
        if [ "${ack_new%.}" != "$(command cat "$ack_file")
" ]; then
            command printf '%s' "${ack_new%.}" | ackpatch_replace "$ack_file" || return 1
        fi
    done
    command systemctl daemon-reload
)
# Prints one file with older flags taken out (ACKPATCH_PART=text), or the labels or taints that they held.
ackpatch_execstart='
function program(text,    head, word, seen, last_word, boxed) {
    # The place behind the program: the first word whose last component is kubelet, also inside sh -c "...". In a
    # container command it is the one behind the image, never the value of an option.
    head = ""; seen = 0; boxed = 0; last_word = ""
    while (match(text, /[^ \t\n]+/)) {
        head = head substr(text, 1, RSTART + RLENGTH - 1); word = bare(substr(text, RSTART, RLENGTH)); text = substr(text, RSTART + RLENGTH)
        sub(/^[-@+!:]+/, "", word); sub(/^["\047]+/, "", word)
        if (word ~ /(^|\/)kubelet[^\/: ]*$/ && word !~ /^-/ && word !~ /=/ && !(boxed && last_word ~ /^-/)) return length(head) - closing(head)
        if (word ~ /(^|\/)(docker|podman|nerdctl|rkt|systemd-run)$/) boxed = 1
        else if (++seen == 1 && !boxed && word !~ /(^|\/)(sh|bash|dash|env|nice|ionice|taskset|numactl|hyperkube|nsenter|exec)$/) return 0
        last_word = word
    }
    return 0
}
function closing(head) { return head ~ /["\047]$/ ? 1 : 0 }
function finish(    at, before) {
    if (!inside) return
    before = value; value = strip(value)
    if (kind == "variable" && value != before && value ~ /=["\047]*[ \t]*["\047]*$/) { sub(/=.*/, "", before); sub(/.*["\047 \t]/, "", before); empty = empty " " before }
    if (kind == "exec" && last[FILENAME] == number && ENVIRON["ACKPATCH_FILE"] == ENVIRON["ACKPATCH_TARGET"] && ENVIRON["ACKPATCH_PART"] == "text") {
        match(value, /^[ \t]*ExecStart[ \t]*=[ \t]*/); key = substr(value, 1, RLENGTH); value = substr(value, RLENGTH + 1)
        at = program(value)
        if (!at) { print "ackpatch: the program in ExecStart= is not kubelet" > "/dev/stderr"; failed = 1 }
        labels = ENVIRON["ACKPATCH_LABELS"]; taints = ENVIRON["ACKPATCH_TAINTS"]
        value = substr(value, 1, at) " " flags() substr(value, at + 1)
        # ${NAME} is a word also when the variable holds nothing any more.
        n = split(ENVIRON["ACKPATCH_EMPTY"], names, " ")
        for (i = 1; i <= n; i++) while ((at = index(value, "${" names[i] "}")) > 0) value = substr(value, 1, at - 1) substr(value, at + length(names[i]) + 3)
        value = key value
    }
    text = text value "\n"; inside = 0
}
BEGIN {
    while ((getline row < ENVIRON["ACKPATCH_FILE"]) > 0) if (row ~ /^[ \t]*ExecStart[ \t]*=[ \t]*[^ \t]/) total++
    last[ENVIRON["ACKPATCH_FILE"]] = total
}
inside && /^[ \t]*[#;]/ && kind == "exec" { value = value "\n" $0; next }
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
