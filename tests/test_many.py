"""Many scripts in one run: side by side, in the order of the command line, and one bad one stops no other."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import run

START = "systemctl restart kubelet\n"


@pytest.fixture
def scripts(tmp_path: Path) -> list[Path]:
    paths = []
    for number in range(12):
        path = tmp_path / f"{number:02}.sh"
        path.write_text("echo hello\n" if number % 3 == 0 else f"echo {number}\n" + START)
        paths.append(path)
    paths[5].unlink()
    paths[7].write_text("if " + START)
    return paths


@pytest.mark.parametrize("jobs", ["0", "1", "4"])
def test_results_come_in_the_order_of_the_command_line(scripts: list[Path], jobs: str) -> None:
    done = run("check", "--jobs", jobs, "--format", "json", *scripts)
    assert done.returncode == 2
    files = json.loads(done.stdout)["files"]
    assert [one["path"] for one in files] == [str(path) for path in scripts]
    assert [one["exit_code"] for one in files] == [0, 1, 1, 0, 1, 2, 0, 2, 1, 0, 1, 1]


def test_the_number_of_jobs_changes_nothing(scripts: list[Path]) -> None:
    for command in ("diff", "check", "inspect"):
        one, four = (run(command, "--jobs", jobs, *scripts) for jobs in ("1", "4"))
        assert (one.returncode, one.stdout, one.stderr) == (four.returncode, four.stdout, four.stderr)


def test_apply_goes_on_behind_a_bad_one(scripts: list[Path]) -> None:
    done = run("apply", "--yes", *scripts)
    assert done.returncode == 2
    assert "ackpatch_kubelet" in scripts[11].read_text()
    assert scripts[0].read_text() == "echo hello\n"


def test_a_bar_is_shown_on_a_terminal_only(scripts: list[Path]) -> None:
    def errors(terminal: bool) -> bytes:
        reader, writer = pty.openpty() if terminal else os.pipe()
        command = [sys.executable, "-m", "ackpatch", "check", *map(str, scripts)]
        env = {**os.environ, "TERM": "xterm"}
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=writer, check=False, env=env)
        data = os.read(reader, 100_000)
        os.close(reader)
        os.close(writer)
        return data

    assert b"scripts" in errors(terminal=True)
    assert b"\x1b[" not in errors(terminal=False)
