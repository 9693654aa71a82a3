"""Findings and understanding as plain text, for people and for pipes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ackpatch.model import Event, EventKind, Finding, Understanding
from ackpatch.report.mask import masked
from ackpatch.source import Lines


def finding_lines(path: str, data: bytes, findings: Iterable[Finding]) -> Iterator[str]:
    """Give two lines for each finding: where and what, and the remedy."""
    lines = Lines(data)
    for one in findings:
        line, column = lines.place(one.span.start)
        mend = " [ackpatch can mend this]" if one.fixable else ""
        yield masked(f"{path}:{line}:{column}: {one.severity.value} {one.code}: {one.message}{mend}")
        yield f"    {one.remedy}"


_WORDS = {
    EventKind.START: "start",
    EventKind.JOIN: "join",
    EventKind.BOOT: "boot",
    EventKind.WRITE: "write",
    EventKind.INJECTION: "injection",
    EventKind.UNSEEN: "unseen",
}


def understanding_lines(path: str, data: bytes, understood: Understanding) -> Iterator[str]:
    """Give the picture of a script: its mode, then its events in the order in which they run, with carets."""
    lines = Lines(data)
    yield f"{path}: mode {understood.mode}: {understood.why or 'nothing here concerns kubelet'}"
    for event in understood.events:
        yield from _event(path, data, lines, event)
    yield from finding_lines(path, data, understood.findings)


def _event(path: str, data: bytes, lines: Lines, event: Event) -> Iterator[str]:
    line, column = lines.place(event.span.start)
    yield masked(f"{path}:{line}:{column}: {_WORDS[event.kind]}: {event.what}{_covered(event)}")
    start = event.span.start - column + 1
    end = data.find(b"\n", start)
    code = data[start : end if end >= 0 else len(data)].decode("utf-8", "replace").expandtabs(4)
    before = data[start : event.span.start].decode("utf-8", "replace").expandtabs(4)
    shown = masked(code)
    width = max(1, min(event.span.end - event.span.start, len(shown) - len(before)))
    yield f"    {shown}"
    yield f"    {' ' * len(before)}{'^' * width}"


def _covered(event: Event) -> str:
    if event.kind not in (EventKind.START, EventKind.JOIN):
        return f" ({event.by})" if event.by else ""
    return f" -- covered: {event.by}" if event.covered else " -- NOT covered"
