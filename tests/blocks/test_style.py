"""The shell files that go into users' scripts are clean, alone and put together."""

from __future__ import annotations

import re
import subprocess
from importlib.resources import files

import pytest

from ackpatch.splice.prologue import prologue

from .ground import find, needs

BLOCKS = sorted(entry.name for entry in (files("ackpatch.splice") / "blocks").iterdir() if entry.name.endswith(".sh"))
# A file alone uses what others set and sets what others use, and its functions are called with arguments elsewhere; the
# awk programs are single-quoted on purpose; each subshell has its own scratch variables on purpose.
# shopt is called where BASH_VERSION says that the shell is bash.
BETWEEN_FILES = "SC2154,SC2034,SC2120,SC2119"
ON_PURPOSE = "SC2016,SC2030,SC2031,SC3044"
CALLS = 'ackpatch_kubelet\nackpatch_kubelet config /etc/kubernetes/join.yaml\nfalse\nackpatch_kubelet keep "$?"\n'
COMPOSED = [
    (runtime, wraps, node_ip, join_config)
    for runtime in ("kubeadm", "binary", "either", None)
    for wraps in (False, True)
    for node_ip in (False, True)
    for join_config in (False, True)
    if runtime or not join_config
]


def text_of(name: str) -> str:
    return (files("ackpatch.splice") / "blocks" / name).read_text(encoding="ascii")


def shellcheck(text: str, dialect: str, exclude: str) -> str:
    command = [find("shellcheck") or "", "--norc", "-s", dialect, "-f", "gcc", "-e", exclude, "-"]
    # It does not know that "command read" assigns.
    text = text.replace("command read ", "read ")
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False).stdout


@needs("shellcheck")
@pytest.mark.parametrize("name", BLOCKS)
def test_each_block_is_clean_for_shellcheck(name: str) -> None:
    assert shellcheck(text_of(name), "sh", f"{BETWEEN_FILES},{ON_PURPOSE}") == ""


@needs("shellcheck")
@pytest.mark.parametrize("dialect", ["sh", "bash"])
def test_whole_prologues_are_clean_for_shellcheck(dialect: str) -> None:
    """What is defined for another composition may stay unused here."""
    for runtime, wraps, node_ip, join_config in (COMPOSED[0], COMPOSED[7], COMPOSED[15], COMPOSED[23], COMPOSED[-1]):
        calls = CALLS if runtime else ""
        found = shellcheck(prologue(runtime, wraps, node_ip, join_config) + calls, dialect, f"{ON_PURPOSE},SC2034")
        found = "".join(
            line for line in found.splitlines(keepends=True) if join_config or "ackpatch_join_config" not in line
        )
        assert found == "", (runtime, wraps, node_ip, join_config)


@needs("shfmt")
@pytest.mark.parametrize("name", BLOCKS)
def test_each_block_is_laid_out(name: str) -> None:
    command = [find("shfmt") or "", "-ln", "posix", "-i", "4", "-ci", "-d"]
    ended = subprocess.run(command, input=text_of(name), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@needs("shfmt")
@pytest.mark.parametrize("dialect", ["posix", "bash", "mksh"])
def test_whole_prologues_parse_in_each_dialect(dialect: str) -> None:
    for choice in COMPOSED:
        ended = subprocess.run(
            [find("shfmt") or "", "-ln", dialect], input=prologue(*choice), capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("name", BLOCKS)
def test_each_block_is_plain_text(name: str) -> None:
    """ASCII, so that it fits into a script of any encoding; whole lines; no tabs to be lost."""
    text = text_of(name)
    assert text.isascii()
    assert text.endswith("\n")
    assert "\t" not in text
    assert "\r" not in text
    assert not any(line != line.rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("name", BLOCKS)
def test_each_block_defines_only_names_of_ours(name: str) -> None:
    """A script of the owner's may have any other name; inside our subshells, scratch names are short."""
    shell = re.sub(r"'[^']*'", "''", text_of(name))
    functions = re.findall(r"^(\w+)\(\)", shell, re.MULTILINE)
    variables = re.findall(r"^(\w+)=", shell, re.MULTILINE)
    assert [word for word in [*functions, *variables] if not word.startswith("ackpatch_")] == []


@pytest.mark.parametrize("shell", [["bash", "-n"], ["bash", "--posix", "-n"], ["dash", "-n"], ["busybox", "sh", "-n"]])
def test_shells_parse_every_composition(shell: list[str]) -> None:
    if find(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    for choice in COMPOSED:
        ended = subprocess.run(shell, input=prologue(*choice), capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, "")
