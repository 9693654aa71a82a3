# The environment file that kubelet's unit reads: /etc/sysconfig/kubelet (RPM) or /etc/default/kubelet (DEB).
ackpatch_environment_file() {
    file=$(ackpatch_units | while read -r unit; do command sed -n 's|^[ \t]*EnvironmentFile[ \t]*=[ \t]*-\{0,1\}\(/etc/[sd][a-z]*/kubelet\)[ \t]*$|\1|p' "$unit"; done | command tail -n 1)
    if [ -z "$file" ]; then
        if [ -e /etc/sysconfig/kubelet ]; then
            file=/etc/sysconfig/kubelet
        elif [ -e /etc/default/kubelet ] || { [ ! -e /etc/redhat-release ] && command -v dpkg >/dev/null 2>&1; }; then
            file=/etc/default/kubelet
        else
            file=/etc/sysconfig/kubelet
        fi
    fi
    printf '%s\n' "$file"
}
# Puts the four flags into KUBELET_EXTRA_ARGS, behind what it holds: kubelet takes the last of two equal flags.
# Taints of a JoinConfiguration ("config FILE") and of kubeadm's own flags would be lost: the last
# --register-with-taints replaces all.
ackpatch_environment() (
    ackpatch_settle
    file=$(ackpatch_environment_file)
    # An environment file beats Environment= of the unit as soon as it has the variable: start from that value then.
    unit=$(ackpatch_units | while read -r path; do command awk "$ackpatch_own" "$path"; done | command tail -n 1)
    taints=
    if [ "${1-}" = config ] && [ -f "${2-}" ]; then
        taints=$(command awk "$ackpatch_join_config" "$2") || return 1
    fi
    if [ -f /var/lib/kubelet/kubeadm-flags.env ]; then
        taints=$taints,$(command sed -n 's/.*--register-with-taints[= ]\([^ "]*\).*/\1/p' /var/lib/kubelet/kubeadm-flags.env)
    fi
    old=
    if [ -e "$file" ]; then
        old=$(command cat "$file" && echo .) || return 1
        old=${old%.}
    fi
    new=$(printf '%s' "$old" | UNIT=$unit TAINTS=$taints command awk "$ackpatch_awk$ackpatch_variable" && echo .) || return 1
    new=${new%.}
    if [ "$old" != "$new" ]; then
        printf '%s' "$new" | ackpatch_replace "$file" || return 1
    fi
)
# KUBELET_EXTRA_ARGS as Environment= of a unit sets it.
ackpatch_own='
/^[ \t]*\[/ { service = $0 ~ /\[Service\]/; next }
service && /^[ \t]*Environment[ \t]*=/ && match($0, /["\047]?KUBELET_EXTRA_ARGS=/) {
    mark = substr($0, RSTART, 1); rest = substr($0, RSTART + RLENGTH)
    end = mark ~ /["\047]/ ? index(rest, mark) : match(rest, /[ \t]/); print end ? substr(rest, 1, end - 1) : rest
}
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
{
    if (open) { raw = raw "\n" $0; open = open_value(raw); if (!open) { count++; value = decode(raw); kept = quote }; next }
    if ($0 ~ /^[ \t]*KUBELET_EXTRA_ARGS[ \t]*=/) {
        raw = $0; sub(/^[ \t]*KUBELET_EXTRA_ARGS[ \t]*=/, "", raw); line[++n] = ""; place = n; open = open_value(raw)
        if (!open) { count++; value = decode(raw); kept = quote }
        next
    }
    line[++n] = $0; text[n] = 1
}
END {
    if (open) { count++; value = decode(raw); kept = quote }
    if (!count) { value = ENVIRON["UNIT"]; kept = value ~ / / ? "\"" : "" }
    if (!place) { place = ++n }
    taints = ENVIRON["TAINTS"]; value = strip(value); sub(/[ \t]+$/, "", value); sub(/^[ \t]+/, "", value); quote = kept
    line[place] = "KUBELET_EXTRA_ARGS=" encode(value (value == "" ? "" : " ") flags()); text[place] = 1
    for (i = 1; i <= n; i++) if (text[i]) print line[i]
}
'
