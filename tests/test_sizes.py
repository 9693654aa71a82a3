"""The patch can be signed: its size, in every fixture, and nothing new for a linter."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

import ackpatch
from tests.fixtures import Fixture, all_fixtures

SHELLCHECK = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
PATCHED = [one for one in all_fixtures() if one.expect == "patched"]
BLOCK = re.compile(
    r"^[^\n]*# ackpatch:\d+ begin (\w+).*?^[^\n]*# ackpatch:\d+ end \1 [^\n]*\n", re.MULTILINE | re.DOTALL
)


def sizes(fixture: Fixture) -> tuple[list[str], list[str]]:
    """The lines of the blocks, and the added or changed lines outside them."""
    result = ackpatch.patch(fixture.original, **fixture.options)
    before, after = (text.decode("latin-1").splitlines() for text in (result.source, result.patched))
    added = [line[2:] for line in difflib.ndiff(before, after) if line.startswith("+ ")] if len(after) < 1000 else []
    blocks = [line for one in BLOCK.finditer(result.patched.decode("latin-1")) for line in one[0].splitlines()]
    return blocks, [line for line in added if line not in blocks]


@pytest.mark.parametrize("fixture", PATCHED, ids=lambda one: one.name)
def test_the_block_fits_on_a_screen(fixture: Fixture) -> None:
    text = ackpatch.patch(fixture.original, **fixture.options).patched.decode("latin-1")
    blocks = list(BLOCK.finditer(text))
    assert len({one[1] for one in blocks}) == len(blocks), "a text is in the script once"
    for block in blocks:
        lines = block[0].splitlines()
        assert len(lines) <= (90 if block[1] == "call" else 35)
        assert len(block[0].encode()) <= 6500
        assert max(map(len, lines)) <= 120


def test_the_median_patch_is_small() -> None:
    found = [sizes(one) for one in PATCHED]
    assert statistics.median(len(block) + len(outside) for block, outside in found) <= 93
    assert statistics.median(len(outside) for _, outside in found) <= 4


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
def test_a_linter_says_nothing_new_about_a_patched_script() -> None:
    new = {one.name: said for one in PATCHED if (said := _said(one))}
    assert new == {}


def _said(fixture: Fixture) -> list[str]:
    result = ackpatch.patch(fixture.original, **fixture.options)
    shell = fixture.shells[0].split()[0]
    before, after = (_codes(text, "bash" if shell == "bash" else "dash") for text in (result.source, result.patched))
    return sorted(code for code in after if after[code] > before.get(code, 0))


def _codes(text: bytes, shell: str) -> dict[str, int]:
    ran = subprocess.run([SHELLCHECK or "", "-s", shell, "-f", "json", "-"], input=text, capture_output=True)
    found: dict[str, int] = {}
    for one in json.loads(ran.stdout):
        found[f"SC{one['code']}"] = found.get(f"SC{one['code']}", 0) + 1
    return found
