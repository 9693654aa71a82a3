"""What is shown on a terminal: the layout for people, in colour where that is wanted. Off one, plain bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ackpatch.api import PatchResult
from ackpatch.cli.files import put, say
from ackpatch.hunks import git_diff, hunks, pairs, summary
from ackpatch.model import Finding, Severity
from ackpatch.report.diff_text import View, masked_diff, shown_lines

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 120  # columns that two halves of a diff need
_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_STYLES = {"+": "green", "-": "red", "file": "bold", "sum": "bold", "reason": "yellow", "at": "cyan"}


def is_terminal() -> bool:
    """Say whether standard output gets the layout for people; FORCE_COLOR asks for it off a terminal too."""
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def console() -> Console:
    """A console that neither wraps nor reads markup; NO_COLOR takes the colours away and nothing else."""
    from rich.console import Console

    system: Any = None if os.environ.get("NO_COLOR") else "standard"
    return Console(force_terminal=True, color_system=system, soft_wrap=True, highlight=False)


def put_texts(texts: Iterable[Any]) -> None:
    """Write rich's texts to standard output."""
    out = console()
    for one in texts:
        out.print(one)


def diff_path(path: str) -> str:
    """The name of a file in a diff: from the current folder, as git apply wants it."""
    return os.path.relpath(path)


def put_raw(result: PatchResult[bytes], path: str) -> None:
    """Write the diff that git apply takes, byte for byte."""
    name = diff_path(path)
    if result.changed and name.startswith("../"):
        say(f"ackpatch: {path}: lies outside this folder: run git apply above it, or with --unsafe-paths")
    put(git_diff(result, name))


def put_diff(result: PatchResult[bytes], path: str, view: View, side_by_side: bool = False) -> None:
    """Write the diff of a result for people; secrets are masked."""
    if side_by_side:
        if is_terminal() and console().width < WIDE:
            say(f"ackpatch: --side-by-side needs a terminal of {WIDE} columns; shown in one column")
        else:
            _put_side_by_side(result, path, view)
            return
    if not is_terminal():
        put(masked_diff(result, diff_path(path), view.secrets))
        return
    name = diff_path(path)
    put_texts(coloured_diff(result, path if name.startswith("..") else name, view))


def coloured_diff(result: PatchResult[bytes], path: str, view: View) -> Iterable[Any]:
    """The lines of a diff as rich's texts; the words that a changed line gets are underlined."""
    from rich.text import Text

    for line in shown_lines(result, path, view):
        style = _STYLES.get(line.kind, "")
        # Text takes a line as it is; rich would read [x] in a plain string as markup.
        text = Text(tab_size=8)
        for piece, differs in line.pieces:
            text.append(piece, style=f"{style} underline" if differs else style)
        yield text


def _put_side_by_side(result: PatchResult[bytes], path: str, view: View) -> None:
    from rich.table import Table
    from rich.text import Text

    found = hunks(result)
    if not found:
        return
    out = console()
    if not is_terminal():
        from rich.console import Console

        out = Console(force_terminal=False, no_color=True, color_system=None)
    out.width = max(out.width, WIDE)
    out.soft_wrap = False
    for hunk in found:
        for reason in hunk.reasons:
            out.print(Text(f"# {reason}", style="yellow"))
        table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_column(width=1)
        table.add_column(ratio=1, overflow="fold")
        for old, new in pairs(hunk):
            changed = old is not new
            sign = "|" if changed and old is not None and new is not None else "<" if new is None else ">"
            table.add_row(
                Text(view.text(old.text) if old else "", style="red" if changed else "", tab_size=8),
                Text(sign if changed else " ", style="cyan"),
                Text(view.text(new.text) if new else "", style="green" if changed else "", tab_size=8),
            )
        out.print(table)
    out.print(Text(f"{path}: {summary(result, found)}", style="bold"))


def severity_texts(path: str, findings: Iterable[Finding]) -> Iterable[Any]:
    """The lines of findings as rich's texts, the severity in its colour."""
    from rich.text import Text

    from ackpatch.report.text import finding_lines

    for one in findings:
        head, *rest = finding_lines(path, [one])
        text = Text(head)
        text.highlight_regex(rf"(?<=: ){one.severity.value} {one.code}", f"bold {_SEVERITIES[one.severity]}")
        yield text
        yield from (Text(line, style="dim") for line in rest)
