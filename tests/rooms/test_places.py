"""Where in the text a call can stand; ``@`` is where it goes, and no part of the script."""

from __future__ import annotations

import pytest

from ackpatch.shell.lines import end_of_line
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Script, Statement, walk
from ackpatch.splice.places import Form, candidates, spot_after, spot_before
from tests.rooms.test_cover import boot_of, line

START = "start"
BEFORE = [
    ("@start\n", Form.LINE),
    ("a\n@start\n", Form.LINE),
    ("a\n@# what follows\n# is this\nstart\n", Form.LINE),
    ("#!/bin/sh\n@start\n", Form.LINE),
    ("a; @start\n", Form.PIECE),
    ("if x; then @start; fi\n", Form.PIECE),
    ("if x; then\n@    start\nfi\n", Form.LINE),
    ("a && @start\n", Form.AND),
    ("a || @start\n", Form.OR),
    ("(@start)\n", Form.PIECE),
]
NOWHERE = ["a\nstart $?\n", 'a\nstart "$_"\n', "a\nif start $?; then :; fi\n", "start && b $?\n"]
AFTER = [
    ("start\n@b\n", Form.LINE),
    ("start; @b\n", Form.PIECE),
    ("echo x >start@\n", Form.TAIL),
    ("cat >start <<E@\ntext\nE\n", Form.TAIL),
    ("echo x >start || exit 1\n@", Form.LINE),
]


def named(text: str) -> tuple[Script, Statement]:
    """Parse a script, and find the outermost statement that begins with `start` or writes it."""
    script = parse(text.encode(), "bash")
    for one in walk(script.statements):
        source = script.source(one.span)
        if source.startswith(START) and "&&" not in source:
            return script, one
    return script, script.statements[0]


@pytest.mark.parametrize(("text", "form"), BEFORE)
def test_before(text: str, form: Form) -> None:
    script, statement = named(text.replace("@", ""))
    spot = spot_before(script, statement)
    assert spot is not None
    assert (spot.offset, spot.form) == (text.index("@"), form)


@pytest.mark.parametrize("text", NOWHERE)
def test_nothing_stands_before_what_reads_a_status(text: str) -> None:
    script = parse(text.encode(), "bash")
    last = script.statements[-1]
    # The left side of a chain: what stands there stands before the chain.
    one = last if len(script.statements) > 1 else next(s for s in walk(script.statements) if s.role == "and")
    assert spot_before(script, one) is None


@pytest.mark.parametrize(("text", "form"), AFTER)
def test_after(text: str, form: Form) -> None:
    script = parse(text.replace("@", "").encode(), "bash")
    spot = spot_after(script, script.statements[0])
    assert spot is not None
    assert (spot.offset, spot.form) == (text.index("@"), form)


def test_an_exit_in_a_part_of_the_script_is_told() -> None:
    script, statement = named("x | (\nstart\n)\n")
    spot = spot_before(script, statement)
    assert spot is not None
    assert spot.contained


def test_the_best_place_is_the_outermost_one_that_is_no_arm() -> None:
    boot = boot_of("for i in 1 2; do\nif true; then\nsystemctl restart kubelet\nfi\ndone")
    assert [line(boot, one) for one in candidates(boot.marks[0])] == [3]
    boot = boot_of("for i in 1 2; do\n(\nsystemctl restart kubelet\n)\ndone")
    assert [line(boot, one) for one in candidates(boot.marks[0])] == [1, 2, 3]


def test_a_line_ends_after_its_here_documents() -> None:
    script = parse(b"cat <<A; cat <<B\na\nA\nb\nB\nnext\n", "bash")
    assert script.text[end_of_line(script, script.statements[1]) :] == "next\n"
