# shellcheck shell=sh
# Sourced by the stand-ins that do something: records the call, hides the script's PATH, offers what they share.
base=/.ackpatch
name=${0##*/}
# shellcheck disable=SC2123 # meant: a stand-in runs the real programs, unrecorded
PATH=$base/real

# One record in the log: the number of fields, then the fields, each ended by a NUL, in one appending write.
record() {
    printf '%s\0' "$#" "$@" >>"$base/log"
}

# claim FOLDER: make the next numbered folder in there; its number is in $claimed.
claim() {
    claimed=1
    while [ -e "$base/$1/$claimed" ] || ! mkdir "$base/$1/$claimed" 2>/dev/null; do
        claimed=$((claimed + 1))
    done
}

# ask QUESTION ARGUMENT…: what process 1 answers, line by line.
ask() {
    reply=$base/replies/$$
    mkfifo -m 600 "$reply"
    exec 8<>"$reply"
    printf '%s\0' "$(($# + 1))" "$reply" "$@" >"$base/requests"
    while IFS= read -r answer <&8; do
        [ "$answer" = . ] && break
        printf '%s\n' "$answer"
    done
    exec 8<&-
    rm -f "$reply"
}

# What the root or a real systemd does by itself is no call of the script.
case $name,${INVOCATION_ID-} in
boot,* | model-* | kubelet,?*) ;;
*) record call "$$" "$PPID" "$name" "$@" ;;
esac
