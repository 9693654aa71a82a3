"""The commands that only show: diff, check, inspect, explain."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ackpatch.api import PatchResult
from ackpatch.cli.examine import examine_all
from ackpatch.cli.files import put, say, tell
from ackpatch.cli.gather import gathered
from ackpatch.cli.terminal import is_terminal, put_diff, put_raw, put_texts, severity_texts
from ackpatch.errors import UsageError
from ackpatch.findings import RULES
from ackpatch.model import Finding, Severity
from ackpatch.options import Options
from ackpatch.report.diff_text import AS_USUAL, View
from ackpatch.report.examined import Examined
from ackpatch.report.text import finding_lines, totals

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
    """How to show: the format, a page to write, how many scripts at a time; ``raw`` is the diff for git apply."""

    format: str = "text"
    html: str = ""
    jobs: int = 0
    side_by_side: bool = False
    view: View = AS_USUAL
    raw: bool = False
    quiet: bool = False
    exclude: tuple[str, ...] = ()


def diff_files(paths: Sequence[str], wanted: Options, showing: Showing) -> int:
    """Show the diff of each script."""

    def show(path: str, result: PatchResult[bytes]) -> None:
        if not showing.quiet:
            tell(path, result, notes=False)
        if showing.raw:
            put_raw(result, path)
        else:
            put_diff(result, path, showing.view, showing.side_by_side)

    return _show("diff", paths, wanted, showing, show)


def check_files(named: Sequence[str], wanted: Options, showing: Showing) -> int:
    """Show the findings of each script, and their number at the end."""
    # Whoever names one script wants to hear that it starts no kubelet; in a folder most scripts are of that kind.
    alone = len(named) == 1 and not os.path.isdir(named[0])

    def show(path: str, result: PatchResult[bytes]) -> None:
        _put_findings(path, _told(result.findings, showing.quiet, alone))

    return _show("check", named, wanted, showing, show)


def _told(findings: Sequence[Finding], quiet: bool, alone: bool) -> list[Finding]:
    return [
        one for one in findings if (one.severity is Severity.ERROR or not quiet) and (alone or one.code != "ACK301")
    ]


def _put_findings(path: str, findings: Sequence[Finding]) -> None:
    if is_terminal():
        put_texts(severity_texts(path, findings))
        return
    for line in finding_lines(path, findings):
        print(line)


def inspect_files(paths: Sequence[str], wanted: Options, showing: Showing) -> int:
    """Show what was understood of each script; exit code 2 where something cannot be mended."""

    def show(path: str, result: PatchResult[bytes]) -> None:
        from ackpatch.report.picture import picture_lines, rich_picture

        if is_terminal():
            put_texts(rich_picture(path, result))
        else:
            for line in picture_lines(path, result):
                print(line)
        _put_findings(path, _told(result.findings, showing.quiet, alone=True))

    code = _show("inspect", paths, wanted, showing, show)
    return code if code == 2 else 0


def _show(
    command: str,
    named: Sequence[str],
    wanted: Options,
    showing: Showing,
    show: Callable[[str, PatchResult[bytes]], None],
) -> int:
    """Examine all, show each in its turn or all in one document, and give the worst exit code."""
    paths = gathered(named, showing.exclude, wanted.config)
    if showing.html:
        _refuse_to_hurt(showing.html, paths)
    worst = 0
    kept: list[Examined] = []
    for report in examine_all(paths, wanted, showing.jobs):
        worst = max(worst, report.exit_code)
        if command == "diff" and report.result is not None and report.result.changed:
            worst = max(worst, 1)
        kept.append(report if showing.format != "text" or showing.html else _light(report))
        if report.error:
            say(f"ackpatch: {report.error}")
        elif report.result is not None and showing.format == "text":
            show(report.path, report.result)
    if showing.format != "text":
        put(_render(_FORMATS[showing.format], kept, command))
    elif command == "check" and not showing.quiet and (total := totals(kept)):
        say(total)
    if showing.html:
        from ackpatch.source import write_new

        write_new(showing.html, _render("ackpatch.report.html", kept, command), 0o644, force=True)
        say(f"{showing.html}: written")
    return worst


def _light(report: Examined) -> Examined:
    """Keep what the last line counts, and not the scripts."""
    if report.result is None:
        return report
    return Examined(report.path, PatchResult(b"", b"", (), report.result.findings), report.error)


def _refuse_to_hurt(page: str, paths: Sequence[str]) -> None:
    """Raise UsageError where a page would take the place of something that is no page of ours."""
    if not os.path.exists(page):
        return
    is_page = False
    if os.path.isfile(page):
        with open(page, "rb") as file:
            is_page = file.read(len(PAGE_BEGINS)) == PAGE_BEGINS
    if not is_page or any(os.path.exists(path) and os.path.samefile(path, page) for path in paths):
        raise UsageError(f"{page}: is there already, and is no page of ackpatch: --html takes the file to write")


def _render(module: str, reports: Sequence[Examined], command: str) -> bytes:
    text: str = importlib.import_module(module).render(reports, command)
    return text.encode("utf-8")


def explain(what: str) -> int:
    """Explain a finding, or list all, or all whose codes begin so; ``block`` prints the texts that go into scripts."""
    if what.lower() == "block":
        from ackpatch.inserted.blocks import Kind, block

        for kind in Kind:
            put(block(kind).encode("ascii"))
        return 0
    code = what.upper()
    rule = RULES.get(code)
    if rule is not None:
        print(f"{code} ({rule.severity.value}): {rule.title}\n\n{rule.why}\n\nWhat to do: {rule.remedy}")
        return 0
    family = {one: known for one, known in RULES.items() if one.startswith(code)}
    if not family:
        raise UsageError(f"there is no finding {what}; ackpatch explain lists all")
    for one, known in family.items():
        print(f"{one}  {known.severity.value:7}  {known.title}")
    return 0
