"""Findings as plain text, for people and for pipes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ackpatch.model import Finding
from ackpatch.report.mask import masked, printable
from ackpatch.source import Lines


def finding_lines(path: str, data: bytes, findings: Iterable[Finding]) -> Iterator[str]:
    """Give two lines for each finding: where and what, and the remedy."""
    lines = Lines(data)
    for one in findings:
        line, column = lines.place(one.span.start)
        mend = " [ackpatch can mend this]" if one.fixable else ""
        yield printable(masked(f"{path}:{line}:{column}: {one.severity.value} {one.code}: {one.message}{mend}"))
        yield f"    {one.remedy}"
