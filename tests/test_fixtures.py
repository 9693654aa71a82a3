"""The four promises on every fixture, by running real shells on real files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import ackpatch
from ackpatch.api import without_edits
from ackpatch.rehearse import Rehearsal, rehearse
from ackpatch.rehearse.verdict import VALUES, judge_same, judge_start
from ackpatch.report.examined import exit_code
from tests.fixtures import Fixture, all_fixtures
from tests.fold import folded
from tests.sample import sampled

FIXTURES = all_fixtures()
RUNNING = [(f, shell) for f in FIXTURES if f.expect in ("patched", "covered") for shell in f.shells]
# What is spliced into units and command lines is the shell's to expand: bash in POSIX mode has to agree.
RUNNING += [(f, "bash --posix") for f in FIXTURES if f.expect == "patched" and f.folder.parent.name == "binary"]
each_fixture = pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f.name)


def patched(fixture: Fixture) -> ackpatch.PatchResult[bytes]:
    return ackpatch.patch(fixture.original, **fixture.options)


def run(fixture: Fixture, script: bytes, shell: str, env: dict[str, str]) -> Rehearsal:
    return rehearse(script, shell=shell.split(), env=env, **fixture.rehearsal)


@each_fixture
def test_the_outcome_is_the_expected_one(fixture: Fixture) -> None:
    result = patched(fixture)
    outcome = "refused" if result.errors else "patched" if result.changed else "nothing"
    assert outcome == fixture.expect.replace("covered", "nothing"), [one.message for one in result.findings]


@each_fixture
def test_the_patched_form_for_people_is_current(fixture: Fixture) -> None:
    result = patched(fixture)
    stored = fixture.folder / "patched.sh"
    if result.changed:
        assert stored.read_bytes() == folded(result.patched), "run tools/write_fixtures.py and read the difference"
    else:
        assert not stored.exists()


@each_fixture
def test_nothing_is_lost_and_a_second_run_changes_nothing(fixture: Fixture) -> None:
    result = patched(fixture)
    assert ackpatch.revert(result.patched).patched == fixture.original
    again = ackpatch.patch(result.patched, **fixture.options)
    assert again.patched == result.patched
    if fixture.expect in ("patched", "covered"):
        assert exit_code(again.findings) == 0


@each_fixture
def test_outside_the_edits_every_byte_stays(fixture: Fixture) -> None:
    result = patched(fixture)
    position, kept = 0, []
    for edit in result.edits:
        assert fixture.original[edit.span.start : edit.span.end] == edit.old
        kept += [fixture.original[position : edit.span.start], edit.new]
        position = edit.span.end
    assert b"".join([*kept, fixture.original[position:]]) == result.patched


@each_fixture
def test_git_takes_the_diff(fixture: Fixture, tmp_path: Path) -> None:
    result = patched(fixture)
    (tmp_path / "script.sh").write_bytes(fixture.original)
    diff = result.diff("script.sh")
    assert bool(diff) == result.changed
    if diff:
        command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
        subprocess.run(command, input=diff, cwd=tmp_path, check=True, capture_output=True)
        assert (tmp_path / "script.sh").read_bytes() == result.patched


@pytest.mark.parametrize(
    ("fixture", "shell"), sampled("runs of fixtures", RUNNING, 2), ids=lambda x: getattr(x, "name", x)
)
def test_with_values_every_start_carries_all_four_and_without_nothing_changes(fixture: Fixture, shell: str) -> None:
    before = run(fixture, fixture.original, shell, {})
    assert len(before.starts) == fixture.facts["starts"], before.stderr[-500:]
    bare = run(fixture, patched(fixture).patched, shell, {})
    assert judge_same(before, bare, without_edits, not fixture.facts.get("background", False)) == []
    after = run(fixture, patched(fixture).patched, shell, VALUES)
    assert after.exit_status == before.exit_status, after.stderr[-500:]
    assert len(after.starts) == len(before.starts), after.stderr[-500:]
    found = [
        reason for one, old in zip(after.starts, before.starts, strict=True) for reason in judge_start(one, VALUES, old)
    ]
    assert sorted(found) == sorted(fixture.known)
