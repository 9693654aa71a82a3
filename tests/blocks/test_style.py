"""The blocks as text: small, laid out, clean for shellcheck, and of names of ours alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ackpatch.inserted.blocks import Kind, block, body, checksum

BIN = Path(sys.executable).parent
each_kind = pytest.mark.parametrize("kind", Kind)


@each_kind
def test_it_fits_one_screen(kind: Kind) -> None:
    text = block(kind)
    lines = text.splitlines()
    assert len(lines) <= {Kind.CALL: 90, Kind.VALUES: 35, Kind.AGENT: 60}[kind]
    assert max(map(len, lines)) <= 120
    assert not [line for line in lines if line.startswith("#")]
    assert len(text) <= 6500
    assert text.isascii()


@each_kind
@pytest.mark.parametrize("dialect", ["sh", "bash", "dash"])
def test_it_is_clean_for_shellcheck(kind: Kind, dialect: str) -> None:
    command = [str(BIN / "shellcheck"), "-s", dialect, "-"]
    run = subprocess.run(
        command, input=block(kind) + ': "${ackpatch_flags-}"\n', capture_output=True, text=True, check=False
    )
    assert run.stdout == ""


@each_kind
def test_it_is_laid_out(kind: Kind) -> None:
    command = [str(BIN / "shfmt"), "-ln", "posix", "-i", "4", "-ci", "-d"]
    run = subprocess.run(command, input=block(kind), capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")


@each_kind
@pytest.mark.parametrize("options", [["-i", "0"], ["-i", "2"], ["-bn"], ["-ci"], ["-sr"], ["-kp"], ["-fn"], ["-s"]])
def test_a_formatter_does_not_damage_it(kind: Kind, options: list[str]) -> None:
    command = [str(BIN / "shfmt"), "-ln", "bash", *options]
    text = subprocess.run(command, input=block(kind), capture_output=True, text=True, check=True).stdout
    inside = re.sub(r"[ \t]*# ackpatch:2 (?:begin|end).*", "", text)
    assert checksum(inside) == checksum(body(kind))


@each_kind
def test_it_defines_only_names_of_ours(kind: Kind) -> None:
    outer = re.sub(r"<<'ACKPATCH'.*?\nACKPATCH\n", "", body(kind), flags=re.DOTALL)
    names = set(re.findall(r"(?:^|[\s;])([A-Za-z_]\w*)(?:\(\)|=)", outer))
    assert {one for one in names if not one.startswith("ackpatch_")} <= {
        "LC_ALL",
        "PATH",
        "ID",
        "NAME",
        "LABELS",
        "TAINTS",
        "WORDS",
        "text",
    }


def test_nothing_is_read_through_a_pipe_that_closes_early() -> None:
    assert not re.search(r"\|\s*(grep -q|head)", body(Kind.CALL))


@each_kind
@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_shells_parse_it(kind: Kind, shell: str) -> None:
    assert subprocess.run([shell, "-n"], input=block(kind).encode(), check=False).returncode == 0
