"""Findings as annotations of a GitHub workflow: commands on standard output that the runner reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ackpatch.model import Finding, Severity
from ackpatch.report.document import encodable
from ackpatch.report.examined import Examined, region
from ackpatch.report.mask import masked, printable
from ackpatch.report.repository import in_repository
from ackpatch.source import Lines

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(reports: Sequence[Examined], command: str) -> str:
    """One line for each finding and each script that cannot be read."""
    return "".join(f"{line}\n" for report in reports for line in _lines(report))


def _lines(report: Examined) -> Iterator[str]:
    path = in_repository(report.path)
    if report.result is None:
        yield f"::error file={_property(path)},title=ackpatch::{_data(masked(report.error))}"
        return
    lines = Lines(report.result.source)
    yield from (_annotation(path, lines, one) for one in report.result.findings)


def _annotation(path: str, lines: Lines, one: Finding) -> str:
    place = region(lines, one.span)
    properties = [f"file={_property(path)}", f"line={place.line}", f"endLine={place.end_line}"]
    # Columns of an annotation over several lines are refused.
    if place.line == place.end_line:
        properties += [f"col={place.column}", f"endColumn={place.end_column}"]
    properties.append(f"title={_property(one.code)}")
    return f"::{_COMMANDS[one.severity]} {','.join(properties)}::{_data(masked(f'{one.message}. {one.remedy}'))}"


def _data(text: str) -> str:
    return printable(encodable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
