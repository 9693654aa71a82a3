# Puts the four flags into the ExecStart= that systemd uses for kubelet, behind the program's name, takes older ones
# out of it and of the environment files that it names, and reloads the units.
ackpatch_unit() (
    ackpatch_settle
    units=$(ackpatch_units)
    target=$(for file in $units; do
        command awk '/^[ \t]*ExecStart[ \t]*=[ \t]*[^ \t]/ { found = 1 } END { exit !found }' "$file" && printf '%s\n' "$file"
    done | command tail -n 1)
    if [ -z "$target" ]; then
        printf 'ackpatch: no ExecStart= was found for kubelet\n' >&2
        return 1
    fi
    TAINTS='' LABELS=''
    for file in $(for unit in $units; do command sed -n 's/^[ \t]*EnvironmentFile[ \t]*=[ \t]*-\{0,1\}//p' "$unit"; done) $units; do
        [ -f "$file" ] || continue
        LABELS=$LABELS,$(PART=labels FILE=$file TARGET=$target command awk "$ackpatch_awk$ackpatch_execstart" "$file") || return 1
        TAINTS=$TAINTS,$(PART=taints FILE=$file TARGET=$target command awk "$ackpatch_awk$ackpatch_execstart" "$file") || return 1
    done
    export TAINTS LABELS
    for file in $(for unit in $units; do command sed -n 's/^[ \t]*EnvironmentFile[ \t]*=[ \t]*-\{0,1\}//p' "$unit"; done) $units; do
        [ -f "$file" ] || continue
        new=$(PART=text FILE=$file TARGET=$target command awk "$ackpatch_awk$ackpatch_execstart" "$file" && echo .) || return 1
        if [ "${new%.}" != "$(command cat "$file")
" ]; then
            printf '%s' "${new%.}" | ackpatch_replace "$file" || return 1
        fi
    done
    command systemctl daemon-reload
)
# Prints one file with older flags taken out (PART=text), or the labels or taints that they held.
ackpatch_execstart='
function program(text,    head, word, seen) {
    # The place behind the program: the first word whose last component is kubelet, also inside sh -c "...".
    head = ""; seen = 0
    while (match(text, /[^ \t\n]+/)) {
        head = head substr(text, 1, RSTART + RLENGTH - 1); word = bare(substr(text, RSTART, RLENGTH)); text = substr(text, RSTART + RLENGTH)
        sub(/^[-@+!:]+/, "", word); sub(/^["\047]+/, "", word)
        if (word ~ /(^|\/)kubelet[^\/: ]*$/ && word !~ /^-/ && word !~ /=/) return length(head) - closing(head)
        if (++seen == 1 && word !~ /(^|\/)(sh|bash|dash|env|nice|ionice|taskset|numactl|hyperkube|nsenter)$/) return 0
    }
    return 0
}
function closing(head) { return head ~ /["\047]$/ ? 1 : 0 }
function finish(    at, before) {
    if (!inside) return
    before = value; value = strip(value)
    if (kind == "exec" && last[FILENAME] == number && ENVIRON["FILE"] == ENVIRON["TARGET"] && ENVIRON["PART"] == "text") {
        match(value, /^[ \t]*ExecStart[ \t]*=[ \t]*/); key = substr(value, 1, RLENGTH); value = substr(value, RLENGTH + 1)
        at = program(value)
        if (!at) { print "ackpatch: the program in ExecStart= is not kubelet" > "/dev/stderr"; failed = 1 }
        labels = ENVIRON["LABELS"]; taints = ENVIRON["TAINTS"]
        value = key substr(value, 1, at) " " flags() substr(value, at + 1)
    }
    text = text value "\n"; inside = 0
}
BEGIN {
    while ((getline row < ENVIRON["FILE"]) > 0) if (row ~ /^[ \t]*ExecStart[ \t]*=[ \t]*[^ \t]/) total++
    last[ENVIRON["FILE"]] = total
}
inside && /^[ \t]*[#;]/ && kind == "exec" { value = value "\n" $0; next }
inside { value = value "\n" $0; if ($0 !~ /\\$/) finish(); next }
/^[ \t]*ExecStart[ \t]*=[ \t]*[^ \t]/ { kind = "exec"; number++; inside = 1 }
/^[ \t]*(Environment[ \t]*=|[A-Z_0-9]+=)/ && !inside && !/^[ \t]*[#;]/ { kind = "variable"; inside = 1 }
inside { value = $0; if ($0 !~ /\\$/) finish(); next }
{ text = text $0 "\n" }
END {
    finish()
    if (ENVIRON["PART"] == "text") printf "%s", text
    if (ENVIRON["PART"] == "labels") printf "%s", labels
    if (ENVIRON["PART"] == "taints") printf "%s", taints
    exit failed
}
'
