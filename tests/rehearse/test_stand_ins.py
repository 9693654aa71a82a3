"""The stand-ins are shell files that pass the linters."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ackpatch import rehearse

FOLDER = Path(rehearse.__file__).parent / "stand_ins"
FILES = sorted(file for file in FOLDER.iterdir() if not file.name.startswith("."))


def _tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def test_shellcheck() -> None:
    command = [_tool("shellcheck"), "-s", "sh", *(str(file) for file in FILES)]
    assert subprocess.run(command, capture_output=True, text=True, cwd=FOLDER, check=False).stdout == ""


def test_shfmt() -> None:
    command = [_tool("shfmt"), "-ln", "posix", "-i", "4", "-d", *(str(file) for file in FILES)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stdout + result.stderr == ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_begins_with_what_it_is(file: Path) -> None:
    first, second, *_ = file.read_text().splitlines()
    assert first in ("#!/bin/sh", "# shellcheck shell=sh")
    assert second.startswith("# ")
