"""The commands as a user runs them: exit codes, streams, files."""

from __future__ import annotations

import os
import pty
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ackpatch
from tests.commands import run

PLAIN = b"#!/bin/bash\nyum install -y kubelet\nsystemctl restart kubelet\n"
QUIET = b"#!/bin/bash\necho hello\n"
BROKEN = b"#!/bin/bash\nif true; then systemctl restart kubelet\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "node.sh"
    path.write_bytes(PLAIN)
    path.chmod(0o750)
    return path


def test_diff_shows_and_writes_nothing(script: Path) -> None:
    done = run("diff", script)
    assert done.returncode == 1
    assert done.stdout == ackpatch.patch(PLAIN).diff(os.path.relpath(script))
    assert script.read_bytes() == PLAIN


def test_git_apply_takes_the_diff_as_it_comes(script: Path) -> None:
    done = run("diff", script.name, cwd=script.parent)
    subprocess.run(["git", "apply", "-"], input=done.stdout, cwd=script.parent, check=True)
    assert script.read_bytes() == ackpatch.patch(PLAIN).patched


def test_check_tells_what_apply_can_mend(script: Path, tmp_path: Path) -> None:
    assert run("check", script).returncode == 1
    run("apply", "--yes", script)
    assert run("check", script).returncode == 0
    broken = tmp_path / "broken.sh"
    broken.write_bytes(BROKEN)
    done = run("check", broken)
    assert done.returncode == 2
    assert b"broken.sh:2:" in done.stdout


def test_check_of_a_script_without_kubelet_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "quiet.sh"
    path.write_bytes(QUIET)
    assert run("check", path).returncode == 0
    done = run("apply", "--yes", path)
    assert done.returncode == 0
    assert b"starts no kubelet" in done.stderr
    path.write_bytes(b"")
    assert run("apply", "--yes", path).returncode == 0


def test_apply_without_a_terminal_and_without_yes_writes_nothing(script: Path) -> None:
    done = run("apply", script)
    assert done.returncode == 2
    assert b"--yes" in done.stderr
    assert script.read_bytes() == PLAIN


def test_apply_writes_and_revert_gives_the_bytes_back(script: Path) -> None:
    assert run("apply", "--yes", script).returncode == 0
    assert script.read_bytes() == ackpatch.patch(PLAIN).patched
    assert stat.S_IMODE(script.stat().st_mode) == 0o750
    again = run("apply", "--yes", script)
    assert again.returncode == 0
    assert b"nothing to do" in again.stderr
    assert run("revert", script).returncode == 2
    assert run("revert", "--yes", script).returncode == 0
    assert script.read_bytes() == PLAIN
    assert list(script.parent.iterdir()) == [script]


def test_a_terminal_is_asked(script: Path) -> None:
    for answer, changed in ((b"n\n", False), (b"y\n", True)):
        main, worker = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "ackpatch", "apply", str(script)],
            stdin=worker,
            stdout=subprocess.DEVNULL,
            stderr=worker,
        )
        os.write(main, answer)
        assert process.wait(20) == (0 if changed else 1)
        os.close(main)
        os.close(worker)
        assert (script.read_bytes() != PLAIN) == changed


def test_standard_input_becomes_standard_output() -> None:
    done = run("apply", "-", stdin=PLAIN)
    assert done.returncode == 0
    assert done.stdout == ackpatch.patch(PLAIN).patched
    assert run("apply", "-", stdin=QUIET).stdout == QUIET
    assert run("revert", "-", stdin=done.stdout).stdout == PLAIN
    refused = run("apply", "-", stdin=BROKEN)
    assert (refused.returncode, refused.stdout) == (2, b"")


def test_output_leaves_the_input_alone_and_never_overwrites(script: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.sh"
    assert run("apply", "--output", target, script).returncode == 0
    assert target.read_bytes() == ackpatch.patch(PLAIN).patched
    assert stat.S_IMODE(target.stat().st_mode) == 0o750
    assert script.read_bytes() == PLAIN
    target.write_bytes(b"mine")
    assert run("apply", "--output", target, script).returncode == 2
    assert target.read_bytes() == b"mine"
    assert run("apply", "--force", "--output", target, script).returncode == 0
    assert target.read_bytes() == ackpatch.patch(PLAIN).patched


def test_backup_keeps_the_original_and_never_overwrites_one(script: Path) -> None:
    assert run("apply", "--yes", "--backup", script).returncode == 0
    backup = script.with_name("node.sh.orig")
    assert backup.read_bytes() == PLAIN
    assert stat.S_IMODE(backup.stat().st_mode) == 0o750
    run("revert", "--yes", script)
    backup.write_bytes(b"older")
    assert run("apply", "--yes", "--backup", script).returncode == 2
    assert (backup.read_bytes(), script.read_bytes()) == (b"older", PLAIN)


def test_each_file_is_done_or_refused_on_its_own(script: Path, tmp_path: Path) -> None:
    binary = tmp_path / "nul.sh"
    binary.write_bytes(b"kubelet\0")
    missing = tmp_path / "missing.sh"
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run("apply", "--yes", empty, missing, binary, script)
    assert done.returncode == 2
    assert script.read_bytes() == ackpatch.patch(PLAIN).patched
    lines = done.stderr.decode().splitlines()
    for one in ("no shell script is in this folder", "no such file", "the file is binary"):
        assert sum(one in line for line in lines) == 1


def test_partial_writes_what_can_be_covered(tmp_path: Path) -> None:
    path = tmp_path / "node.sh"
    source = PLAIN + b"kubelet $OPTS --node-labels='a b=c'\nssh a kubeadm token create --print-join-command | sh\n"
    path.write_bytes(source)
    assert run("apply", "--yes", path).returncode == 2
    assert path.read_bytes() == source
    assert run("apply", "--yes", "--partial", path).returncode == 2
    assert b"ackpatch_kubelet" in path.read_bytes()
    assert ackpatch.revert(path.read_bytes()).patched == source


def test_a_symbolic_link_stays_one(script: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.sh"
    link.symlink_to(script.name)
    assert run("apply", "--yes", link).returncode == 0
    assert link.is_symlink()
    assert script.read_bytes() == ackpatch.patch(PLAIN).patched


def test_a_hard_linked_file_is_refused_with_a_way_out(script: Path, tmp_path: Path) -> None:
    os.link(script, tmp_path / "other.sh")
    done = run("apply", "--yes", script)
    assert done.returncode == 2
    assert b"--output" in done.stderr
    assert script.read_bytes() == PLAIN


def test_killed_at_any_moment_the_file_is_the_old_or_the_new_one(script: Path) -> None:
    new = ackpatch.patch(PLAIN).patched
    for wait in (0.0, 0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3):
        script.write_bytes(PLAIN)
        process = subprocess.Popen(
            [sys.executable, "-m", "ackpatch", "apply", "--yes", str(script)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert script.read_bytes() in (PLAIN, new)


def test_inspect_shows_every_event_with_carets(script: Path) -> None:
    done = run("inspect", script)
    text = done.stdout.decode()
    assert "    writes\n      2:1     installs kubelet\n              yum install -y kubelet\n" in text
    assert "+-- a call goes in here and gives kubelet the four values\n+->   3:1     systemctl restart -- apply" in text
    assert "|             ^^^^^^^^^^^^^^^^^^^^^^^^^\n" in text
    assert script.read_bytes() == PLAIN


def test_a_join_token_is_shown_in_the_raw_diff_only(tmp_path: Path) -> None:
    path = tmp_path / "join.sh"
    path.write_bytes(b"kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n")
    assert b"0123456789abcdef" not in run("inspect", path).stdout
    assert b"0123456789abcdef" not in run("diff", path, FORCE_COLOR="1").stdout
    assert b"0123456789abcdef" not in run("diff", path).stdout
    assert b"0123456789abcdef" in run("diff", "--raw", path).stdout
    assert b"0123456789abcdef" in run("diff", "--show-secrets", path).stdout


def test_colour_follows_the_environment(script: Path) -> None:
    assert b"\x1b[" in run("diff", script, FORCE_COLOR="1").stdout
    assert b"\x1b[" not in run("diff", script, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert b"\x1b[" not in run("diff", script).stdout


@pytest.mark.parametrize("command", ["apply", "diff", "check", "inspect", "revert", "explain"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"Example: ackpatch {command} ".encode() in done.stdout


def test_usage_errors_are_exit_code_two() -> None:
    assert run("apply").returncode == 2
    assert run("nonsense").returncode == 2
    assert run("diff", "--format", "other", "x.sh").returncode == 2
    assert run("explain", "ACK999").returncode == 2


def test_version() -> None:
    for option in ("--version", "-V"):
        assert run(option).stdout == f"ackpatch {ackpatch.__version__}\n".encode()


def test_explain_knows_every_code() -> None:
    done = run("explain", "ack101")
    assert done.returncode == 0
    assert b"What to do:" in done.stdout


@pytest.mark.parametrize("command", [["check"], ["diff", "--format", "text"], ["--help"], ["explain"]])
def test_a_result_that_cannot_be_written_is_one_line_and_no_report_of_a_defect(
    script: Path, command: list[str]
) -> None:
    words = (
        [*command, "ACK101"]
        if command == ["explain"]
        else command
        if command == ["--help"]
        else [*command, str(script)]
    )
    with open("/dev/full", "wb") as full:
        line = [sys.executable, "-m", "ackpatch", *words]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"no space left on device" in done.stderr.lower()
    assert b"internal error" not in done.stderr


def test_a_closed_output_is_no_defect(script: Path) -> None:
    code = f"exec '{sys.executable}' -m ackpatch check '{script}' >&-"
    done = subprocess.run(["bash", "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"1 error in 1 file; 1 can be mended by ackpatch apply\n")
