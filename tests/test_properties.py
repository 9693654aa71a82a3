"""Any bytes in: never a crash, never a lost byte; every result parses, is stable, and gives the original back."""

from __future__ import annotations

import random
import subprocess

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ackpatch
from ackpatch.errors import SyntaxRefusedError
from ackpatch.shell.syntax import Shfmt
from tests.fixtures import all_fixtures

ORIGINALS = [one.original for one in all_fixtures() if one.original]
LINES = sorted({line for one in ORIGINALS for line in one.split(b"\n")})
slow = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def parses(data: bytes, dialect: str) -> bool:
    try:
        Shfmt(data, dialect).output()
    except SyntaxRefusedError:
        return False
    return True


def hold_the_promises(data: bytes) -> None:
    result = ackpatch.patch(data)
    assert result.source == data
    position, parts = 0, []
    for edit in result.edits:
        assert edit.span.start >= position
        assert data[edit.span.start : edit.span.end] == edit.old
        parts += [data[position : edit.span.start], edit.new]
        position = edit.span.end
    assert b"".join([*parts, data[position:]]) == result.patched
    for one in result.findings:
        assert 0 <= one.span.start <= one.span.end <= len(data)
    if not result.changed:
        return
    assert ackpatch.revert(result.patched).patched == ackpatch.revert(data).patched
    assert ackpatch.patch(result.patched).patched == result.patched
    assert parses(result.patched, "bash") or parses(result.patched, "posix")
    before = subprocess.run(["bash", "-n"], input=data, capture_output=True, check=False)
    after = subprocess.run(["bash", "-n"], input=result.patched, capture_output=True, check=False)
    assert after.returncode == 0 or before.returncode != 0


@slow
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    hold_the_promises(data)
    hold_the_promises(b"#!/bin/bash\n" + data + b"\nsystemctl restart kubelet\n")


@slow
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=14))
def test_lines_of_real_scripts_in_any_order(lines: list[bytes]) -> None:
    hold_the_promises(b"\n".join(lines))


@slow
@given(st.sampled_from(ORIGINALS), st.integers(0, 2**32), st.integers(1, 6))
def test_mutated_scripts(original: bytes, seed: int, count: int) -> None:
    dice = random.Random(seed)
    data = bytearray(original)
    for _ in range(count):
        at = dice.randrange(len(data) + 1)
        kind = dice.randrange(4)
        if kind == 0:
            del data[at : at + dice.randrange(1, 12)]
        elif kind == 1:
            data[at:at] = dice.choice(
                [b"\n", b" ", b"'", b'"', b"\\", b"$(", b")", b"}", b"{ ", b";", b"&&", b"\r", b"\xff", b"`"]
            )
        elif kind == 2:
            data[at:at] = dice.choice(LINES) + b"\n"
        elif data:
            data[at - 1] = dice.randrange(1, 256)
    hold_the_promises(bytes(data))


@slow
@given(st.sampled_from(ORIGINALS), st.integers(0, 2**32))
def test_a_patched_script_that_somebody_edits(original: bytes, seed: int) -> None:
    dice = random.Random(seed)
    lines = ackpatch.patch(original).patched.split(b"\n")
    at = dice.randrange(len(lines))
    lines[at : at + dice.randrange(3)] = [dice.choice(LINES)]
    data = b"\n".join(lines)
    result = ackpatch.revert(data)
    assert result.errors or not ackpatch.revert(result.patched).changed
    ackpatch.patch(data)


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_text_comes_back_as_text(text: str) -> None:
    source = text + "\nsystemctl restart kubelet\n"
    result = ackpatch.patch(source)
    assert isinstance(result.patched, str)
    assert ackpatch.revert(result.patched).patched == source
