"""``ackpatch apply`` and ``ackpatch revert``: the two commands that write."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ackpatch.api import PatchResult, revert
from ackpatch.cli.ask import Answer, Asking, is_there_somebody
from ackpatch.cli.examine import examine_bytes
from ackpatch.cli.files import STDIN, each_file, put, read_input, say, show_name, tell
from ackpatch.cli.gather import gathered
from ackpatch.cli.terminal import put_diff
from ackpatch.errors import UsageError
from ackpatch.hunks import counted, hunks, summary
from ackpatch.model import EventKind, Severity
from ackpatch.options import Options
from ackpatch.report.diff_text import AS_USUAL, View
from ackpatch.source import replace_file, require_regular, write_new

if TYPE_CHECKING:
    from ackpatch.cli.rehearse import Rehearsing

# Does all of it anew, for the bytes that a file has now.
Again = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Writing:
    """The options of apply; ``rehearsing`` are those of a rehearsal that the result has to pass."""

    yes: bool = False
    output: str = ""
    backup: bool = False
    view: View = AS_USUAL
    quiet: bool = False
    wanted: Options = field(default_factory=Options)
    rehearsing: Rehearsing | None = None
    exclude: tuple[str, ...] = ()
    asking: Asking = field(default_factory=Asking)


def apply_files(named: list[str], writing: Writing) -> int:
    """Apply to each file; gives the worst exit code."""
    paths = gathered(named, writing.exclude, writing.wanted.config)
    if writing.output and len(paths) > 1:
        raise UsageError("--output takes one script")
    return each_file(paths, lambda path, data: _apply(path, data, writing))


def _apply(path: str, data: bytes, writing: Writing) -> int:
    if writing.asking.ended:
        return 1

    result = examine_bytes(path, data, writing.wanted).result
    assert result is not None
    name = show_name(path)
    if not writing.quiet or result.errors:
        tell(name, result, notes=not writing.quiet)
    if result.errors and not (writing.wanted.partial and result.changed):
        say(f"{name}: refused; nothing was written")
        return 2
    if writing.rehearsing is not None and not _holds(name, result.patched, writing.rehearsing):
        say(f"{name}: refused: the rehearsal of the result does not hold; nothing was written")
        return 2
    if path == STDIN or writing.output:
        _put_elsewhere(path, result, writing)
        return 2 if result.errors else 0
    if not result.changed:
        if not writing.quiet:
            say(f"{name}: nothing to do: {_nothing(result)}")
        return 0
    code = _replace(path, result, lambda now: _apply(path, now, writing), writing)
    return max(code, 2 if result.errors else 0)


def _holds(name: str, patched: bytes, options: Rehearsing) -> bool:
    """Rehearse the result; what is wrong goes to standard error."""
    from ackpatch.cli.rehearse import proof_of
    from ackpatch.report.rehearsal_text import proof_lines

    proof = proof_of(patched, options)
    if not proof.holds:
        for line in proof_lines(name, proof):
            say(line)
    return proof.holds


def _nothing(result: PatchResult[bytes]) -> str:
    if not result.source:
        return "the file is empty"
    starts = [one for one in result.events if one.kind in (EventKind.START, EventKind.JOIN)]
    if not starts:
        return "no command here that ackpatch can see starts kubelet"
    if all(one.covered for one in starts):
        return "every kubelet start that ackpatch can see has the four values already"
    return "what is reported above cannot be patched"


def _put_elsewhere(path: str, result: PatchResult[bytes], writing: Writing) -> None:
    if writing.output in ("", "-"):
        put(result.patched)
        return
    mode = None if path == STDIN else os.stat(path).st_mode
    write_new(writing.output, result.patched, mode, writing.wanted.force)
    if not writing.quiet:
        say(f"{writing.output}: written: {summary(result, hunks(result))}")


def _replace(path: str, result: PatchResult[bytes], again: Again, writing: Writing) -> int:
    """Show the diff and ask, where that is wanted, and replace the file."""
    require_regular(path)
    if not (writing.yes or writing.asking.everything):
        if not is_there_somebody():
            say(f"{path}: not written: there is no terminal to ask on; use --yes")
            return 2
        put_diff(result, path, writing.view)
        sys.stdout.flush()
        if writing.asking.ask(path) in (Answer.NO, Answer.QUIT):
            say(f"{path}: not written")
            return 1
        now = read_input(path)
        if now != result.source:
            say(f"{path}: was changed while the question stood; this is the change now:")
            writing.asking.everything = False
            return again(now)
    if writing.backup:
        write_new(f"{path}.orig", result.source, os.stat(path).st_mode)
    replace_file(path, result.patched)
    if not writing.quiet:
        say(f"{path}: written: {summary(result, hunks(result))}{_warned(result)}")
    return 0


def _warned(result: PatchResult[bytes]) -> str:
    count = sum(one.severity is Severity.WARNING for one in result.findings)
    return f"; {counted(count, 'warning')}" if count else ""


def revert_files(named: list[str], writing: Writing) -> int:
    """Revert each file; gives the worst exit code."""

    def one(path: str, data: bytes) -> int:
        if writing.asking.ended:
            return 1
        result = revert(data, force=writing.wanted.force)
        tell(path, result)
        if result.errors:
            say(f"{show_name(path)}: refused; nothing was written")
            return 2
        if path == STDIN:
            put(result.patched)
            return 0
        if not result.changed:
            if not writing.quiet:
                say(f"{path}: nothing to do: it has no edits of ackpatch")
            return 0
        return _replace(path, result, lambda now: one(path, now), writing)

    return each_file(gathered(named, writing.exclude, writing.wanted.config), one)
