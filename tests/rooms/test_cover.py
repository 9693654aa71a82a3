"""Which starts are bare, on all paths: the walk alone, with calls at given lines and no text made."""

from __future__ import annotations

import pytest

from ackpatch.node.boot import Boot, understand
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Statement, walk
from ackpatch.splice.cover import Effect, Place, Side, coverage

START = "systemctl restart kubelet"
WRITE = "echo KUBELET_EXTRA_ARGS=--v=2 >/etc/default/kubelet"
# A script, the lines before which a call stands, the lines of the starts that are bare all the same.
CASES = [
    (START, [], [1]),
    (START, [1], []),
    (f"{WRITE}\n{START}", [1], [2]),
    (f"{WRITE}\n{START}", [2], []),
    (f"{START}\n{WRITE}\n{START}", [1], [3]),
    (f"if x; then\n{WRITE}\nfi\n{START}", [1], [4]),
    (f"if x; then\n{START}\nelse\n{START}\nfi", [2], [4]),
    (f"for i in $x; do\n{START}\n{WRITE}\ndone", [1], [2]),
    (f"for i in $x; do\n{START}\n{WRITE}\ndone", [2], []),
    (f"f() {{\n{START}\n}}\nf\nf", [4], []),
    (f"f() {{\n{START}\n{WRITE}\n}}\nf\nf", [5], [2]),
    (f"f() {{\nreturn\n{WRITE}\n}}\nf\n{START}", [1, 5], []),
    (f"x || exit 1\n{START}", [2], []),
    (f"(\nexit 0\n)\n{START}", [1], [4]),  # what it had done before is not known
    (f"while true; do\nbreak\n{WRITE}\ndone\n{START}", [1], []),
    (f"{WRITE} &\n{START}", [1], [2]),
    (f"bash -c '{START}'\n{START}", [1], []),
    (f"unknown-thing\n{START}", [1], [2]),
]
EFFECTS = {Kind.WRITE: Effect.SPOILS, Kind.BARRIER: Effect.SPOILS, Kind.ENABLE: Effect.ENABLES, Kind.EXIT: Effect.ENDS}


def effect(mark: Mark) -> Effect:
    return Effect.NEEDS if mark.kind in STARTS else EFFECTS.get(mark.kind, Effect.NONE)


def boot_of(text: str) -> Boot:
    return understand(parse(f"{text}\n".encode(), "bash"))


def line(boot: Boot, statement: Statement) -> int:
    return boot.script.text.count("\n", 0, statement.span.start) + 1


def places_at(boot: Boot, lines: list[int]) -> frozenset[Place]:
    found: dict[int, Statement] = {}
    for one in walk(boot.script.statements):
        if one.role == "list":
            found.setdefault(line(boot, one), one)
    return frozenset((found[number], Side.BEFORE) for number in lines)


@pytest.mark.parametrize(("text", "calls", "bare"), CASES)
def test_bare_starts(text: str, calls: list[int], bare: list[int]) -> None:
    boot = boot_of(text)
    found = coverage(boot.flows, effect, places_at(boot, calls))
    assert sorted({line(boot, mark.place) for mark in found.bare}) == bare


def test_what_spoiled_a_start_is_told() -> None:
    boot = boot_of(f"{WRITE}\n{START}")
    ((start, spoiler),) = coverage(boot.flows, effect, frozenset()).bare.items()
    assert (start.kind, spoiler and spoiler.kind) == (Kind.START, Kind.WRITE)


@pytest.mark.parametrize(
    ("text", "at_risk"),
    [
        (f"{START}\n{WRITE}", True),
        (f"{START}", False),
        ("systemctl enable kubelet", True),
        (f"{WRITE}\nexit 1", False),
        (f"{WRITE}\nexit 0", True),
    ],
)
def test_the_next_boot_is_a_start_where_something_is_left(text: str, at_risk: bool) -> None:
    assert (coverage(boot_of(text).flows, effect, frozenset()).end is not None) == at_risk


def test_a_call_tells_which_starts_it_covers() -> None:
    boot = boot_of(f"{START}\n{START}")
    (place,) = places_at(boot, [1])
    assert len(coverage(boot.flows, effect, frozenset((place,))).of(place)) == 2
