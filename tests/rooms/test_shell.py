"""Small rooms of the shell: who reads a status, what is no shell script, long here-documents, other encodings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ackpatch
from ackpatch.errors import AckpatchError, SyntaxRefusedError, TooDeepError
from ackpatch.shell import syntax
from ackpatch.shell.not_shell import what_it_is
from ackpatch.shell.quoting import in_ansi_quotes, in_double_quotes, unquoted
from ackpatch.shell.status import reads_status
from ackpatch.shell.syntax import calmed, for_parser, parse, shfmt_program, start, start_early


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("a $?", True),
        ("a ${PIPESTATUS[0]}", True),
        ('a "$_"', True),
        ("a $_x", False),
        ("a $!", False),
        ("if a $?; then b; fi", True),
        ("if a; then b $?; fi", False),
        ("case $? in *) ;; esac", True),
        ("f() { a $?; }", False),
    ],
)
def test_who_reads_a_status(text: str, reads: bool) -> None:
    script = parse(f"{text}\n".encode(), "bash")
    assert reads_status(script, script.statements[0]) == reads


def test_a_function_whose_first_command_reads_it() -> None:
    script = parse(b"f() { local rc=$?; }\ng() { a; b $?; }\nf\ng\n", "bash")
    assert [reads_status(script, one) for one in script.statements[2:]] == [True, False]


@pytest.mark.parametrize(
    ("text", "is_shell"),
    [
        ("#!/bin/bash\nx\n", True),
        ("x\n", True),
        ("#!/usr/bin/env bash\nkey: value\n", True),
        ("#!/usr/bin/python3\nimport os\n", False),
        ("#cloud-config\nruncmd: []\n", False),
        ("Content-Type: multipart/mixed\nMIME-Version: 1.0\n", False),
        ("[Unit]\nDescription=x\n[Service]\nExecStart=/x\n", False),
        ('{"ignition": {"version": "3.0.0"}}\n', False),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  x: y\n", False),
    ],
)
def test_what_is_no_shell_script(text: str, is_shell: bool) -> None:
    assert (what_it_is(text.encode(), "x.sh") is None) == is_shell


def test_quotes() -> None:
    assert unquoted(r"a\ b\$c") == "a b$c"
    assert in_double_quotes(r"a\$b\x\\") == r"a$b\x" + "\\"
    assert in_ansi_quotes(r"a\tb\x41\101") == "a\tbAA"


def test_a_long_document_that_names_nothing_of_ours_is_calm() -> None:
    body = "text with $HOME and `date`\n" * 4000
    script = f"cat <<EOF\n{body}EOF\nsystemctl restart kubelet\n".encode()
    calm, crowded = calmed(script)
    assert (len(calm), b"$HOME" in calm, crowded) == (len(script), False, 0)
    for other in (
        script.replace(b"text", b"kube"),
        b"cat <<EOF\n$x\nEOF\n",
        script.replace(b"\nEOF\n", b"\n"),
    ):
        assert calmed(other) == (other, 0)


def test_a_long_document_with_too_many_expansions_is_told_with_its_line() -> None:
    body = "kubelet $HOME and `date`\n" * 8000
    script = f"#!/bin/bash\n# a list\ncat <<EOF\n{body}EOF\n".encode()
    assert calmed(script) == (script, 3)
    assert calmed(script.replace(b"<<EOF", b"<<'EOF'")) == (script.replace(b"<<EOF", b"<<'EOF'"), 0)
    (found,) = ackpatch.check(script)
    assert (found.code, found.line) == ("ACK115", 3)
    assert "more than 20,000 expansions" in found.message


def test_other_bytes_are_read_as_a_text_of_the_same_length() -> None:
    assert for_parser(b"echo \xff\xe4") == b"echo .."
    assert for_parser("echo ä".encode()) == "echo ä".encode()


def test_refusals_have_their_place() -> None:
    with pytest.raises(SyntaxRefusedError) as caught:
        parse(b"a\nif true\n", "bash")
    assert caught.value.line == 2
    with pytest.raises(TooDeepError):
        parse(b"true && " * 2000 + b"true\n", "bash")


def test_a_parse_that_was_started_early_is_taken_once() -> None:
    data = b"echo early\n"
    start_early(data, "bash")
    first, second = start(data, "bash"), start(data, "bash")
    assert first is not second
    assert [len(one.script().statements) for one in (first, second)] == [1, 1]


def test_a_missing_parser_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    shfmt_program.cache_clear()
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(AckpatchError, match="pip install shfmt-py"):
        shfmt_program()
    shfmt_program.cache_clear()


PIECES = sorted((Path(__file__).parents[2] / "fixtures").rglob("*.sh"))


def _parsed(data: bytes) -> str:
    """A tree as text, or why there is none."""
    try:
        script = parse(for_parser(data), "bash")
    except (SyntaxRefusedError, TooDeepError) as refusal:
        return f"{type(refusal).__name__} {refusal.line}"
    return f"{script.statements} {script.comments}"


@pytest.mark.parametrize("path", PIECES[::7], ids=lambda path: str(path.relative_to(path.parents[3])))
def test_a_script_read_in_pieces_is_the_same_script(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes()
    whole = _parsed(data)
    monkeypatch.setattr("ackpatch.shell.syntax.PIECE", 200)
    assert _parsed(data) == whole


def test_a_piece_ends_where_no_command_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cut is mended by itself: no piece grows, so that a long script never comes to the parser as a whole."""
    text = "if a; then\n  if b; then\nc\n  fi\nfi\ncat <<E\nfi\nE\nx=1 \\\n  d\n" * 40
    lengths: list[int] = []
    made = syntax.Shfmt.__init__

    def measured(self: syntax.Shfmt, data: bytes, *options: str) -> None:
        lengths.append(len(data))
        made(self, data, *options)

    monkeypatch.setattr(syntax, "PIECE", 300)
    monkeypatch.setattr(syntax.Shfmt, "__init__", measured)
    script = parse(text.encode(), "bash")
    assert len(script.statements) == 120
    assert max(lengths) < 450
