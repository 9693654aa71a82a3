"""More ways to start a unit, each a list of lines: what installers do with words, functions, files and streams."""

from __future__ import annotations


def of_words(name: str, unit: str, verb: str) -> list[list[str]]:
    """The words are put together."""
    one = verb.split()[0]
    bare = unit.removesuffix(".service")
    return [
        [f"[ -e / ] && {name}={unit}", f"systemctl {verb} ${{{name}:-chrony}}"],
        [f"{name}=", f"systemctl {verb} ${{{name}:={unit}}}"],
        [f"{name}=x", f"systemctl {verb} ${{{name}:+{unit}}}"],
        [f"{name}={bare.upper()}", f'systemctl {verb} "${{{name},,}}"'],
        [f"{name}={unit[:3]}X{unit[3:]}", f'systemctl {verb} "${{{name}//X/}}"'],
        [f"IFS=: read -r _ {name} <<<chrony:{unit}", f"systemctl {verb} ${name}"],
        [f"declare -A {name}=([{unit}]=1)", f'for {name}k in "${{!{name}[@]}}"; do systemctl {verb} ${name}k; done'],
        [f'{name}=("systemctl {one} {unit}" :)', f'for {name}c in "${{{name}[@]}}"; do ${name}c; done'],
        [f'{name}=("systemctl {one} {unit}" :)', f'for {name}c in "${{{name}[@]}}"; do eval "${name}c"; done'],
        [f"{name}=$(printf '%s\\n' chrony {unit} | tail -n 1)", f"systemctl {verb} ${name}"],
        [f"{name}=0", f"{name}u=(chrony {unit})", f"systemctl {verb} ${{{name}u[{name} + 1]}}"],
        [f"set -- chrony {unit}", f'while [ "$#" -gt 0 ]; do systemctl {verb} "$1"; shift; done'],
        [f"set -- chrony {unit}", f'systemctl {verb} "${{@:2}}"', "set --"],
        [f"set -- chrony {unit}", f'systemctl {verb} "${{!#}}"', "set --"],
        [f"export {name}={unit}", f"bash -c 'systemctl {verb} ${name}'"],
        [f"{name}={unit} bash -c 'systemctl {verb} ${name}'"],
        [f"env {name}={unit} sh -c 'systemctl {verb} ${name}'"],
        [f"{name}={one}", f"${{{name}:+systemctl ${name} {unit}}}"],
    ]


def of_functions(name: str, unit: str, verb: str) -> list[list[str]]:
    """A function runs what it is given, or is called by a name that is put together."""
    return [
        [f'{name}() {{ echo "+ $*"; "$@"; }}', f"{name} systemctl {verb} {unit}"],
        [f'{name}() {{ eval "$*"; }}', f"{name} systemctl {verb} {unit}"],
        [f'{name}() {{ local n=0; until "$@" || [ $((n++)) -gt 1 ]; do :; done; }}', f"{name} systemctl {verb} {unit}"],
        [f'{name}() {{ shift; "$@"; }}', f"{name} 3 systemctl {verb} {unit}"],
        [f'{name}() {{ for u; do systemctl {verb} "$u"; done; }}', f"{name} chrony {unit}"],
        [f"{name}_up() {{ systemctl {verb} {unit}; }}", f"{name}=up", f'"{name}_${name}"'],
        [f"{name}() {{ systemctl {verb} {unit}; }}; export -f {name}; bash -c {name}"],
        [f"{name}() {{ read -r u; systemctl {verb} $u; }}", f"echo {unit} | {name}"],
        [f"{name}() {{ cat; }}; {name} <<<'systemctl {verb} {unit}' | bash"],
        [f"{name}() {{ {name}i() {{ systemctl {verb} {unit}; }}; }}", name, f"{name}i"],
        [f"{name}() {{ echo {unit}; }}", f'systemctl {verb} "$({name})"'],
        [f"{name}() {{ {name}v={unit}; }}", name, f"systemctl {verb} ${name}v"],
        [f"{name}() {{ local -n r=$1; r={unit}; }}", f"{name} {name}v", f"systemctl {verb} ${name}v"],
        [f'{name}() {{ printf -v "$1" %s {unit}; }}', f"{name} {name}v", f"systemctl {verb} ${name}v"],
        [f"{name}() {{ return 1; }}", f"{name} || systemctl {verb} {unit} || :"],
        [f"{name}() {{ trap 'systemctl {verb} {unit}' RETURN; :; }}", name, "trap - RETURN"],
        ["shopt -s expand_aliases", f"alias {name}='systemctl {verb}'", f"{name} {unit}"],
        [
            f'{name}() {{ while getopts u: o; do case $o in u) systemctl {verb} "$OPTARG" ;; esac; done; }}',
            f"{name} -u {unit}",
        ],
    ]


def of_files(name: str, unit: str, verb: str) -> list[list[str]]:
    """A text that the script writes, changes or hands on is run."""
    path, line = f"/tmp/{name}.sh", f"systemctl {verb} {unit}"
    return [
        [f"echo '{line}' >{path}", f". {path}"],
        [f"printf '%s\\n' '#!/bin/sh' '{line}' >{path}", f"chmod +x {path}", path],
        [f"cat >{path} <<X", f"{name}() {{ {line}; }}", "X", f"source {path}; {name}"],
        [f"echo 'systemctl {verb} UNIT' >{path}", f"sed -i s/UNIT/{unit}/ {path}", f"bash {path}"],
        [f"echo 'systemctl {verb} UNIT' >{path}", f"sed s/UNIT/{unit}/ {path} | bash"],
        [f"echo : >{path}", f"echo '{line}' >>{path}", f"sh {path}"],
        [f"echo '{line}' | tee {path} >/dev/null", f"(cd /tmp && bash ./{name}.sh)"],
        [f"echo '{line}' >{path}", f"mv {path} /tmp/{name}.run", f"bash /tmp/{name}.run"],
        [f"echo {unit} >/tmp/{name}.list", f"while read -r u; do systemctl {verb} $u; done </tmp/{name}.list"],
        [f"echo {unit} >/tmp/{name}.list", f"systemctl {verb} $(cat /tmp/{name}.list)"],
        [f"echo {name}v={unit} >/tmp/{name}.env", f". /tmp/{name}.env", f"systemctl {verb} ${name}v"],
        [f"bash <<<'{line}'"],
        [f". <(echo '{line}')"],
        [f"while read -r {name}; do systemctl {verb} ${name}; done < <(echo {unit})"],
        [f"echo {unit} | {{ read -r {name}; systemctl {verb} ${name}; }}"],
        [f"(exec systemctl {verb} {unit})"],
        [f"timeout 5 systemctl {verb} {unit} || :"],
        [f"{{ systemctl {verb} {unit}; }} >/dev/null 2>&1 || :"],
        [f"find /etc/hostname -exec systemctl {verb} {unit} \\;"],
        [f"echo {unit} | xargs -I{{}} systemctl {verb.split()[0]} {{}}"],
        [f"systemctl daemon-reload && systemctl {verb} {unit} || :"],
        [f"nohup systemctl {verb} {unit} >/dev/null 2>&1 &", "wait $!"],
    ]
