"""Constant values: each row is also given to the real bash, which is the judge."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ackpatch.shell.environment import UNKNOWN
from ackpatch.shell.order import Walker
from ackpatch.shell.step import Step
from ackpatch.shell.syntax import parse

# Scripts that hand words to a command `show`, with an empty line between them.
ROWS = (Path(__file__).parent / "bash_rows.txt").read_text(encoding="utf-8").rstrip("\n").split("\n\n")


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


def may_be(seen: list[str], real: list[str]) -> bool:
    """Say whether words can be the real ones: what only a run can tell stands for any text."""
    form = re.escape("\0".join(seen)).replace(re.escape(UNKNOWN), r"[\s\S]*")
    return re.fullmatch(form, "\0".join(real)) is not None


@pytest.mark.parametrize("text", ROWS)
def test_what_bash_makes_of_it_is_among_what_is_seen(text: str) -> None:
    seen = words_seen(text)
    assert [real for real in bash_says(text) if not any(may_be(one, real) for one in seen)] == []


def test_most_of_it_is_told_to_the_letter() -> None:
    exact = sum(words_seen(text) == bash_says(text) for text in ROWS)
    assert exact >= 0.75 * len(ROWS)


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
