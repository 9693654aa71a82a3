ackpatch_node_name=${ALIBABA_CLOUD_NODE_NAME-}
ackpatch_kubelet() {
    # write or [start] [join] [node-ip] [keep] [TAINT...]: before kubelet's starts; puts the flags at the end of the
    # command line that systemd has, in the environment file read there, else in a drop-in; else the script ends.
    case ${ALIBABA_CLOUD_PROVIDER_ID-},${ackpatch_node_name-},${ALIBABA_CLOUD_LABELS-},${ALIBABA_CLOUD_TAINTS-} in
        ,,,) return 0 ;;
        ,* | *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/=:,-]*)
            printf 'ackpatch: ALIBABA_CLOUD_PROVIDER_ID is not set, or one of the four has an unsafe character\n' >&2
            exit 1
            ;;
    esac
    /usr/bin/env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin ID="$ALIBABA_CLOUD_PROVIDER_ID" \
        NAME="$ackpatch_node_name" LABELS="${ALIBABA_CLOUD_LABELS-}" TAINTS="${ALIBABA_CLOUD_TAINTS-}" WORDS=" $* " \
        /bin/sh -euc "umask 022 && text=\$(cat) && eval \"\$text\"" <<'ACKPATCH' || exit 1
case $WORDS in *' keep '*) # for shells that start later
    mkdir -p /var/lib/ackpatch
    echo "${NAME:+--node-name=$NAME}" >/var/lib/ackpatch/node-name
    { export -p && printf 'WORDS=" $* "\n%s\n' "$text"; } >/var/lib/ackpatch/new
    mv -f /var/lib/ackpatch/new /var/lib/ackpatch/kubelet
    exit ;;
esac
for check in 0 1; do # what is missing is written, then looked at
    systemctl daemon-reload
    unit=$(systemctl cat kubelet.service 2>/dev/null) || { echo 'ackpatch: no kubelet.service yet' >&2 && exit 0; }
    mkdir -p /etc/systemd/system/kubelet.service.d
    printf '%s\n' "$unit" | awk -v check=$check -v own=/etc/systemd/system/kubelet.service.d/zz-ackpatch.conf '
function say(text) { print "ackpatch: " text >"/dev/stderr"; return 1 }
function value(name, text) { # its last assignment counts
    text = variables; if (!sub(".*[^A-Za-z0-9_]" name "=", "", text)) return ""
    sub(/\n.*|["\047][ \t]+["\047].*/, "", text); gsub(/["\047\r]/, "", text); return text
}
 # Each file begins with a line "# /path"; a backslash continues a line; an empty value drops those before it.
/^# \// { ours = $2 == own && !check }
ours || /^[ \t]*[#;]/ { next }
{ line = (more ? line : "") $0 "\n"; more = /\\$/; if (more) next; sub(/(\\\n|[ \t\n])+$/, "", line) }
sub(/^[ \t]*ExecStart[ \t]*=[ \t]*/, "", line) { exec = line; execs = line ? execs + 1 : 0 }
sub(/^[ \t]*Environment[ \t]*=[ \t]*/, "", line) { variables = line ? variables "\n" line : "" }
sub(/^[ \t]*EnvironmentFile[ \t]*=[ \t]*-?/, "", line) { if (line) path[++paths] = line; else paths = 0 }
END {
    for (i = 1; i <= paths; i++) {
        file = path[i]; odd = 0; line = row = last = ""
        if (file ~ /kubeadm-flags/ && ENVIRON["WORDS"] ~ / join /) continue # a join writes it anew
        for (; (getline row <file) > 0; last = check ? "" : row) {
            while (sub(/\\$/, "", row)) { odd = 1; text = ""; getline text <file; row = row text }
            if (row ~ /["\047\\]/ && row !~ /^[^=]*=("[^"\047\\]*"|\047[^"\047\\]*\047)[ \t\r]*$/) odd = 1
            text = row; mine = last ~ /^# ackpatch/ && sub(/ ?--provider-id=[^ ]*( --(host|nod|reg)[^ ]*)*$/, "", text)
            if (text ~ /^[ \t]*[A-Za-z_][A-Za-z0-9_]*=/) variables = variables "\n" text
            if (text ~ /^[ \t]*KUBELET_EXTRA_ARGS=/) { line = text; cut = mine }
        }
    }
    command = exec; gsub(/[ \t]*\\\n[ \t]*/, " ", command); sub(/^ /, "", command)
    if (execs != 1 || command !~ /^[-@+!:]*([^ \t]*\/)?kubelet([ \t]|$)/)
        exit say("kubelet.service does not have one ExecStart that runs kubelet itself: " command)
    for (rest = command; match(rest, /\$[{]?[A-Za-z_][A-Za-z0-9_]*[}]?/); rest = substr(rest, RSTART + RLENGTH)) {
        text = substr(rest, RSTART, RLENGTH); gsub(/[${}]/, "", text); all = all substr(rest, 1, RSTART - 1) value(text)
    }
    all = all rest " "; name = ip = ENVIRON["NAME"]; sub(/^[^.]*[.]/, "", ip); close(file)
    flags = " --provider-id=" ENVIRON["ID"] (name ? " --hostname-override=" name : "")
    asked = ENVIRON["WORDS"] ~ / node-ip / || all ~ "--node[-_]ip[= ]" name " " # the name is no IP
    if (asked && ip ~ /^[0-9.]+$/) flags = flags " --node-ip=" ip
    fits = "^(.*[.])?(kubelet|node).kubernetes.io/|^(beta.)?kubernetes.io/(arch|os)=|^kubernetes.io/hostname=|" \
        "^beta.kubernetes.io/instance-type=|^(topology|failure-domain.beta).kubernetes.io/(zone|region)="
    n = split(ENVIRON["LABELS"], list, ","); for (i = 1; i <= n; i++)
        if (list[i] !~ /^([^=]*[.])?(kubernetes|k8s)[.]io\// || list[i] ~ fits) flags = flags " --node-labels=" list[i]
        else if (!check) say("left out, kubelet would exit: the label " list[i])
    if (match(all, /.*--register[-_]with[-_]taints[= ]/)) { old = substr(all, RLENGTH + 1); sub(/ .*/, "", old) }
    n = split(ENVIRON["TAINTS"] "," old "," ENVIRON["WORDS"], list, /[ ,]+/)
    for (i = 1; i <= n && ENVIRON["TAINTS"]; i++) { # of two with one key and effect the first counts
        if (split(list[i], part, ":") != 2 || sub(/=.*/, "", part[1]) > 1 || seen[part[1], part[2]]++) continue
        taints = taints "," list[i]; if (!check && !index(ENVIRON["TAINTS"], list[i])) say("kept: the taint " list[i])
    }
    if (taints) flags = flags " --register-with-taints=" substr(taints, 2)
    if (check) exit substr(all, length(all) - length(flags)) != flags " " && say("the flags do not come last")
    plain = line && !odd && command ~ / \$KUBELET_EXTRA_ARGS$/ && file ~ /^\/etc\/(sysconfig|default)\/kubelet$/
    if (plain && !system("test -f " file)) {
        quote = line ~ /="/ ? "\"" : line ~ /=\047/ ? "\047" : ""; if (!cut) sub(/["\047]?[ \t\r]*$/, "", line)
        if (row != line flags quote) print "\n# ackpatch: the value with the pool flags\n" line flags quote >>file
        system("rm -f " own)
    } else {
        gsub(/ --/, " \\\n    --", flags)
        print "# ackpatch: the command line of kubelet.service, with the flags of the node pool at its end.\n" \
            "# Where the unit changes, delete this file.\n[Service]\nExecStart=\nExecStart=" exec flags >(own ".new")
        system("mv -f " own ".new " own)
    }
}'
done
[ "${WORDS##* join *}" ] || [ ! -d /var/lib/kubelet/pki ] || echo 'ackpatch: /var/lib/kubelet/pki is there already' >&2
case $WORDS in *' start '*) ! systemctl is-active -q kubelet.service || systemctl stop kubelet.service ;; esac
ACKPATCH
}
