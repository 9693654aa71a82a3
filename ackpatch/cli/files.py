"""What the commands share: reading the files that were named, and writing bytes and messages to the right streams."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from ackpatch.api import PatchResult
from ackpatch.errors import AckpatchError
from ackpatch.model import Severity
from ackpatch.report.mask import file_name, masked, printable
from ackpatch.report.text import finding_lines
from ackpatch.source import read_script, read_standard_input

STDIN = "-"


def show_name(path: str) -> str:
    """The name of an input as messages show it."""
    return "<stdin>" if path == STDIN else path


def read_input(path: str) -> bytes:
    """The bytes of a script; raises UnreadableError."""
    return read_standard_input() if path == STDIN else read_script(path)


def each_file(paths: Iterable[str], work: Callable[[str, bytes], int]) -> int:
    """Do the work on each file on its own and give the worst exit code; an unreadable file is one line and 2."""
    worst = 0
    for path in paths:
        try:
            worst = max(worst, work(path, read_input(path)))
        except AckpatchError as error:
            say(f"ackpatch: {error}")
            worst = 2
    return worst


def say(text: str) -> None:
    """Write a message line to standard error; what comes from a path or a server cannot steer the terminal."""
    sys.stderr.write(f"{file_name(printable(masked(text)))}\n")


def put(data: bytes) -> None:
    """Write bytes to standard output as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def tell(path: str, result: PatchResult[bytes], notes: bool = True) -> None:
    """Write the findings that a person has to read besides the diff."""
    told = [one for one in result.findings if not one.fixable and (notes or one.severity is not Severity.NOTE)]
    for line in finding_lines(show_name(path), told):
        say(line)
