"""The reading of units against the real thing: a user manager of the machine's systemd runs each case, once for all.

Each case's program writes its arguments to a file; the same unit is read by ``systemd.command_line``.
"""

import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ackpatch.systemd.service import command_line

MANAGER = "/usr/lib/systemd/systemd"
RUN = """
mount -t tmpfs none /run && mkdir -p /run/systemd/system /run/user &&
env -i PATH="$PATH" XDG_RUNTIME_DIR=/run/user HOME=/run/user SYSTEMD_UNIT_PATH="$0:" \
    {manager} --user --unit=all.target --log-target=null
"""
# Argument part of ExecStart; "A" and "B" are set by Environment=, the rest by the environment file.
ARGUMENTS = [
    "$A",
    "${A}",
    "$B",
    "${B}",
    "$MISSING",
    "${MISSING}",
    "x$A",
    "x${A}y${B}z",
    "'$A'",
    '"$A"',
    '"${A}"',
    "$$A",
    "$$$$",
    "$${A}",
    "a$$b",
    "%%",
    "100%%",
    "%n",
    "%p-%N",
    "%",
    "%z",
    "a\\qb",
    "a\\x41\\101\\s\\t\\n",
    "\\u00e9",
    "a\\\\b",
    "'a\\'b'",
    '"a\\"b"',
    "\"one two\"'three four'",
    "'' \"\" last",
    "a'b c'd",
    "a ; b",
    "a \\; b",
    "a\\;b",
    "${A",
    "${}",
    "$",
    "$ a",
    "${A}${A}",
    "$A/x",
    "--flag=$A",
    "--flag=${A}",
    "$QUOTED",
    "${QUOTED}",
    "$BACK",
    "${BACK}",
    "$OPEN",
    "$GLUED",
    "$LATE",
    "a \\\n b",
    "a \\\n# comment\n b",
    "a \\\n; comment\n b",
    "a \\\n# comment \\\n b",
    "a \\\n\n b",
    "a \\\n   b \\\n\tc",
    "a\\\\\nEnvironment=Q=1",
    "last \\\nEnvironment=Q=swallowed",
    "trailing\\",
]
ENVIRONMENT_FILES = [
    "X=a",
    "X=a b",
    "X= a ",
    'X="a b"',
    "X='a b'",
    'X="--a" --b',
    'X="--a"--b "c"',
    'X=a"b c"d',
    "X='a' 'b'",
    'X="a\\"b"',
    'X="a\\nb"',
    'X="a\\$b\\`c\\\\d"',
    "X='a\\'b'",
    "X=a\\ b",
    "X=a\\\nb",
    'X="a\\\nb"',
    'X="a\nb"',
    "X='a\nb'",
    'X="open',
    "X='open",
    "export X=a",
    "X+=a",
    " X=a",
    "X =a",
    "X= ",
    "X=",
    "X",
    "X=a\nX=b",
    "X=a\n#X=b",
    "X=a\n;X=b",
    "# c\\\nX=a",
    "# c\\\\\nX=a",
    "X=a # b",
    'X="a" # b',
    "X=a;b",
    "X=$HOME `id` %n",
    "\ufeffX=a",
    "X=a\r\nY=b\r\n",
    "X=é",
    "1X=a",
    "X-Y=a",
    'X=""',
    "X=''b",
    'X=\\"a b\\"',
    "X=a\\",
    'X="a"\\\n"b"',
    "X==a",
    "X='a'b\"c\"",
]
ENVIRONMENTS = [
    "X=a",
    '"X=a b"',
    "'X=a b' Y=c",
    'X="a b"',
    "X=a b",
    "X=%n",
    "X=%%n",
    "X=$A",
    "X=a\\tb",
    "X=a\\qb Y=1",
    '"X=a',
    "X",
    "X=1 X=2",
    "export X=1",
    "X=1 1Y=2 Z=3",
    '"X=a\\"b"',
    "X='a' 'Y=b'",
    "X=a\\x20b",
]
QUOTES = (
    'A=one "two three" four\nQUOTED=\'a "b c" d\'\nBACK=a\\\\ b\\\\\\\\c\nOPEN=\'a "b c\'\nGLUED="a"b c\nLATE=a "b c"\n'
)


def _random_texts(alphabet: list[str], count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    texts = ["".join(dice.choices(alphabet, k=dice.randint(1, 9))) for _ in range(count)]
    # The machine's own boot id, image and host name are not those of a rehearsal.
    return [text for text in texts if not re.search("%[aAb]", text)]


PIECES = ["a", "b", " ", " ", "'", '"', "\\", "$", "${", "}", "A", "%", "n", "=", "-", ";", "#", "\\\n"]
FILE_PIECES = ["X", "=", "=", "a", " ", "'", '"', "\\", "\n", "\n", "#", ";", "$", "Y=", "X=", "\t"]


def _cases() -> dict[str, tuple[str, str]]:
    """Name → (the lines of [Service], the environment file)."""
    show = "ExecStart={dump} %n X:${{X}} Y:${{Y}} $X\n"
    arguments = [*ARGUMENTS, *_random_texts(PIECES, 150, 1)]
    files = [*ENVIRONMENT_FILES, *_random_texts(FILE_PIECES, 150, 2)]
    environments = [*ENVIRONMENTS, *("X=" + text for text in _random_texts(PIECES[:-1], 60, 3))]
    cases = {
        f"argument{at}": (f"Environment=B=\nExecStart={{dump}} %n {text}\n", QUOTES)
        for at, text in enumerate(arguments)
    }
    cases |= {f"file{at}": (show, text) for at, text in enumerate(files)}
    cases |= {f"environment{at}": (f"Environment={text}\n{show}", "") for at, text in enumerate(environments)}
    return cases


def _unit(lines: str, folder: Path, name: str) -> str:
    text = lines.replace("{dump}", f"{folder}/dump").replace("${{", "${").replace("}}", "}")
    return f"[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nEnvironmentFile={folder}/{name}.env\n{text}"


@pytest.fixture(scope="module")
def by_systemd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A folder with one file of arguments for each case that systemd could run, and systemd's version."""
    if not os.access(MANAGER, os.X_OK) or shutil.which("unshare") is None:
        pytest.skip("the machine has no systemd to compare with")
    folder = tmp_path_factory.mktemp("systemd")
    units = folder / "units"
    units.mkdir()
    (folder / "out").mkdir()
    (folder / "dump").write_text(f'#!/bin/sh\nprintf "%s\\0" "$@" >"{folder}/out/$1"\n')
    (folder / "dump").chmod(0o755)
    for name, (lines, environment) in _cases().items():
        (units / f"{name}.service").write_text(_unit(lines, folder, name), newline="")
        (folder / f"{name}.env").write_text(environment, newline="")
    names = " ".join(f"{name}.service" for name in _cases())
    (units / "all.target").write_text(f"[Unit]\nDefaultDependencies=no\nWants={names} end.service\n")
    end = f"[Unit]\nDefaultDependencies=no\nAfter={names}\nSuccessAction=exit-force\n"
    (units / "end.service").write_text(f"{end}[Service]\nType=oneshot\nExecStart=true\n")
    command = [
        "unshare",
        "-r",
        "-m",
        "-p",
        "-f",
        "--kill-child",
        "--mount-proc",
        "sh",
        "-c",
        RUN.format(manager=MANAGER),
    ]
    try:
        subprocess.run([*command, str(units)], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("systemd's user manager does not end here")
    if len(list((folder / "out").iterdir())) < len(_cases()) // 2:
        pytest.skip("systemd's user manager does not run here")
    version = re.search(
        r"systemd (\d+)", subprocess.run([MANAGER, "--version"], capture_output=True, text=True, check=True).stdout
    )
    return folder, int(version.group(1)) if version else 0


@pytest.mark.parametrize("name", _cases())
def test_reads_as_systemd_does(name: str, by_systemd: tuple[Path, int]) -> None:
    folder, version = by_systemd
    unit = f"{name}.service"
    files = {
        f"/etc/systemd/system/{unit}": (folder / "units" / unit).read_bytes(),
        f"{folder}/{name}.env": (folder / f"{name}.env").read_bytes(),
    }
    out = folder / "out" / unit
    expected = tuple(out.read_bytes().decode().split("\0")[:-1]) if out.exists() else None
    read = command_line(unit, files, version, "worker-1")
    found = None if read.error else read.argv[1:]
    assert found == expected, f"{files[f'/etc/systemd/system/{unit}'].decode()}\n{read.error}"
