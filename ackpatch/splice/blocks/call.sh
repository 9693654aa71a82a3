# ackpatch_kubelet: gives kubelet the four values; the script ends here if that fails. Without values: nothing.
ackpatch_kubelet() {
    if [ -n "$ackpatch_provider_id" ]; then
        ackpatch_apply "$@" || ackpatch_stop
    fi
    [ "${1-}" != keep ] || return "$2"
}
ackpatch_stop() {
    command printf 'ackpatch: kubelet was not given its values; the script ends here\n' >&2
    # In a pipeline or a subshell an exit would end only that: end the script's own process too.
    [ "$(exec sh -c 'echo "$PPID"')" = "$$" ] || kill -s TERM "$$"
    exit 1
}
# ackpatch_settle: the shell as our own code expects it; called in subshells only.
ackpatch_settle() {
    [ -z "${BASH_VERSION-}" ] || eval 'shopt -u nocasematch nullglob failglob'
    set +e +u +f +C
    unset IFS
    umask 022
    LC_ALL=C PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
    ACKPATCH_P=$ackpatch_provider_id ACKPATCH_N=$ackpatch_node_name ACKPATCH_L=$ackpatch_labels
    ACKPATCH_T=$ackpatch_taints ACKPATCH_I=${ackpatch_node_ip-}
    export LC_ALL PATH ACKPATCH_P ACKPATCH_N ACKPATCH_L ACKPATCH_T ACKPATCH_I
}
# ackpatch_units: the files of kubelet's unit as systemd reads them: the unit, then its drop-ins sorted by name.
ackpatch_units() {
    ack_found=
    for ack_folder in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
        if [ -z "$ack_found" ] && [ -f "$ack_folder/kubelet.service" ]; then
            ack_found=$ack_folder/kubelet.service
            command printf '%s\n' "$ack_found"
        fi
    done
    for ack_folder in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
        for ack_drop_in in "$ack_folder"/kubelet.service.d/*.conf; do
            if [ -f "$ack_drop_in" ]; then
                command printf '%s %s\n' "${ack_drop_in##*/}" "$ack_drop_in"
            fi
        done
    done | command sort -s -u -k 1,1 | while command read -r ack_name ack_path; do command printf '%s\n' "$ack_path"; done
}
# ackpatch_reads_file: succeeds where kubelet's command line takes KUBELET_EXTRA_ARGS from an environment file, and where
# no command line is there yet.
ackpatch_reads_file() {
    ack_text=$(ackpatch_units | while command read -r ack_one; do command cat "$ack_one" && command echo; done)
    command printf '%s\n' "$ack_text" | command grep -q '^[[:space:]]*ExecStart[[:space:]]*=[[:space:]]*[^[:space:]]' || return 0
    case $ack_text in
        *KUBELET_EXTRA_ARGS*) command printf '%s\n' "$ack_text" | command grep -q '^[[:space:]]*EnvironmentFile[[:space:]]*=.*/etc/[sd][a-z]*/kubelet' ;;
        *) return 1 ;;
    esac
}
# ackpatch_replace FILE: puts standard input in the file's place in one step; mode and owner stay.
ackpatch_replace() {
    # A link stays one, also when its target is not there yet.
    ack_target=$(command readlink -f "$1" || command readlink "$1") && [ -n "$ack_target" ] || ack_target=$1
    case $ack_target in /*) ;; *) ack_target=${1%/*}/$ack_target ;; esac
    command mkdir -p "${ack_target%/*}" || return 1
    ack_new=$(command mktemp "$ack_target.XXXXXX") || return 1
    if { [ ! -e "$ack_target" ] && command chmod 0644 "$ack_new"; } || { [ -e "$ack_target" ] && command cp -p "$ack_target" "$ack_new"; }; then
        if command cat >"$ack_new" && command mv -f "$ack_new" "$ack_target"; then
            return 0
        fi
    fi
    command rm -f "$ack_new"
    return 1
}
# The part of the awk programs that takes flags out of a text and unites lists; P, N, L, T, I are the checked values.
ackpatch_awk='
function key_of(item, kind) {
    if (kind == "label") { sub(/=.*/, "", item); return item }
    kind = item; sub(/[=:].*/, "", item); sub(/.*:/, "", kind); return item ":" kind
}
function unite(kind, old, new,    n, i, j, list, out) {
    n = split(old "," new, list, ","); out = ""
    for (i = 1; i <= n; i++) {
        if (list[i] == "") continue
        for (j = i + 1; j <= n; j++) if (list[j] != "" && key_of(list[j], kind) == key_of(list[i], kind)) break
        if (j > n) out = out (out == "" ? "" : ",") list[i]
    }
    return out
}
function ours(name) {
    if (name == "provider-id") return ENVIRON["ACKPATCH_P"]
    if (name == "hostname-override") return ENVIRON["ACKPATCH_N"]
    if (name == "node-labels") return ENVIRON["ACKPATCH_L"]
    if (name == "register-with-taints") return ENVIRON["ACKPATCH_T"]
    if (name == "node-ip") return ENVIRON["ACKPATCH_I"]
    return ""
}
function bare(text) { gsub(/^["\047]+|["\047]+$/, "", text); return text }
function strip(text,    out, word, lead, name, value, gap, at) {
    out = ""
    while (match(text, /[^ \t\n]+/)) {
        gap = substr(text, 1, RSTART - 1); word = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        # What stands before the flag in its word: a quote, or NAME= with a quote.
        match(word, /^["\047]*([A-Za-z_][A-Za-z0-9_]*=["\047]*)?/); lead = substr(word, 1, RLENGTH)
        name = substr(word, RLENGTH + 1); at = index(name, "="); value = at ? substr(name, at + 1) : ""
        if (at) name = substr(name, 1, at - 1)
        gsub(/_/, "-", name); name = bare(name)
        if (name !~ /^--/ || ours(substr(name, 3)) == "" || value ~ /\([^)]*$/) { out = out gap word; continue }
        name = substr(name, 3)
        if (!at && match(text, /^([ \t\n]|\\\n)+[^ \t\n]+/)) { value = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1); sub(/^([ \t\n]|\\\n)+/, "", value); word = lead value }
        if (name == "node-labels") labels = unite("label", labels, bare(value))
        if (name == "register-with-taints") taints = unite("taint", taints, bare(value))
        at = word ~ /["\047]$/ && value !~ /^["\047]/ ? substr(word, length(word)) : ""
        if (at != "" && lead == at) { lead = ""; at = "" }
        if (lead at != "" || gap ~ /\n/) out = out gap lead at
    }
    return out text
}
function flags(    out) {
    out = "--provider-id=" ENVIRON["ACKPATCH_P"]
    if (ENVIRON["ACKPATCH_N"] != "") out = out " --hostname-override=" ENVIRON["ACKPATCH_N"]
    if (ENVIRON["ACKPATCH_I"] != "") out = out " --node-ip=" ENVIRON["ACKPATCH_I"]
    if (ENVIRON["ACKPATCH_L"] != "") out = out " --node-labels=" unite("label", labels, ENVIRON["ACKPATCH_L"])
    if (ENVIRON["ACKPATCH_T"] != "") out = out " --register-with-taints=" unite("taint", taints, ENVIRON["ACKPATCH_T"])
    return out
}
'
