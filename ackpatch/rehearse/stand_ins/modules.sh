# shellcheck shell=sh
# Which kernel modules are loaded: one file for each in the kept state. Sourced after common.sh, which sets $base.
# shellcheck disable=SC2154
modules=$base/state/modules

# load_module NAME: dashes and underscores are one to the kernel.
load_module() {
    module=$(printf %s "$1" | tr - _)
    mkdir -p "$modules" "/sys/module/$module"
    : >"$modules/$module"
    echo 0 >"/sys/module/$module/refcnt"
}

unload_module() {
    module=$(printf %s "$1" | tr - _)
    rm -rf "${modules:?}/${module:?}" "/sys/module/${module:?}"
}

# load_listed: what systemd-modules-load does at boot or when it is restarted.
load_listed() {
    for list in /etc/modules-load.d/*.conf /etc/modules; do
        [ -f "$list" ] || continue
        while read -r module _; do
            case $module in
            '' | '#'* | ';'*) ;;
            *) load_module "$module" ;;
            esac
        done <"$list"
    done
}
