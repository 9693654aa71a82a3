"""The change of a script in hunks, each with the reasons of its edits; every view of a diff is made from these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ackpatch.model import Edit
from ackpatch.source import Lines, equal_ends

if TYPE_CHECKING:
    from ackpatch.api import PatchResult

CONTEXT = 3  # lines around a change
_NO_NEWLINE = b"\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk: its sign (blank, ``+`` or ``-``) and its bytes, the newline included where it has one."""

    sign: str
    data: bytes

    @property
    def text(self) -> str:
        """The line for people, without its newline."""
        return self.data.removesuffix(b"\n").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Hunk:
    """``old`` and ``new`` are the first line (from 1) and the count of lines; ``reasons`` say why, with their codes."""

    old: tuple[int, int]
    new: tuple[int, int]
    lines: tuple[Line, ...]
    reasons: tuple[str, ...]

    @property
    def header(self) -> str:
        """The line with ``@@``."""
        return f"@@ -{_range(*self.old)} +{_range(*self.new)} @@"


@dataclass(frozen=True, slots=True)
class _Change:
    """The lines of the original from ``first`` to before ``end`` become ``new``."""

    first: int
    end: int
    new: tuple[bytes, ...]


def _range(first: int, count: int) -> str:
    # Where there are no lines, the number is that of the line before.
    return f"{first}" if count == 1 else f"{first if count else first - 1},{count}"


def hunks(result: PatchResult[bytes]) -> tuple[Hunk, ...]:
    """The hunks of a result, in order; none where nothing is changed."""
    if not result.changed:
        return ()
    lines = _split(result.source)
    groups: list[list[_Change]] = []
    for change in _changes(result, lines):
        if groups and change.first - groups[-1][-1].end <= 2 * CONTEXT:
            groups[-1].append(change)
        else:
            groups.append([change])
    places = Lines(result.source)
    found, grown = [], 0
    for group in groups:
        found.append(_hunk(lines, group, grown, result.edits, places))
        grown += sum(len(one.new) - (one.end - one.first) for one in group)
    return tuple(found)


def _hunk(lines: list[bytes], group: list[_Change], grown: int, edits: Sequence[Edit], places: Lines) -> Hunk:
    start, end = max(0, group[0].first - CONTEXT), min(len(lines), group[-1].end + CONTEXT)
    shown: list[Line] = []
    at = start
    for change in group:
        shown += [Line(" ", one) for one in lines[at : change.first]]
        shown += [Line("-", one) for one in lines[change.first : change.end]]
        shown += [Line("+", one) for one in change.new]
        at = change.end
    shown += [Line(" ", one) for one in lines[at:end]]
    added, removed = (sum(one.sign == sign for one in shown) for sign in "+-")
    inside = [one for one in edits if start <= places.place(one.span.start)[0] - 1 <= end]
    reasons = tuple(dict.fromkeys(f"{one.code}: {one.reason}" for one in inside))
    old = (start + 1, end - start)
    return Hunk(old, (start + 1 + grown, end - start + added - removed), tuple(shown), reasons)


def _split(data: bytes) -> list[bytes]:
    """Split at newlines only; a carriage return or a form feed ends no line for git."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _changes(result: PatchResult[bytes], lines: list[bytes]) -> Iterator[_Change]:
    """What the edits do to whole lines: edits that touch the same line are one change."""
    starts = [0]
    for one in lines:
        starts.append(starts[-1] + len(one))
    places = Lines(result.source)
    several: list[Edit] = []
    first = end = 0
    for edit in result.edits:
        begins, ends = _touched(edit, places, result.source, len(lines))
        if several and begins >= max(end, first + (several[-1].span.start > starts[first])):
            yield from _change(result.source, lines, starts, several, first, end)
            several = []
        if not several:
            first, end = begins, ends
        several.append(edit)
        end = max(end, ends)
    if several:
        yield from _change(result.source, lines, starts, several, first, end)


def _touched(edit: Edit, places: Lines, source: bytes, count: int) -> tuple[int, int]:
    """The lines that an edit changes; whole lines that are put in or taken out touch none beside them."""
    line, column = places.place(edit.span.start)
    begins = line - 1
    last, rest = places.place(edit.span.end)
    whole = column == 1 and (not edit.new or edit.new.endswith(b"\n")) and rest == 1
    return begins, min(last - 1 if whole else last, count)


def _change(
    source: bytes, lines: list[bytes], starts: list[int], edits: list[Edit], first: int, end: int
) -> Iterator[_Change]:
    at, parts = starts[first], []
    for edit in edits:
        parts += [source[at : edit.span.start], edit.new]
        at = edit.span.end
    new = _split(b"".join([*parts, source[at : starts[end]]]))
    old = lines[first:end]
    if len(old) < 2 or len(new) < 2:
        yield _trimmed(old, new, first)
        return
    from difflib import SequenceMatcher

    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield _Change(first + a, first + b, tuple(new[c:d]))


def _trimmed(old: list[bytes], new: list[bytes], first: int) -> _Change:
    """Leave out what is equal at both ends."""
    head, tail = equal_ends(old, new)
    return _Change(first + head, first + len(old) - tail, tuple(new[head : len(new) - tail]))


def git_diff(result: PatchResult[bytes], path: str) -> bytes:
    """The unified diff of raw bytes, as git writes it; ``git apply`` takes it. Empty where nothing is changed."""
    if not result.changed:
        return b""
    parts = [one.encode() for one in header(path)]
    for hunk in hunks(result):
        parts.append(f"{hunk.header}\n".encode())
        for line in hunk.lines:
            whole = line.data.endswith(b"\n")
            parts += [line.sign.encode(), line.data, b"" if whole else b"\n" + _NO_NEWLINE]
    return b"".join(parts)


def header(path: str) -> tuple[str, str]:
    """The two lines that name the file."""
    name = path.removeprefix("./").lstrip("/")
    return f"--- {_quoted('a/' + name)}\n", f"+++ {_quoted('b/' + name)}\n"


def _quoted(name: str) -> str:
    """Quote a name as git does where it holds special characters."""
    if all(" " < one < "\x7f" and one not in '"\\' for one in name):
        return name
    if all(" " <= one < "\x7f" and one not in '"\\' for one in name):
        return name + "\t"
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in (0x22, 0x5C) else f"\\{byte:03o}"
        for byte in name.encode("utf-8", "surrogateescape")
    )
    return f'"{escaped}"'


def counted(count: int, what: str) -> str:
    """A number with its noun."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def summary(result: PatchResult[bytes], found: Sequence[Hunk]) -> str:
    """Say how much is changed; ``found`` are the result's hunks."""
    if not found:
        return "no change"
    signs = [line.sign for hunk in found for line in hunk.lines]
    added = counted(signs.count("+"), "line")
    return f"{counted(len(result.edits), 'edit')}, {added} added, {signs.count('-')} removed"


def pairs(hunk: Hunk) -> list[tuple[Line | None, Line | None]]:
    """A hunk's lines for two columns; None where a column has no line."""
    found: list[tuple[Line | None, Line | None]] = []
    old: list[Line] = []
    new: list[Line] = []
    for line in [*hunk.lines, Line(" ", b"")]:
        if line.sign == "-":
            old.append(line)
        elif line.sign == "+":
            new.append(line)
        else:
            found += [*_aligned(old, new), (line, line)]
            old, new = [], []
    return found[:-1]


def _aligned(old: list[Line], new: list[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Put each old line beside the new one that it became."""
    at = 0
    for line in old:
        became = next((n for n in range(at, len(new)) if _is_alike(line.data, new[n].data)), None)
        if became is None:
            yield line, None
            continue
        yield from ((None, one) for one in new[at:became])
        yield line, new[became]
        at = became + 1
    yield from ((None, one) for one in new[at:])


def _is_alike(old: bytes, new: bytes) -> bool:
    """Say whether most of a line is left in another."""
    return 2 * sum(equal_ends(old, new)) >= len(old)
