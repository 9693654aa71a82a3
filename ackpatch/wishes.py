"""What the owner asks of ackpatch in comments: to leave a line alone, or to put a call at a place.

``# ackpatch: ignore`` and ``# ackpatch: ignore[ACK203, ACK227]`` are for their own line or, alone on a line, for the
next one; ``# ackpatch: here`` is for the next statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ackpatch.model import Finding, Span
from ackpatch.shell.tree import Script

_WISH = re.compile(r"#[ \t]*ackpatch:[ \t]*(ignore|here)\b(?:\[([^\]\n]*)\])?")
# Ignoring one of these leaves a start or a write uncovered: it is the same as to ignore the line.
_COVERAGE = frozenset({"ACK101", "ACK102", "ACK103"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """``here`` are the comments that ask for a call; ``lines`` has the codes that are ignored by line (from 0), where
    an empty set stands for all. ``codes``: each code that a comment names, with the comment.
    """

    here: tuple[Span, ...]
    lines: dict[int, frozenset[str]]
    codes: tuple[tuple[Span, str], ...] = ()

    def ignores(self, line: int, code: str) -> bool:
        """Say whether a finding on a line is not wanted; what makes a script unreadable cannot be ignored."""
        codes = self.lines.get(line)
        return codes is not None and (not codes or code in codes) and code != "ACK303" and not code.startswith("ACK9")

    def leaves_alone(self, line: int, needs_cover: bool) -> bool:
        """Say whether a place on a line is left as it is; ``needs_cover``: it starts kubelet or writes its files."""
        codes = self.lines.get(line)
        return codes is not None and (not codes or (needs_cover and bool(codes & _COVERAGE)))


def read_wishes(script: Script) -> Wishes:
    """Read the comments of a script."""
    here: list[Span] = []
    lines: dict[int, frozenset[str]] = {}
    named: list[tuple[Span, str]] = []
    for span in script.comments:
        wish = _WISH.search(script.text, span.start, span.end)
        if wish is None:
            continue
        if wish[1] == "here":
            here.append(span)
            continue
        line = script.text.count("\n", 0, span.start)
        alone = not script.text[script.text.rfind("\n", 0, span.start) + 1 : span.start].strip()
        codes = frozenset(code for code in re.split(r"[,\s]+", (wish[2] or "").upper()) if code)
        lines[line + 1 if alone else line] = codes
        named += [(span, code) for code in sorted(codes)]
    return Wishes(tuple(here), lines, tuple(named))


def selected(code: str, select: Iterable[str], ignore: Iterable[str]) -> bool:
    """Say whether a code is wanted: by the longest prefix that matches; of two alike, ``ignore`` counts."""
    if code.startswith("ACK9"):
        return True
    chosen = max((len(one) for one in select if code.startswith(one)), default=-1 if list(select) else 0)
    return chosen > max((len(one) for one in ignore if code.startswith(one)), default=-1)


def kept(
    findings: list[Finding], text: str, wishes: Wishes, select: Iterable[str], ignore: Iterable[str]
) -> list[Finding]:
    """The findings that are wanted."""
    found = []
    for one in findings:
        line = text.count("\n", 0, one.span.start) if wishes.lines else -1
        if selected(one.code, select, ignore) and not wishes.ignores(line, one.code):
            found.append(one)
    return found
