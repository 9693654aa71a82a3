"""What every report is made of: one script with what was found in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ackpatch.api import PatchResult
from ackpatch.model import Finding, Severity, Span
from ackpatch.source import Lines


@dataclass(frozen=True, slots=True)
class Examined:
    """A script by the name it was given, with its result; ``error`` says why there is none."""

    path: str
    result: PatchResult[bytes] | None = None
    error: str = ""

    @property
    def exit_code(self) -> int:
        """0 nothing to do or all covered, 1 ackpatch can mend it, 2 it cannot, or cannot be read."""
        if self.result is None:
            return 2
        return exit_code(self.result.findings)


def exit_code(findings: Iterable[Finding]) -> int:
    """The exit code of check: 0 fine, 1 ackpatch can mend it, 2 it cannot."""
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if any(not one.fixable for one in errors):
        return 2
    return 1 if errors else 0


@dataclass(frozen=True, slots=True)
class Region:
    """A range of a script for people and editors: lines from 1, columns from 1 in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def region(lines: Lines, span: Span) -> Region:
    """The region of a span of bytes."""
    return Region(*lines.shown(span.start), *lines.shown(max(span.start, span.end)))
