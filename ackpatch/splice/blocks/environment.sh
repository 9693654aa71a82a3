# The environment file that kubelet's unit reads: /etc/sysconfig/kubelet (RPM) or /etc/default/kubelet (DEB).
ackpatch_environment_file() {
    ack_file=$(ackpatch_units | while command read -r ack_unit; do command sed -n 's|^[[:space:]]*EnvironmentFile[[:space:]]*=[[:space:]]*-\{0,1\}\(/etc/[sd][a-z]*/kubelet\)[[:space:]]*$|\1|p' "$ack_unit"; done | command tail -n 1)
    if [ -z "$ack_file" ]; then
        if [ -e /etc/sysconfig/kubelet ]; then
            ack_file=/etc/sysconfig/kubelet
        elif [ -e /etc/default/kubelet ] || { [ ! -e /etc/redhat-release ] && command -v dpkg >/dev/null 2>&1; }; then
            ack_file=/etc/default/kubelet
        else
            ack_file=/etc/sysconfig/kubelet
        fi
    fi
    command printf '%s\n' "$ack_file"
}
# Puts the four flags into KUBELET_EXTRA_ARGS, behind what it holds: kubelet takes the last of two equal flags.
# Taints of a JoinConfiguration ("config FILE") and of kubeadm's own flags would be lost: the last
# --register-with-taints replaces all.
ackpatch_environment() (
    ackpatch_settle
    if ! ackpatch_reads_file; then
        command printf 'ackpatch: kubelet reads no KUBELET_EXTRA_ARGS from an environment file here; patch with --mode binary\n' >&2
        return 1
    fi
    ack_file=$(ackpatch_environment_file)
    # An environment file beats Environment= of the unit as soon as it has the variable: start from that value then.
    ack_unit=$(ackpatch_units | while command read -r ack_path; do command awk "$ackpatch_own" "$ack_path"; done | command tail -n 1)
    # Of two files that are read, the value of the one before would be beaten by ours too.
    for ack_other in /etc/sysconfig/kubelet /etc/default/kubelet; do
        if [ "$ack_other" != "$ack_file" ] && [ -f "$ack_other" ] && ackpatch_units | while command read -r ack_path; do command cat "$ack_path"; done | command grep -q "^[[:space:]]*EnvironmentFile[[:space:]]*=.*$ack_other"; then
            ack_text=$(ACKPATCH_PRINT=1 command awk "$ackpatch_awk$ackpatch_variable" "$ack_other") || return 1
            ack_unit=${ack_text:-$ack_unit}
        fi
    done
    ack_taints=
    if [ "${1-}" = config ] && [ -f "${2-}" ]; then
        ack_taints=$(command awk "$ackpatch_join_config" "$2") || return 1
    fi
    if [ -f /var/lib/kubelet/kubeadm-flags.env ]; then
        ack_taints=$ack_taints,$(command sed -n 's/.*--register-with-taints[= ]\([^ "]*\).*/\1/p' /var/lib/kubelet/kubeadm-flags.env)
    fi
    ack_old=
    if [ -e "$ack_file" ]; then
        ack_old=$(command cat "$ack_file" && command echo .) || return 1
        ack_old=${ack_old%.}
    fi
    ack_new=$(command printf '%s' "$ack_old" | ACKPATCH_UNIT=$ack_unit ACKPATCH_TAINTS=$ack_taints command awk "$ackpatch_awk$ackpatch_variable" && command echo .) || return 1
    ack_new=${ack_new%.}
    if [ "$ack_old" != "$ack_new" ]; then
        command printf '%s' "$ack_new" | ackpatch_replace "$ack_file" || return 1
    fi
)
# KUBELET_EXTRA_ARGS as Environment= of a unit sets it.
ackpatch_own='
function take(row,    mark, rest, end) {
    if (row ~ /^[ \t]*\[/) service = row ~ /\[Service\]/
    if (!service || !sub(/^[ \t]*Environment[ \t]*=[ \t]*/, "", row)) return
    if (row == "") { value = ""; seen = 1 }
    row = " " row
    while (match(row, /[ \t]["\047]?KUBELET_EXTRA_ARGS=/)) {
        mark = substr(row, RSTART + 1, 1); row = substr(row, RSTART + RLENGTH); seen = 1
        end = mark ~ /["\047]/ ? index(row, mark) : match(row, /[ \t]/); value = end ? substr(row, 1, end - 1) : row
    }
}
{ sub(/\r$/, ""); whole = whole $0; if (sub(/\\$/, " ", whole)) next; take(whole); whole = "" }
END { take(whole); if (seen) print value }
'
# Reads the file by systemd's rules: the last assignment counts, quotes count at the start of the value only,
# a backslash before the end of the line continues it. Writes one line in the place of the last assignment.
ackpatch_variable='
function decode(raw,    i, c, state, out, white) {
    state = "start"; out = ""; white = ""; quote = ""
    for (i = 1; i <= length(raw); i++) {
        c = substr(raw, i, 1)
        if (state == "start" && (c == " " || c == "\t")) continue
        if (state == "start" && (c == "\"" || c == "\047")) { state = c; quote = c; continue }
        if (state == "\"" || state == "\047") {
            if (c == state) { state = "start"; continue }
            if (c == "\\" && state == "\"") { i++; c = substr(raw, i, 1); if (c == "\n") continue; if (c !~ /["\\`$]/) out = out "\\" }
            out = out c; continue
        }
        state = "plain"
        if (c == "\\") { i++; c = substr(raw, i, 1); if (c != "\n") { out = out white c; white = "" } continue }
        if (c == " " || c == "\t") { white = white c; continue }
        out = out white c; white = ""
    }
    return out
}
function open_value(raw,    i, c, state) {
    state = "start"
    for (i = 1; i <= length(raw); i++) {
        c = substr(raw, i, 1)
        if (state == "\"" || state == "\047") { if (c == "\\" && state == "\"") i++; else if (c == state) state = "start"; if (i > length(raw)) return 1; continue }
        if (c == "\\") { if (i == length(raw)) return 1; i++; state = "plain"; continue }
        if (state == "start" && (c == "\"" || c == "\047")) state = c
        else if (c != " " && c != "\t") state = "plain"
    }
    return state == "\"" || state == "\047"
}
function encode(value) {
    if (value !~ /["\\]/ && quote == "\"") return "\"" value "\""
    if (value !~ /[\047\\]/ && quote == "\047") return "\047" value "\047"
    if (value !~ /^["\047]/ && value !~ /\\/) return value
    gsub(/\\/, "&&", value); gsub(/"/, "\\\"", value); return "\"" value "\""
}
{ line[++n] = $0; sub(/\r$/, "") }
open {
    raw = raw "\n" $0; open = open_value(raw)
    if (mine) { line[n] = ""; gone[n] = 1 }
    if (mine && !open) take()
    next
}
/^[ \t]*[#;]/ || !/=/ { next }
{
    mine = $0 ~ /^[ \t]*KUBELET_EXTRA_ARGS[ \t]*=/
    raw = $0; sub(/^[^=]*=/, "", raw); open = open_value(raw)
    if (mine) { gone[n] = 1; place = n }
    if (mine && !open) take()
}
function take() { count++; value = decode(raw); kept = quote }
END {
    if (open && mine) take()
    if (ENVIRON["ACKPATCH_PRINT"]) { print value; exit }
    taints = ENVIRON["ACKPATCH_TAINTS"]
    # What only an earlier call put there stands in the way of the unit.
    if (!count || (value == flags() && ENVIRON["ACKPATCH_UNIT"] != "")) { value = ENVIRON["ACKPATCH_UNIT"]; kept = value ~ / / ? "\"" : "" }
    value = strip(value); sub(/[ \t]+$/, "", value); sub(/^[ \t]+/, "", value); quote = kept
    new = "KUBELET_EXTRA_ARGS=" encode(value (value == "" ? "" : " ") flags())
    # A quote that is never closed takes all that follows: only the first line is safe then.
    if (open && !mine && raw !~ /\\$/) { print new; new = "" }
    else if (!place) place = n + 1
    for (i = 1; i <= n + 1; i++) {
        if (i == place && new != "") { if (line[i - 1] ~ /\\$/) print ""; print new }
        else if (i <= n && !gone[i]) print line[i]
    }
}
'
