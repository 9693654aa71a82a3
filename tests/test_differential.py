"""A differential fuzz: whatever start of kubelet bash really makes in a random script, ackpatch has seen or told.

``ACKPATCH_FUZZ`` gives the number of scripts; what a seed makes never changes between runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

import ackpatch
from ackpatch.rehearse import rehearse
from ackpatch.rehearse.run import TRACE
from ackpatch.rehearse.verdict import VALUES, judge_start
from tests.random_scripts import Generator

FAMILY = "rpm+installed"
_BATCHES = 8
_EACH = int(os.environ.get("ACKPATCH_FUZZ", "300")) // _BATCHES


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
