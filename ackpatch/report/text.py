"""Findings as plain text, for people and for pipes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ackpatch.hunks import counted
from ackpatch.model import Finding, Severity
from ackpatch.report.examined import Examined
from ackpatch.report.mask import file_name, masked, printable


def finding_lines(path: str, findings: Iterable[Finding]) -> Iterator[str]:
    """Two lines for each finding: where and what, and the remedy."""
    for one in findings:
        mend = " [ackpatch can mend this]" if one.can_be_mended else ""
        place = f"{file_name(path)}:{one.line}:{one.column}"
        yield printable(masked(f"{place}: {one.severity.value} {one.code}: {one.message}{mend}"))
        yield f"    {one.remedy}"


def totals(reports: Sequence[Examined]) -> str:
    """Sum up the findings of a run in one line; empty where nothing is to be done, or the one script cannot be read."""
    findings = [one for report in reports if report.result for one in report.result.findings]
    unread = sum(report.result is None for report in reports)
    told = [
        counted(count, severity.value)
        for severity in (Severity.ERROR, Severity.WARNING)
        if (count := sum(one.severity is severity for one in findings))
    ]
    told += [f"{counted(unread, 'file')} that cannot be read"] if unread else []
    if not told or [report.result for report in reports] == [None]:
        return ""
    mended = sum(one.can_be_mended for one in findings)
    end = f"; {mended} can be mended by ackpatch apply" if mended else ""
    return f"{', '.join(told)} in {counted(len(reports), 'file')}{end}"
