"""The second reader: ready tables equal to fresh ones, quick to load, deaf to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ackpatch.shell import bashlex_reader
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Simple, walk

TABLES = Path(bashlex_reader.__file__).parent / "bashlex_tables.json"


def test_the_shipped_tables_equal_fresh_ones() -> None:
    code = (
        "import json; from importlib.metadata import version; from bashlex import parser; t = parser.yaccparser;"
        "print(json.dumps({'version': version('bashlex'), 'action': dict(t.action), 'goto': dict(t.goto),"
        "'productions': [(p.name, p.len, p.func, str(p)) for p in t.productions]}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json.loads(TABLES.read_text())


def test_loading_builds_no_tables() -> None:
    code = (
        "from ackpatch.shell import bashlex_reader as r; r.load(); import bashlex.yacc as y;"
        "assert y.yacc.__module__ == 'bashlex.yacc'; import bashlex; print(bashlex.parse('a b')[0].kind)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "command\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("systemctl restart kubelet", ("systemctl", "restart", "kubelet")),
        ("system'ctl' \"restart\" kube\\let", ("systemctl", "restart", "kubelet")),
        ("kubeadm join \\\n --token a", ("kubeadm", "join", "--token", "a")),
        ("a > b", ("a",)),
        ("case x", None),
        ("a=(b c)", None),
        ("'", None),
        ("", None),
    ],
)
def test_words(text: str, words: tuple[str, ...] | None) -> None:
    assert bashlex_reader.words_of(text) == words


@pytest.mark.parametrize("line", ["systemctl restart kubelet", "x 'a b' \"c d\" e\\ f", 'x $Y "$(z)" `w` ${v:-u}'])
def test_both_readers_agree_on_plain_commands(line: str) -> None:
    script = parse(line.encode(), "bash")
    command = next(walk(script.statements)).command
    assert isinstance(command, Simple)
    assert bashlex_reader.agrees(script, command) is True
