"""The plain data that passes between the rooms and out to callers. Offsets are 0-based byte offsets, ends exclusive."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A half-open range of bytes of the script."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Say whether ``other`` lies within this span."""
        return self.start <= other.start and other.end <= self.end


class Severity(str, Enum):
    """How much a finding weighs; only errors move the exit code."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement: the bytes ``old`` at ``span`` become ``new``; an insertion has an empty span.

    ``code`` is that of the finding that the edit mends, ``reason`` what it does.
    """

    span: Span
    old: bytes
    new: bytes
    reason: str
    code: str = "ACK101"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know; ``fixable`` says that ackpatch's own edits mend it, ``blocked`` that they
    are not made, since the script has an error that they do not mend.

    ``line`` and ``column`` are those of the span's start, from 1; a column counts characters.
    """

    code: str
    severity: Severity
    span: Span
    message: str
    remedy: str
    fixable: bool = False
    line: int = 1
    column: int = 1
    blocked: bool = False

    @property
    def can_be_mended(self) -> bool:
        """Say whether ``apply`` mends it."""
        return self.fixable and not self.blocked


class EventKind(str, Enum):
    """What a place in a script means for kubelet."""

    START = "start"
    JOIN = "join"
    BOOT = "boot"
    WRITE = "write"
    INJECTION = "injection"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that the script does to kubelet, in execution order, with what becomes of it.

    ``covered``: it has the four values now; ``covered_after``: it has them once the script is patched; ``by`` says how.
    """

    kind: EventKind
    span: Span
    what: str
    covered: bool
    covered_after: bool
    by: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood of a script: its events in execution order, its findings."""

    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    source: bytes = field(repr=False, default=b"")
