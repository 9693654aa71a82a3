"""``ackpatch apply`` and ``ackpatch revert``: the two commands that write."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from ackpatch.api import PatchResult, revert
from ackpatch.cli.colour import put_diff
from ackpatch.cli.examine import STDIN, examine_bytes, show_name
from ackpatch.cli.files import each_file, put, say, tell
from ackpatch.model import EventKind
from ackpatch.options import Options
from ackpatch.source import replace_file, write_new


@dataclass(frozen=True, slots=True)
class Writing:
    """The options of apply."""

    yes: bool
    output: str
    backup: bool
    rehearse: bool
    full: bool
    wanted: Options


def apply_files(paths: list[str], writing: Writing) -> int:
    """Apply to each file; gives the worst exit code."""
    if writing.output and len(paths) > 1:
        say("ackpatch: --output takes one script")
        return 2
    return each_file(paths, lambda path, data: _apply(path, data, writing))


def _apply(path: str, data: bytes, writing: Writing) -> int:
    result = examine_bytes(path, data, writing.wanted).result
    assert result is not None
    tell(path, result)
    name = show_name(path)
    if result.errors and not (writing.wanted.partial and result.changed):
        say(f"{name}: refused; nothing was written")
        return 2
    if writing.rehearse and not _holds(name, result.patched):
        say(f"{name}: refused: the rehearsal of the result does not hold; nothing was written")
        return 2
    if path == STDIN or writing.output:
        _put_elsewhere(path, result, writing)
        return 2 if result.errors else 0
    if not result.changed:
        say(f"{name}: nothing to do: {_nothing(result)}")
        return 0
    code = _replace(path, result, writing.yes, writing.backup, writing.full)
    return max(code, 2 if result.errors else 0)


def _holds(name: str, patched: bytes) -> bool:
    """Rehearse the result; what is wrong goes to standard error."""
    from ackpatch.api import prove
    from ackpatch.rehearse.verdict import VALUES
    from ackpatch.report.rehearsal_text import proof_lines

    proof = prove(patched, values=VALUES)
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
    if not writing.output:
        put(result.patched)
        return
    mode = None if path == STDIN else os.stat(path).st_mode
    write_new(writing.output, result.patched, mode, writing.wanted.force)
    say(f"{writing.output}: written")


def _replace(path: str, result: PatchResult[bytes], yes: bool, backup: bool, full: bool = False) -> int:
    """Show the diff, ask where that is possible, and replace the file."""
    put_diff(result, path, full=full)
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            say(f"{path}: not written: there is no terminal to ask on; use --yes")
            return 2
        import typer

        if not typer.confirm(f"Write this to {path}?", err=True):
            say(f"{path}: not written")
            return 2
    if backup:
        write_new(f"{path}.orig", result.source, os.stat(path).st_mode)
    replace_file(path, result.patched)
    say(f"{path}: written")
    return 0


def revert_files(paths: list[str], yes: bool, force: bool) -> int:
    """Revert each file; gives the worst exit code."""

    def work(path: str, data: bytes) -> int:
        result = revert(data, force=force)
        tell(path, result)
        if result.errors:
            say(f"{show_name(path)}: refused; nothing was written")
            return 2
        if path == STDIN:
            put(result.patched)
            return 0
        if not result.changed:
            say(f"{path}: nothing to do: it has no edits of ackpatch")
            return 0
        return _replace(path, result, yes, backup=False)

    return each_file(paths, work)
