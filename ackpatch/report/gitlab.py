"""Findings as a GitLab code quality report."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from ackpatch.model import Severity
from ackpatch.report.document import json_document
from ackpatch.report.examined import Examined
from ackpatch.report.mask import masked
from ackpatch.report.repository import in_repository

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(reports: Sequence[Examined], command: str) -> str:
    """One JSON array for all scripts."""
    issues = [one for report in reports for one in _issues(report)]
    return json_document(issues)


def _issues(report: Examined) -> Iterator[dict[str, Any]]:
    path = in_repository(report.path)
    if report.result is None:
        yield _issue(path, 1, "ackpatch", "critical", report.error, report.error)
        return
    seen: dict[str, int] = {}
    for one in report.result.findings:
        text = report.result.source[one.span.start : one.span.end].decode("latin-1")
        # The place is left out: a finding that only moved is the same. Equal ones are told apart by their number.
        same = f"{one.code}:{text}"
        seen[same] = seen.get(same, 0) + 1
        message = f"{one.message}. {one.remedy}"
        yield _issue(path, one.line, one.code, _SEVERITIES[one.severity], message, f"{same}:{seen[same]}")


def _issue(path: str, line: int, check: str, severity: str, message: str, same: str) -> dict[str, Any]:
    source = f"{path}\0{same}".encode("utf-8", "surrogateescape")
    return {
        "description": masked(message),
        "check_name": check,
        "fingerprint": f"{zlib.crc32(source):08x}{zlib.adler32(source):08x}",
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
