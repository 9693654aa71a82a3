"""Findings as SARIF 2.1.0 (OASIS), with the edits as fixes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ackpatch import __version__
from ackpatch.api import PatchResult
from ackpatch.findings import RULES, Rule
from ackpatch.model import Finding, Severity
from ackpatch.report.document import json_document
from ackpatch.report.examined import Examined, region
from ackpatch.report.mask import masked
from ackpatch.report.repository import in_repository
from ackpatch.source import Lines

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_CODES = list(RULES)


def render(reports: Sequence[Examined], command: str) -> str:
    """One SARIF log for all scripts."""
    notices = [_notice(one) for one in reports if one.error]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "ackpatch",
                "version": __version__,
                "rules": [_rule(code, rule) for code, rule in RULES.items()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not notices, "toolExecutionNotifications": notices}],
        "results": [one for report in reports if report.result for one in _results(report.path, report.result)],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_document(log)


def _rule(code: str, rule: Rule) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _notice(report: Examined) -> dict[str, Any]:
    return {"level": "error", "message": {"text": masked(report.error)}}


def _results(path: str, result: PatchResult[bytes]) -> list[dict[str, Any]]:
    """A file's results; its edits only make sense together, so that they are the fix of its first mended one."""
    lines, uri = Lines(result.source), _uri(path)
    found = [_result(uri, lines, one) for one in result.findings]
    mended = next((number for number, one in enumerate(result.findings) if one.fixable), None)
    if mended is not None and result.changed:
        found[mended]["fixes"] = [_fix(uri, result)]
    return found


def _result(uri: str, lines: Lines, one: Finding) -> dict[str, Any]:
    place = region(lines, one.span)
    return {
        "ruleId": one.code,
        "ruleIndex": _CODES.index(one.code),
        "level": _LEVELS[one.severity],
        "message": {"text": masked(f"{one.message}. {one.remedy}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {
                        "startLine": place.line,
                        "startColumn": place.column,
                        "endLine": place.end_line,
                        "endColumn": place.end_column,
                        "byteOffset": one.span.start,
                        "byteLength": one.span.end - one.span.start,
                    },
                }
            }
        ],
    }


def _fix(uri: str, result: PatchResult[bytes]) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {"byteOffset": one.span.start, "byteLength": one.span.end - one.span.start},
            "insertedContent": {"text": masked(one.new.decode("utf-8", "replace"))},
        }
        for one in result.edits
    ]
    change = {"artifactLocation": {"uri": uri}, "replacements": replacements}
    return {"description": {"text": "All that ackpatch apply changes in this script."}, "artifactChanges": [change]}


def _uri(path: str) -> str:
    return quote(in_repository(path).encode("utf-8", "surrogateescape"))
