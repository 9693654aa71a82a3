"""The commands that only show: diff, check, inspect, explain."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ackpatch.api import PatchResult
from ackpatch.cli.colour import put_diff, put_texts, wants_colour
from ackpatch.cli.examine import examine_all
from ackpatch.cli.files import put, say, tell
from ackpatch.errors import UsageError
from ackpatch.findings import RULES
from ackpatch.options import Options
from ackpatch.report.examined import Examined
from ackpatch.report.text import finding_lines

# The module that renders each format; text is written as it comes.
_FORMATS = {
    "json": "ackpatch.report.json_format",
    "sarif": "ackpatch.report.sarif",
    "github": "ackpatch.report.github",
    "gitlab": "ackpatch.report.gitlab",
}


PAGE_BEGINS = b"<!DOCTYPE html>"


@dataclass(frozen=True, slots=True)
class Showing:
    """How to show: the format, a page to write, how many scripts at a time."""

    format: str = "text"
    html: str = ""
    jobs: int = 0
    side_by_side: bool = False
    full: bool = False


def diff_files(paths: Sequence[str], wanted: Options, showing: Showing) -> int:
    """Show the diff of each script."""

    def show(path: str, result: PatchResult[bytes]) -> None:
        tell(path, result, notes=False)
        put_diff(result, path, showing.side_by_side, showing.full)

    return _show("diff", paths, wanted, showing, show)


def check_files(paths: Sequence[str], wanted: Options, showing: Showing) -> int:
    """Show the findings of each script."""

    def show(path: str, result: PatchResult[bytes]) -> None:
        for line in finding_lines(path, result.source, result.findings):
            print(line)

    return _show("check", paths, wanted, showing, show)


def inspect_files(paths: Sequence[str], wanted: Options, showing: Showing) -> int:
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
    wanted: Options,
    showing: Showing,
    show: Callable[[str, PatchResult[bytes]], None],
) -> int:
    """Examine all, show each in its turn or all in one document, and give the worst exit code."""
    if showing.html:
        _refuse_to_hurt(showing.html, paths)
    worst = 0
    kept: list[Examined] = []
    whole = showing.format != "text" or bool(showing.html)
    for report in examine_all(paths, wanted, showing.jobs):
        worst = max(worst, report.exit_code)
        if command == "diff" and report.result is not None and report.result.changed:
            worst = max(worst, 1)
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


def _refuse_to_hurt(page: str, paths: Sequence[str]) -> None:
    """Raise UsageError where a page would take the place of something that is no page of ours."""
    if not os.path.exists(page):
        return
    with open(page, "rb") as file:
        is_page = file.read(len(PAGE_BEGINS)) == PAGE_BEGINS
    if not is_page or any(os.path.exists(path) and os.path.samefile(path, page) for path in paths):
        raise UsageError(f"{page}: is there already, and is no page of ackpatch: --html takes the file to write")


def _render(module: str, reports: Sequence[Examined], command: str) -> bytes:
    text: str = importlib.import_module(module).render(reports, command)
    return text.encode("utf-8")


def _explain_block() -> int:
    """Print the texts that go near the top of scripts, as they are there."""
    from ackpatch.splice.block import Kind, block

    for kind in Kind:
        put(block(kind).encode("ascii"))
    return 0


def explain_code(code: str) -> int:
    """Print what is always true of a finding."""
    if code.lower() == "block":
        return _explain_block()
    rule = RULES.get(code.upper())
    if rule is None:
        say(f"ackpatch: there is no finding {code}; known are {', '.join(RULES)}")
        return 2
    print(f"{code.upper()} ({rule.severity.value}): {rule.title}\n\n{rule.why}\n\nWhat to do: {rule.remedy}")
    return 0
