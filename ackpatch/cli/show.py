"""The commands that only show: diff, check, inspect, explain."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ackpatch.api import PatchResult
from ackpatch.cli.colour import put_diff, put_texts, wants_colour
from ackpatch.cli.examine import Wanted, examine_all
from ackpatch.cli.files import put, say, tell
from ackpatch.findings import RULES
from ackpatch.report.examined import Examined
from ackpatch.report.text import finding_lines

# The module that renders each format; text is written as it comes.
_FORMATS = {
    "json": "ackpatch.report.json_format",
    "sarif": "ackpatch.report.sarif",
    "github": "ackpatch.report.github",
    "gitlab": "ackpatch.report.gitlab",
}


@dataclass(frozen=True, slots=True)
class Showing:
    """How to show: the format, a page to write, how many scripts at a time."""

    format: str = "text"
    html: str = ""
    jobs: int = 0
    side_by_side: bool = False


def diff_files(paths: Sequence[str], wanted: Wanted, showing: Showing) -> int:
    """Show the diff of each script."""

    def show(path: str, result: PatchResult[bytes]) -> None:
        tell(path, result, notes=False)
        put_diff(result, path, showing.side_by_side)

    return _show("diff", paths, wanted, showing, show)


def check_files(paths: Sequence[str], wanted: Wanted, showing: Showing) -> int:
    """Show the findings of each script."""

    def show(path: str, result: PatchResult[bytes]) -> None:
        for line in finding_lines(path, result.source, result.findings):
            print(line)

    return _show("check", paths, wanted, showing, show)


def inspect_files(paths: Sequence[str], wanted: Wanted, showing: Showing) -> int:
    """Show what was understood of each script; exit code 2 where something cannot be mended."""

    def show(path: str, result: PatchResult[bytes]) -> None:
        from ackpatch.report.picture import picture_lines, rich_picture

        if wants_colour():
            put_texts(rich_picture(path, result))
        else:
            for line in picture_lines(path, result):
                print(line)
        for line in finding_lines(path, result.source, result.findings):
            print(line)

    code = _show("inspect", paths, wanted, showing, show)
    return code if code == 2 else 0


def _show(
    command: str,
    paths: Sequence[str],
    wanted: Wanted,
    showing: Showing,
    show: Callable[[str, PatchResult[bytes]], None],
) -> int:
    """Examine all, show each in its turn or all in one document, and give the worst exit code."""
    worst = 0
    kept: list[Examined] = []
    whole = showing.format != "text" or bool(showing.html)
    for report in examine_all(paths, wanted, showing.jobs):
        worst = max(worst, report.exit_code)
        if whole:
            kept.append(report)
        if report.error:
            say(f"ackpatch: {report.error}")
        elif report.result is not None and showing.format == "text":
            show(report.path, report.result)
    if showing.format != "text":
        put(_render(_FORMATS[showing.format], kept, command))
    if showing.html:
        from ackpatch.source import write_new

        write_new(showing.html, _render("ackpatch.report.html", kept, command), 0o644, force=True)
        say(f"{showing.html}: written")
    return worst


def _render(module: str, reports: Sequence[Examined], command: str) -> bytes:
    text: str = importlib.import_module(module).render(reports, command)
    return text.encode("utf-8")


def explain_code(code: str) -> int:
    """Print what is always true of a finding."""
    rule = RULES.get(code.upper())
    if rule is None:
        say(f"ackpatch: there is no finding {code}; known are {', '.join(RULES)}")
        return 2
    print(f"{code.upper()} ({rule.severity.value}): {rule.title}\n\n{rule.why}\n\nWhat to do: {rule.remedy}")
    return 0
