"""What sed makes of a text, against the real sed; what would take too long is left alone."""

from __future__ import annotations

import subprocess

import pytest

from ackpatch.shell.substituted import substituted

TEXT = "systemctl enable --now @(UNIT)@ {x}\nkubeadm join a/b --token=T.T\n# UNIT\n"
PROGRAMS = [
    ["s/UNIT/kubelet/"],
    ["s/U.IT/kubelet/g"],
    ["s#@(\\(U.*T\\))@#<\\1&>#; s/{x}//"],
    ["-E", "s/@\\((U[A-Z]+)\\)@/\\1/g"],
    ["-e", "s|a/b|10.0.0.1:6443|", "-e", "s/T\\.T/abc/"],
    ["-n", "-e", "s/^# //;p"],
    ["/UNIT/s/UNIT/chrony/"],
    ["s/[/x/"],
    ["s/a\\/b/c/"],
    ["s/^/  /"],
]


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_as_sed_does_it(program: list[str]) -> None:
    done = subprocess.run(["sed", *program], input=TEXT, capture_output=True, text=True, check=False)
    expected = done.stdout if done.returncode == 0 else TEXT
    given = substituted(program, TEXT)
    assert given.rstrip("\n ") == expected.rstrip("\n ")


@pytest.mark.parametrize("pattern", ["\\(a*\\)*", "a*a*a*a*a*", ".*.*.*.*.*.*"])
def test_what_could_take_long_is_left_alone(pattern: str) -> None:
    text = "a" * 5000
    assert substituted([f"s/{pattern}/c/"], text) == text
