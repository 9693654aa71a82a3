"""What a terminal shows: the diff under the reasons of its edits, in one column or two, and the picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ackpatch
from ackpatch.hunks import hunks, pairs
from ackpatch.report.picture import picture_lines, rich_picture
from tests.commands import run
from tests.fixtures import Fixture, all_fixtures

SCRIPT = (
    b"#!/bin/bash\n# [bold]not markup[/bold]\tand a tab, \x1b[31mand an escape\nyum install -y kubelet kubeadm\n"
    b"systemctl enable --now kubelet\necho between\necho more\necho and more\necho still\necho yet\necho last\n"
    b"kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n"
)
PATCHED = [one for one in all_fixtures() if one.expect == "patched"]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "a.sh"
    path.write_bytes(SCRIPT)
    return path


def plain(data: bytes) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", data.decode())


def test_each_hunk_stands_under_the_codes_and_reasons_of_its_edits(script: Path) -> None:
    text = plain(run("diff", script, FORCE_COLOR="1").stdout)
    assert re.search(r"# ACK101: checks the four values and defines the call\n", text)
    assert re.search(
        r"\n\+ … \d+ lines: the call block, format 2, checksum [0-9a-f]{8} \(ackpatch explain block\)\n", text
    )
    assert "/usr/bin/env -i" not in text
    assert "/usr/bin/env -i" in plain(run("diff", "--full", script, FORCE_COLOR="1").stdout)
    assert re.search(r"# ACK102: gives kubeadm the node name\n@@ -8,4 ", text)
    assert re.search(r"a\.sh: \d+ edits, \d+ lines added, 1 removed\n$", text)


def test_the_scripts_bytes_neither_read_as_markup_nor_steer_the_terminal(script: Path) -> None:
    done = run("diff", script, FORCE_COLOR="1")
    assert re.search(r"# \[bold\]not markup\[/bold\] +and a tab, \\x1b\[31mand an escape", plain(done.stdout))
    assert b"\x1b[31mand" not in done.stdout
    for command in ("check", "inspect", "rehearse"):
        assert b"\x1b[31mand" not in run(command, script).stdout


def test_the_diff_for_git_is_the_raw_one_and_every_other_is_masked(script: Path) -> None:
    raw = ackpatch.patch(SCRIPT).diff("a.sh")
    assert run("diff", "--raw", script, cwd=script.parent).stdout == raw
    shown = raw.replace(b"\x1b", b"\\x1b")
    note, whole = run("diff", "--show-secrets", script, cwd=script.parent).stdout.split(b"\n", 1)
    assert note.startswith(b"# control characters are written out; --raw")
    assert whole == shown
    told, _, masked = run("diff", script, cwd=script.parent).stdout.split(b"\n", 2)
    assert told.startswith(b"# join tokens and passwords are masked")
    assert masked == shown.replace(b"0123456789abcdef", b"*" * 16)


@pytest.mark.parametrize("line", [b"::add-mask::foo", b"  ::error::x", b"echo ##[group]x"])
def test_no_line_of_a_diff_is_a_command_of_a_runner(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_bytes(b"#!/bin/bash\nsystemctl restart kubelet\n" + line + b"\n")
    for command in (("diff",), ("inspect",), ("check",)):
        done = run(*command, path, cwd=tmp_path)
        for one in (done.stdout + done.stderr).splitlines():
            assert not one.strip().startswith(b"::")
            assert b"##[" not in one


def test_two_columns(script: Path) -> None:
    text = plain(run("diff", "--side-by-side", script, COLUMNS="160").stdout)
    (line,) = [one for one in text.splitlines() if one.startswith(" systemctl enable --now kubelet")]
    assert line.count("systemctl enable --now kubelet") == 2
    assert any(one.lstrip().startswith(">") and "ackpatch_kubelet start join" in one for one in text.splitlines())
    (join,) = [one for one in text.splitlines() if one.startswith(" kubeadm join")]
    assert "|" in join
    assert max(len(one) for one in text.splitlines()) <= 160
    assert "0123456789abcdef" not in text


def test_two_columns_need_a_wide_terminal(script: Path) -> None:
    done = run("diff", "--side-by-side", script, FORCE_COLOR="1", COLUMNS="100")
    assert b"--side-by-side needs a terminal of 120 columns" in done.stderr
    assert "@@ -1," in plain(done.stdout)


@pytest.mark.parametrize("fixture", PATCHED[::9], ids=lambda one: one.name)
def test_both_columns_together_are_the_two_texts_of_the_hunk(fixture: Fixture) -> None:
    for hunk in hunks(ackpatch.patch(fixture.original, **fixture.options)):
        old = [line for line in hunk.lines if line.sign in (" ", "-")]
        new = [line for line in hunk.lines if line.sign in (" ", "+")]
        assert [one for one, _ in pairs(hunk) if one is not None] == old
        assert [one for _, one in pairs(hunk) if one is not None] == new
        assert hunk.reasons


@pytest.mark.parametrize("fixture", PATCHED[::5], ids=lambda one: one.name)
def test_the_picture_shows_each_event_once_and_an_arrow_to_each_covered_start(fixture: Fixture) -> None:
    result = ackpatch.patch(fixture.original, **fixture.options)
    lines = list(picture_lines("a.sh", result))
    by_call = [one for one in result.events if one.by == "a call before it"]
    assert sum(line.startswith("+-> ") for line in lines) == len(by_call)
    assert sum(line.startswith("+-- ") for line in lines) == bool(by_call)
    assert sum(bool(re.match(r"[+| ][-> ]{3}  \d+:\d+ ", line)) for line in lines) == len(result.events)
    drawn = [str(text) for text in rich_picture("a.sh", result)]
    assert sum("├─▶" in line for line in drawn) == len(by_call)


def test_a_command_without_options_does_the_same_as_one_with_them(script: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.sh"
    for command in ("check", "diff", "inspect"):
        short, long = run(command, script, missing), run(command, "--format", "text", script, missing)
        assert (short.returncode, short.stdout, short.stderr) == (long.returncode, long.stdout, long.stderr)
    (tmp_path / "ackpatch.toml").write_text("x = 1\n")
    assert run("check", script).returncode == run("check", "-j", "1", script).returncode == 2
