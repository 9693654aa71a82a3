"""Random scripts that bash runs to their end: starts of kubelet and writes of its configuration, in all that a shell can
put around them.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from random import Random

from tests.random_starts import of_files, of_functions, of_words

FILE = "/etc/sysconfig/kubelet"


class Generator:
    """Makes one script; every piece is a list of lines that bash runs to their end."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0

    def name(self) -> str:
        """A fresh name."""
        self.count += 1
        return f"n{self.count}"

    def script(self) -> str:
        """The whole script."""
        pieces = [line for _ in range(self.random.randint(2, 5)) for line in self.piece(3)]
        options = self.random.choice((":", ":", "set -e", "set -u", "set -euo pipefail", "shopt -s lastpipe"))
        last = self.random.choice((["exit 0", ""], ["exit 0"], [""], []))
        return "\n".join(["#!/bin/bash", options, *pieces, *last])

    def piece(self, depth: int) -> list[str]:
        """A start, or something around pieces."""
        if depth == 0 or self.random.random() < 0.35:
            return self.write() if self.random.random() < 0.3 else self.start()
        return self.random.choice(self.around())(self.piece(depth - 1))

    def unit(self) -> str:
        """A unit: kubelet's, or another."""
        return self.random.choice(("kubelet", "kubelet.service", "kubelet", "chrony", "sshd.service"))

    def verb(self) -> str:
        """A verb of systemctl."""
        return self.random.choice(("restart", "restart", "start", "is-active", "enable --now", "try-restart", "stop"))

    def write(self) -> list[str]:
        """A command that writes kubelet's configuration, in some way."""
        name = self.name()
        return self.random.choice(
            (
                [f"echo KUBELET_EXTRA_ARGS=--v=2 >{FILE}"],
                [f"echo KUBELET_EXTRA_ARGS=--v=3 | tee {FILE} >/dev/null"],
                [f"sed -i 's/^KUBELET_EXTRA_ARGS=.*/KUBELET_EXTRA_ARGS=--v=4/' {FILE}"],
                [f"cat >{FILE} <<X", "KUBELET_EXTRA_ARGS=--v=5", "X"],
                [f"{name}={FILE}", f"printf 'KUBELET_EXTRA_ARGS=--v=6\\n' >${name}"],
                [f"echo KUBELET_EXTRA_ARGS=--v=7 >/tmp/{name}", f"cp /tmp/{name} {FILE}"],
                [f"echo KUBELET_EXTRA_ARGS=--v=8 >/tmp/{name}", f"mv -f /tmp/{name} {FILE}"],
                [f"echo KUBELET_EXTRA_ARGS=--v=9 >/tmp/{name}", f"install -m 644 /tmp/{name} {FILE}"],
                [f"cd {FILE.rpartition('/')[0]}", "echo KUBELET_EXTRA_ARGS=--v=1 >kubelet", "cd /"],
                [f"bash -c 'echo KUBELET_EXTRA_ARGS=--v=2 >{FILE}'"],
                [f"exec 7>{FILE}", "echo KUBELET_EXTRA_ARGS=--v=3 >&7", "exec 7>&-"],
                [f"{{ echo '# {name}'; echo KUBELET_EXTRA_ARGS=--v=4; }} >{FILE}"],
            )
        )

    def start(self) -> list[str]:
        """A command that may start kubelet, spelled in some way."""
        unit, verb, name = self.unit(), self.verb(), self.name()
        word, other = verb.split()[0], self.random.choice((of_words, of_functions, of_files, None))
        if other is not None:
            return self.random.choice(other(name, unit, verb))
        return self.random.choice(
            (
                [f"systemctl {verb} {unit}"],
                [f"{name}={unit}", f'systemctl {verb} "${name}"'],
                [f"{name}={word}", f"systemctl ${name} {unit}"],
                [f"{name}=({unit} chrony)", f'systemctl {verb} "${{{name}[@]}}"'],
                [f"declare -A {name}=([a]={unit})", f'systemctl {verb} "${{{name}[a]}}"'],
                [f"{name}={unit}.x", f'systemctl {verb} "${{{name}%.x}}"'],
                [f"printf -v {name} %s {unit}", f"systemctl {verb} ${name}"],
                [f"service {unit.removesuffix('.service')} restart"],
                [f"{name}=$(echo {unit})", f"systemctl {verb} ${name}"],
                [f"echo {unit} | xargs systemctl {word}"],
                [f"echo {unit} | while read -r {name}; do systemctl {verb} ${name}; done"],
                [f"while read -r {name}; do systemctl {verb} ${name}; done <<X", unit, "X"],
                [f"mapfile -t {name} <<<{unit}", f'systemctl {verb} "${{{name}[0]}}"'],
                [f"{name}=kube", f"systemctl {verb} ${{{name}}}let"],
                [f"{name}=$(systemctl {verb} {unit} 2>&1) || true"],
                [f'[[ "$(systemctl {verb} {unit})" == x ]] || true'],
                [f"{name}={name}x", f"{name}x={unit}", f"systemctl {verb} ${{!{name}}}"],
                [f"for {name} in chrony {unit}; do systemctl {verb} ${name}; done"],
                [f"systemctl {verb} chrony {unit} || :"],
                [f"{name}={unit}.timer", f"systemctl {verb} ${{{name}:0:{len(unit)}}}"],
                [f"{name}=(chrony)", f"{name}[1]={unit}", f'systemctl {verb} "${{{name}[@]}}"'],
                [f"{name}() {{ set -- {unit} chrony; systemctl {verb} $1; }}", name],
                [
                    f"{name}() {{ {name}u={unit}; [ -e / ] && return; {name}u=chrony; }}",
                    name,
                    f"systemctl {verb} ${name}u",
                ],
                [f"{name}=chrony,{unit}", "IFS=,", f"systemctl {verb} ${name}", "unset IFS"],
                [f"systemctl {verb} kube{{let,-proxy}} || :"],
                [f"{name}={unit}", f"declare -n {name}r={name}", f"systemctl {verb} ${name}r"],
                [f"st[$(systemctl {verb} {unit} >&2; echo 0)]=1"],
                [f"case x in $(systemctl {verb} {unit} >&2; echo y)) ;; esac"],
                [f"for ((; $(systemctl {verb} {unit} >&2; echo 0);)); do break; done"],
                [f"{name}=abc; : ${{{name}/b/$(systemctl {verb} {unit} >&2)}}"],
                [f'{name}="`bash -c \\"systemctl {verb} {unit}\\" 2>&1`"'],
                [f"readonly {name}={unit}", f"({name}=chrony) 2>/dev/null", f"systemctl {verb} ${name}"],
                [f"{name}=(systemctl {word} {unit})", f'eval "${{{name}[@]@Q}}"'],
                [f"su root -c'systemctl {word} {unit}'"],
                *self._of_either(name, unit, verb),
            )
        )

    def _of_either(self, name: str, unit: str, verb: str) -> list[list[str]]:
        """Starts whose words come from a variable that has one of two values, and are read once more."""
        one, other = self.random.sample((unit, "chrony"), 2)
        either = f"if [ -e / ]; then {name}={one}; else {name}={other}; fi"
        return [
            [either, f"systemctl {verb} ${name}"],
            [either, f"{name}a=(x ${name})", f'systemctl {verb} "${{{name}a[1]}}"'],
            [either, f"set -- ${name}", f'systemctl {verb} "$1"'],
            [either, f"read -r {name}r <<<${name}", f"systemctl {verb} ${name}r"],
            [either, f"mapfile -t {name}m <<<${name}", f'systemctl {verb} "${{{name}m[@]}}"'],
            [either, f"echo ${name} | xargs systemctl {verb.split()[0]}"],
            [either, f"bash -c 'systemctl {verb} \"$1\"' _ ${name}"],
            [either, f"{name}f() {{ systemctl {verb} $1; }}", f"{name}f ${name}"],
            [f"for {name} in {one} {other}; do set -- ${name}; systemctl {verb} $1; done"],
            [f"if [ -e / ]; then {name}=(systemctl {verb} {one}); else {name}=(:); fi", f'"${{{name}[@]}}"'],
            [f"if [ -e / ]; then {name}=true; else {name}=sudo; fi", f"${name} systemctl {verb} {unit} || :"],
            [f"[ -e / ] || {name}=chrony", f"systemctl {verb} ${{{name}:-{unit}}}"],
        ]

    def around(self) -> tuple[Callable[[list[str]], list[str]], ...]:
        """What can stand around a piece."""
        return (
            lambda inner: ["if true; then", *inner, "fi"],
            lambda inner: ["if false; then", ":", "else", *inner, "fi"],
            lambda inner: ["{", *inner, "}"],
            lambda inner: ["(", *inner, ")"],
            lambda inner: ["case x in", "x)", *inner, ";;", "esac"],
            lambda inner: [f"for {self.name()} in 1; do", *inner, "done"],
            lambda inner: ["while :; do", *inner, "break", "done"],
            self._function,
            self._returning,
            self._argument,
            self._local,
            lambda inner: [f"eval {shlex.quote(chr(10).join(inner))}"],
            lambda inner: [f"bash -c {shlex.quote(chr(10).join(inner))}"],
            self._document,
            self._file,
            self._writer,
            self._turns,
            self._trap,
            self._job,
            self._unset,
            self._switch,
            self._hidden,
            self._piped,
            self._early,
        )

    def _function(self, inner: list[str]) -> list[str]:
        name = self.name()
        return [f"{name}() {{", *inner, "}", name]

    def _returning(self, inner: list[str]) -> list[str]:
        name = self.name()
        return [f"{name}() {{", '[ -n "$1" ] || return 0', *inner, "exit 0", "}", name, *inner]

    def _argument(self, inner: list[str]) -> list[str]:
        name = self.name()
        return [f'{name}() {{ "$@"; }}', f"{name} systemctl {self.verb()} {self.unit()}", *inner]

    def _local(self, inner: list[str]) -> list[str]:
        name, var = self.name(), self.name()
        return [
            f"{var}=kubelet",
            f"{name}() {{ local {var}=chrony; {name}b; }}",
            f"{name}b() {{ systemctl {self.verb()} ${var}; }}",
            name,
            f"{name}b",
            *inner,
        ]

    def _document(self, inner: list[str]) -> list[str]:
        end = f"END{self.name()}"
        return [f"bash <<'{end}'", *inner, end]

    def _file(self, inner: list[str]) -> list[str]:
        end, name = f"END{self.name()}", self.name()
        return [f"cat >/tmp/{name}.sh <<'{end}'", *inner, end, f"bash /tmp/{name}.sh"]

    def _writer(self, inner: list[str]) -> list[str]:
        """A function that writes, called where a start was or comes."""
        name = self.name()
        call = self.random.choice((name, f"[ -e /nowhere ] || {name}", f"if [ -e / ]; then {name}; fi", f"({name})"))
        around = [inner, [call], *([inner] if self.random.random() < 0.5 else [])]
        return [f"{name}() {{", *self.write(), "}", *(line for part in around for line in part)]

    def _turns(self, inner: list[str]) -> list[str]:
        """A loop whose later turns meet what its earlier ones did."""
        name = self.name()
        loop = self.random.choice(
            (
                f"for {name} in 1 2; do",
                f"{name}=0; while [ $(({name}++)) -lt 2 ]; do",
                f"until [ ${{{name}:-0}} -ge 2 ]; do",
            )
        )
        step = f"{name}=$((${{{name}:-0}} + 1))" if loop.startswith("until") else ":"
        return [loop, *inner, *self.write(), step, "done"]

    def _trap(self, inner: list[str]) -> list[str]:
        name, signal = self.name(), self.random.choice(("EXIT", "ERR", "EXIT"))
        body = self.random.choice((self.write(), self.start()))
        return [f"{name}() {{", *body, "}", "(", f"trap {name} {signal}", *inner, "true", ")"]

    def _job(self, inner: list[str]) -> list[str]:
        return ["{", *inner, "} &", "wait"]

    def _unset(self, inner: list[str]) -> list[str]:
        """A function or a variable that is there for a time."""
        name = self.name()
        return self.random.choice(
            (
                [f"{name}() {{ systemctl restart kubelet; }}", name, f"unset -f {name}", *inner],
                [f"{name}=kubelet", *inner, f"unset {name}", f'systemctl restart "${{{name}:-chrony}}"'],
                [
                    f"{name}=chrony",
                    f"({name}=kubelet; systemctl restart ${name})",
                    *inner,
                    f"systemctl restart ${name}",
                ],
                [f"{name}() {{", *inner, "}", f"{name}", f"{name}() {{ :; }}", name],
            )
        )

    def _switch(self, inner: list[str]) -> list[str]:
        """A step chosen by a word, as installers do it."""
        name = self.name()
        return [
            f"{name}() {{",
            "case $1 in",
            "write)",
            *self.write(),
            ";;",
            "start)",
            *inner,
            ";;",
            "esac",
            "}",
            *self.random.choice(
                (
                    [f"{name} write", f"{name} start"],
                    [f"for step in start write start; do {name} $step; done"],
                    [f"{name} start", f"{name} write"],
                )
            ),
        ]

    def _hidden(self, inner: list[str]) -> list[str]:
        """A runner of commands, which may only print them."""
        name = self.name()
        return [
            f'{name}() {{ if [ -e / ]; then "$@"; else echo "$@"; fi; }}',
            *inner,
            f"{name} systemctl {self.verb()} {self.unit()}",
        ]

    def _piped(self, inner: list[str]) -> list[str]:
        name = self.name()
        return [f"printf '1\\n2\\n' | while read -r {name}; do", *inner, "done"]

    def _early(self, inner: list[str]) -> list[str]:
        """A function that is left early, or a chain that is."""
        name = self.name()
        return self.random.choice(
            (
                [f"{name}() {{", *self.write(), "[ -e / ] && return 0", *inner, "}", name, *inner],
                [f"{name}() {{", "[ -e /nowhere ] || return 0", *self.write(), "}", f"{name} || :", *inner],
                [f"for {name} in 1 2; do", *inner, "continue", *self.write(), "done"],
                [f"for {name} in 1 2; do", *inner, *self.write(), "break", "done"],
                ["if ! false; then", *self.write(), "fi", *inner],
            )
        )
