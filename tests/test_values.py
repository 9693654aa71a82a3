"""Constant values: each row is also given to the real bash, which is the judge."""

from __future__ import annotations

import re
import subprocess

import pytest

from ackpatch.shell.order import Walker
from ackpatch.shell.step import Step
from ackpatch.shell.syntax import parse
from ackpatch.shell.values import UNKNOWN

# Scripts whose command `show` gets words that bash can tell without running anything else.
EXACT = [
    "show a 'b c' \"d e\" f\\ g",
    "X=kubelet; show $X \"$X\" '$X' ${X}let",
    'X=\'a b\'; show $X "$X" x$X"y"',
    'A=(a \'b c\'); show ${A[@]} "${A[@]}" "${A[1]}"',
    'A=(a b); A+=(c); show "${A[@]}"',
    'show ${Q:-kubelet} "${Q:-a b}" ${Q-x}',
    "X=a; show ${X:-b} ${X:+c}",
    "X=a; X+=b; show $X",
    'f() { show "$@" "$1" $1 "$2"; }; f \'a b\' c',
    'f() { local u=$1; shift; show "$u" "$@"; }; f a b c',
    'f() { g "$@"; }; g() { show "$2"; }; f a b',
    'D=/etc; U="$D/x.service"; show "$U"',
    "show {a,b} x{1,2}y",
    "show a\\\nb 'c\nd'",
    "show $'a\\tb'",
    "X=$(echo kubelet); show $X",
    "export X=1; readonly Y=2; declare Z=3; show $X $Y $Z",
    'show "a\\$b" "a\\\\b" "a\\b"',
]


def words_seen(text: str) -> list[list[str]]:
    found: list[list[str]] = []

    def visit(step: Step) -> list[object]:
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        if words[:1] == ["show"]:
            found.extend([[one.text for one in fields][1:] for fields in step.alternatives])
        return []

    Walker(parse(text.encode(), "bash"), visit, re.compile("show")).walk()
    return found


def bash_says(text: str) -> list[list[str]]:
    program = "show() { printf '%s\\0' \"$@\"; printf '\\1'; }\n" + text
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    return [one.split("\0")[:-1] for one in done.stdout.split("\1")[:-1]]


@pytest.mark.parametrize("text", EXACT)
def test_the_words_are_those_of_bash(text: str) -> None:
    assert words_seen(text) == bash_says(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("for s in docker kubelet; do show $s; done", ["docker", "kubelet"]),
        ("if x; then S=a; else S=b; fi; show $S", ["a", "b"]),
        ("case $1 in a) S=a ;; *) S=b ;; esac; show $S", ["a", "b"]),
        ("L='docker kubelet'; for s in $L; do show $s; done", ["docker", "kubelet"]),
        ("S=a; x && S=b; show $S", ["a", "b"]),
        ("show $(hostname)", [UNKNOWN]),
        ("read -r S; show $S", [UNKNOWN]),
        ("show $UNSET_VARIABLE", [UNKNOWN]),
        ("show ${X%.service}", [UNKNOWN]),
        ("show $((1 + 2))", [UNKNOWN]),
    ],
)
def test_all_values_that_a_word_can_have(text: str, words: list[str]) -> None:
    assert sorted(one[0] for one in words_seen(text)) == sorted(words)


def test_endless_recursion_ends() -> None:
    assert words_seen("f() { show a; f; }; f") == [["a"]]
    assert words_seen("f() { g; }; g() { f; show b; }; f") == [["b"]]
