"""Bytes to tree: ``shfmt --to-json`` reads the structure, its byte offsets lead back to the original text."""

from __future__ import annotations

import json
import os
import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ackpatch.errors import AckpatchError, SyntaxRefusedError
from ackpatch.shell.process import Running

if TYPE_CHECKING:
    from ackpatch.shell.tree import Script

Json = dict[str, Any]
_ERROR = re.compile(r"^(?:<standard input>:)?(\d+):(\d+): (.*)$", re.MULTILINE)


@lru_cache(maxsize=1)
def shfmt_program() -> str:
    """Find shfmt beside this Python (where the package shfmt-py puts it), then on the PATH."""
    beside = os.path.join(os.path.dirname(sys.executable), "shfmt")
    if os.access(beside, os.X_OK):
        return beside
    import shutil
    import sysconfig

    scripts = os.path.join(sysconfig.get_path("scripts"), "shfmt")
    if os.access(scripts, os.X_OK):
        return scripts
    found = shutil.which("shfmt")
    if not found:
        raise AckpatchError("shfmt is not installed; it comes with the package shfmt-py: pip install shfmt-py")
    return found


def for_parser(data: bytes) -> bytes:
    """Give what shfmt can read: it refuses bytes that are not UTF-8, so those texts get a same-length stand-in.

    A dot is an ordinary character of a word and ends a variable's name, as any byte from 0x80 on does for bash.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return bytes(byte if byte < 0x80 else 0x2E for byte in data)
    return data


class Shfmt:
    """A run of shfmt over the bytes of a script; started when this is made."""

    def __init__(self, data: bytes, dialect: str, *options: str) -> None:
        command = [shfmt_program(), f"--language-dialect={dialect}", *options]
        # A Go program that lives for half a second need not tidy up so often: a quarter less time, 60 MB more.
        self._run = Running(command, for_parser(data), {"GOGC": "400", **os.environ})

    def output(self) -> bytes:
        """Wait for the end; raises SyntaxRefusedError with the parser's message and place."""
        status, output, errors = self._run.wait()
        if status == 0:
            return output
        message = errors.decode("utf-8", "replace").strip()
        place = _ERROR.search(message)
        if place is None:
            raise SyntaxRefusedError(message or "the parser gave no reason", 1, 1)
        raise SyntaxRefusedError(place[3], int(place[1]), int(place[2]))


class Parsing:
    """A parse under way: the parser runs from the moment this is made, so that its time can be used."""

    def __init__(self, data: bytes, dialect: str) -> None:
        self.dialect = dialect
        self._data = data
        self._shfmt = Shfmt(data, dialect, "--to-json")

    def script(self) -> Script:
        """Wait for the tree; raises SyntaxRefusedError. To be called once."""
        # Loaded here, so that the parser is at work already when an early parse gets here.
        from ackpatch.shell.build import Builder
        from ackpatch.shell.tree import Script

        tree: Json = json.loads(self._shfmt.output())
        text = self._data.decode("latin-1")
        builder = Builder(text)
        return Script(text, builder.statements(tree.get("Stmts", []), None, "list"), builder.comments, self.dialect)


# Parses that the command line started before it had loaded what reads its arguments; used once, by content.
_EARLY: dict[tuple[bytes, str], Parsing] = {}


def start_early(data: bytes, dialect: str) -> None:
    """Start a parse whose result will probably be asked for."""
    _EARLY[data, dialect] = Parsing(data, dialect)


def start(data: bytes, dialect: str) -> Parsing:
    """Start a parse, or take the one that runs already."""
    return _EARLY.pop((data, dialect), None) or Parsing(data, dialect)


def parse(data: bytes, dialect: str) -> Script:
    """Parse a script in one dialect (``bash`` or ``posix``); raises SyntaxRefusedError."""
    return Parsing(data, dialect).script()
