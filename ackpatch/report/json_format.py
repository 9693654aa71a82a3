"""Findings and edits as JSON; the schema, number 1, is documented in docs/formats.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ackpatch import __version__
from ackpatch.findings import RULES
from ackpatch.model import Edit, Event, Finding
from ackpatch.report.document import json_document
from ackpatch.report.examined import Examined, region
from ackpatch.report.mask import masked
from ackpatch.source import Lines

SCHEMA = 1


def render(reports: Sequence[Examined], command: str) -> str:
    """One JSON document for all scripts."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "ackpatch", "version": __version__},
        "command": command,
        "files": [_file(one) for one in reports],
    }
    return json_document(document)


def _file(report: Examined) -> dict[str, Any]:
    found: dict[str, Any] = {"path": report.path, "exit_code": report.exit_code, "error": report.error or None}
    result = report.result
    if result is None:
        return {**found, "findings": [], "edits": [], "events": []}
    lines = Lines(result.source)
    return {
        **found,
        "findings": [_finding(lines, one) for one in result.findings],
        "edits": [_edit(one) for one in result.edits] if result.changed else [],
        "events": [_event(lines, one) for one in result.events],
    }


def _finding(lines: Lines, one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "severity": one.severity.value,
        "message": masked(one.message),
        "why": RULES[one.code].why,
        "remedy": one.remedy,
        "fixable": one.can_be_mended,
        **_places(lines, one),
    }


def _places(lines: Lines, one: Finding | Event) -> dict[str, Any]:
    place = region(lines, one.span)
    return {
        "start": {"offset": one.span.start, "line": place.line, "column": place.column},
        "end": {"offset": one.span.end, "line": place.end_line, "column": place.end_column},
    }


def _edit(one: Edit) -> dict[str, Any]:
    """An edit is safe to make only together with all others of its file."""
    return {
        "start": one.span.start,
        "end": one.span.end,
        "content": masked(one.new.decode("utf-8", "replace")),
        "code": one.code,
        "reason": one.reason,
        "applicability": "with-all-others",
    }


def _event(lines: Lines, one: Event) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": one.kind.value, "what": masked(one.what), "by": one.by}
    told |= {"covered": one.covered, "covered_after_apply": one.covered_after}
    return {**told, **_places(lines, one)}
