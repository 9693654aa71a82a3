# shellcheck shell=sh
# What the agents of k3s, RKE2 and Rancher share. Sourced after common.sh, which sets $base and $claimed.
# shellcheck disable=SC2154

# become_kubelet MAKE ARGUMENT...: what the agent's settings make of kubelet's command line, as a start of kubelet.
become_kubelet() {
    make=$1
    shift
    config=/etc/rancher/$make/config.yaml
    before=
    for word; do
        case $before$word in
        --config=* | -c=*) config=${word#*=} ;;
        --config/* | -c/*) config=$word ;;
        esac
        before=$word
    done
    case $make in
    k3s) config=${K3S_CONFIG_FILE:-$config} named=${K3S_NODE_NAME-} ;;
    *) config=${RKE2_CONFIG_FILE:-$config} named=${RKE2_NODE_NAME-} ;;
    esac
    number=1
    while [ -e "$base/starts/agent-$number" ] || ! mkdir "$base/starts/agent-$number" 2>/dev/null; do
        number=$((number + 1))
    done
    for file in "$config" "$config.d"/*; do
        [ -f "$file" ] || continue
        mkdir -p "$base/starts/agent-$number${file%/*}"
        cp -L "$file" "$base/starts/agent-$number$file"
    done
    words=$(ask agent "agent-$number" "$make" "$config" "$named" "$@")
    eval "set -- $words"
    exec "$base/stand-ins/kubelet" "$@"
}

# put_unit NAME COMMAND: a service that runs a command, with the variables of its kind beside it.
put_unit() {
    printf '[Unit]\nDescription=%s\n[Service]\nEnvironmentFile=-/etc/systemd/system/%s.service.env\nExecStart=%s\n[Install]\nWantedBy=multi-user.target\n' \
        "$1" "$1" "$2" >"/etc/systemd/system/$1.service"
    env | grep -E '^(K3S|RKE2)_' >"/etc/systemd/system/$1.service.env"
}

put_program() {
    cp "$base/stand-ins/${2-k3s}" "/usr/local/bin/$1"
    chmod 755 "/usr/local/bin/$1"
}
