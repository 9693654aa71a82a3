"""The unified diff in hunks, each with the edits that it shows: what the terminal and the HTML page are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest

from ackpatch.api import PatchResult
from ackpatch.model import Edit
from ackpatch.report.mask import masked
from ackpatch.source import Lines

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(slots=True)
class Hunk:
    """``header`` is the line with ``@@``; ``lines`` the others, with their signs; ``reasons`` why, with their codes."""

    header: str
    lines: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def hunks(result: PatchResult[bytes]) -> list[Hunk]:
    """Give the hunks of a result's diff; join tokens are masked."""
    text = masked(result.diff().decode("utf-8", "replace"))
    found: list[Hunk] = []
    for line in text.split("\n")[2:-1]:
        if line.startswith("@@ "):
            found.append(Hunk(line, [], _reasons(result, line)))
        else:
            found[-1].lines.append(line)
    return found


def _reasons(result: PatchResult[bytes], header: str) -> list[str]:
    match = _HEADER.match(header)
    assert match is not None
    first, count = int(match[1]), int(match[2] or 1)
    lines = Lines(result.source)
    inside = [one for one in result.edits if first <= lines.place(one.span.start)[0] <= first + count]
    return list(dict.fromkeys(_reason(one) for one in inside))


def _reason(edit: Edit) -> str:
    return f"{edit.code}: {edit.reason}"


def summary(path: str, result: PatchResult[bytes]) -> str:
    """Give one line that says how much is changed."""
    signs = [line[:1] for hunk in hunks(result) for line in hunk.lines]
    added, removed = signs.count("+"), signs.count("-")
    if not result.changed:
        return f"{path}: no change"
    return f"{path}: {len(result.edits)} edits, {added} lines added, {removed} removed"


def pairs(hunk: Hunk) -> list[tuple[str | None, str | None]]:
    """Give a hunk's lines for two columns, without their signs; None where a column has no line."""
    found: list[tuple[str | None, str | None]] = []
    old: list[str] = []
    new: list[str] = []
    for line in [*hunk.lines, " "]:
        if line.startswith("-"):
            old.append(line[1:])
        elif line.startswith("+"):
            new.append(line[1:])
        elif not line.startswith("\\"):
            found += list(zip_longest(old, new))
            old, new = [], []
            found.append((line[1:], line[1:]))
    return found[:-1]
