"""The diff for people: secrets masked, control characters written out, the standard block folded to one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ackpatch.api import PatchResult
from ackpatch.hunks import Hunk, Line, git_diff, header, hunks, pairs, summary
from ackpatch.report.fold import folded
from ackpatch.report.mask import file_name, masked, masked_bytes, printable, printable_lines
from ackpatch.source import equal_ends

MASKED = "# join tokens and passwords are masked; --raw gives what git apply takes, --show-secrets shows them"
WRITTEN_OUT = "# control characters are written out; --raw gives what git apply takes"
# A span of a line, with what it is: the words that differ from the line's partner, or the rest.
Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class View:
    """``full``: the block line by line. ``secrets``: nothing is masked."""

    full: bool = False
    secrets: bool = False

    def text(self, line: str) -> str:
        """A line as it may be shown."""
        return printable(line if self.secrets else masked(line))


AS_USUAL = View()


def masked_diff(result: PatchResult[bytes], path: str, secrets: bool = False) -> bytes:
    """The diff that goes to a file or a pipe: where nothing is secret in it, and all printable, git apply takes it."""
    raw = git_diff(result, path)
    known = raw if secrets else masked_bytes(raw)
    shown = printable_lines(known)
    notes = [note for note, told in ((MASKED, known != raw), (WRITTEN_OUT, shown != known)) if told]
    return b"".join(f"{one}\n".encode() for one in notes) + shown


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a diff on a terminal: ``kind`` is ``file``, ``reason``, ``at``, ``+``, ``-``, `` `` or ``sum``."""

    kind: str
    pieces: Pieces


def shown_lines(result: PatchResult[bytes], path: str, view: View) -> Iterator[Shown]:
    """The lines of a diff on a terminal: each hunk under the codes and reasons of its edits."""
    found = hunks(result)
    if not found:
        return
    lines = [line.text for hunk in found for line in hunk.lines]
    if not view.secrets and any(masked(one) != one for one in lines):
        yield _plain("reason", MASKED)
    yield from (_plain("file", printable(line.rstrip("\n"))) for line in header(path))
    for hunk in found:
        yield from (_plain("reason", f"# {reason}") for reason in hunk.reasons)
        yield _plain("at", hunk.header)
        yield from _body(hunk, view)
    yield _plain("sum", f"{file_name(printable(path))}: {summary(result, found)}")


def _plain(kind: str, text: str) -> Shown:
    return Shown(kind, ((text, False),))


def _body(hunk: Hunk, view: View) -> Iterator[Shown]:
    partners: dict[int, Line] = {}
    for old, new in pairs(hunk):
        if old is not None and new is not None and old is not new:
            partners[id(old)], partners[id(new)] = new, old
    for line in hunk.lines if view.full else folded(hunk.lines):
        if isinstance(line, str):
            yield _plain("+", line)
            continue
        partner = partners.get(id(line))
        other = None if partner is None else view.text(partner.text)
        yield Shown(line.sign, ((line.sign, False), *_differing(view.text(line.text), other)))


def _differing(text: str, other: str | None) -> Pieces:
    """Tell the words of a line apart that its partner does not have."""
    if other is None:
        return ((text, False),)
    head, tail = equal_ends(text, other)
    end = len(text) - tail
    return ((text[:head], False), (text[head:end], True), (text[end:], False))
