"""A differential fuzz: whatever start of kubelet bash really makes in a random script, ackpatch has seen or told.

``ACKPATCH_FUZZ`` gives the number of scripts; what a seed makes never changes between runs.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from random import Random

import pytest

import ackpatch
from ackpatch.rehearse import rehearse
from ackpatch.rehearse.run import TRACE
from ackpatch.rehearse.verdict import VALUES, judge_start

FAMILY = "rpm+installed"
_BATCHES = 8
_EACH = int(os.environ.get("ACKPATCH_FUZZ", "300")) // _BATCHES


class Generator:
    """Makes one script; every piece is a list of lines that bash runs to their end."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.functions: list[str] = []

    def name(self) -> str:
        """A fresh name."""
        self.count += 1
        return f"n{self.count}"

    def script(self) -> str:
        """The whole script."""
        pieces = [line for _ in range(self.random.randint(2, 5)) for line in self.piece(3)]
        return "\n".join(["#!/bin/bash", *self.functions, *pieces, "exit 0", ""])

    def piece(self, depth: int) -> list[str]:
        """A start, or something around pieces."""
        if depth == 0 or self.random.random() < 0.35:
            return self.start()
        return self.random.choice(self.around())(self.piece(depth - 1))

    def unit(self) -> str:
        """A unit: kubelet's, or another."""
        return self.random.choice(("kubelet", "kubelet.service", "kubelet", "chrony", "sshd.service"))

    def verb(self) -> str:
        """A verb of systemctl."""
        return self.random.choice(("restart", "restart", "start", "is-active", "enable --now", "try-restart", "stop"))

    def start(self) -> list[str]:
        """A command that may start kubelet, spelled in some way."""
        unit, verb, name = self.unit(), self.verb(), self.name()
        word = verb.split()[0]
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


def _lines(source: bytes, result: ackpatch.PatchResult[bytes]) -> Iterator[tuple[int, int]]:
    spans = [one.span for one in result.events] + [one.span for one in result.findings if one.code != "ACK301"]
    for span in spans:
        first, last = source.count(b"\n", 0, span.start) + 1, source.count(b"\n", 0, span.end) + 1
        # bash counts the lines of a text for eval from its last line on, and again for one in it.
        again = 3 if b"eval" in source[span.start : span.end] else 0
        yield first, last + again * (last - first)


def wrong(seed: int) -> str:
    """Say what was not seen in the script of a seed, or what is bare in the patched one; "" for nothing."""
    source = Generator(seed).script().encode()
    result = ackpatch.patch(source)
    run = rehearse(source, env={"BASH_ENV": TRACE}, family=FAMILY)
    known = list(_lines(source, result))
    started = [one for one in run.starts if one.how != "boot" and one.error is None]
    for one in started:
        if not any(first <= (one.line or 0) <= last for first, last in known):
            return f"a start at line {one.line} is not seen"
    if result.errors and not result.changed:
        return ""
    bare = rehearse(result.patched, env={}, family=FAMILY)
    if [one.argv for one in bare.starts] != [one.argv for one in run.starts]:
        return "without the values the patched script differs"
    filled = rehearse(result.patched, env=VALUES, family=FAMILY)
    last = [one for one in filled.starts if one.how != "boot"]
    reasons = [reason for one in last for reason in judge_start(one, VALUES, None)]
    return f"with the values: {reasons[0]}" if reasons else ""


@pytest.mark.parametrize("batch", range(_BATCHES))
def test_no_start_is_missed(batch: int) -> None:
    found = {seed: said for seed in range(batch, _BATCHES * _EACH, _BATCHES) if (said := wrong(seed))}
    assert found == {}
