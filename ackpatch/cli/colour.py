"""What is shown on a terminal: colours, the diff with its reasons, in one column or two. Off one, the raw bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ackpatch.api import PatchResult
from ackpatch.cli.files import put, say

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 120  # columns that two halves of a diff need
_STYLES = {"+": "green", "-": "red", "\\": "dim"}


def wants_colour() -> bool:
    """Say whether standard output takes colour: FORCE_COLOR, NO_COLOR and TERM=dumb decide before the terminal does."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def console() -> Console:
    """Give a console that neither wraps nor reads markup."""
    from rich.console import Console

    return Console(force_terminal=True, color_system="standard", soft_wrap=True, highlight=False)


def put_texts(texts: Iterable[Any]) -> None:
    """Write rich's texts to standard output."""
    out = console()
    for one in texts:
        out.print(one)


def put_diff(result: PatchResult[bytes], path: str, side_by_side: bool = False, full: bool = False) -> None:
    """Write the diff of a result: raw where no colour is wanted, so that ``git apply`` takes it."""
    if side_by_side:
        if wants_colour() and console().width < WIDE:
            say(f"ackpatch: --side-by-side needs a terminal of {WIDE} columns; shown in one column")
        else:
            _put_side_by_side(result, path)
            return
    if not wants_colour():
        put(result.diff(path))
        return
    put_texts(coloured_diff(result, path, full))


def coloured_diff(result: PatchResult[bytes], path: str, full: bool = False) -> Iterable[Any]:
    """Give the diff as rich's texts: each hunk under the codes and reasons of its edits, the block folded to a line."""
    from rich.text import Text

    from ackpatch.report.fold import folded
    from ackpatch.report.hunks import hunks, summary
    from ackpatch.report.mask import printable

    if not result.changed:
        return
    header = result.diff(path).decode("utf-8", "replace").split("\n")[:2]
    yield from (Text(printable(line), style="bold") for line in header)
    for hunk in hunks(result):
        for reason in hunk.reasons:
            yield Text(f"# {reason}", style="yellow")
        yield Text(hunk.header, style="cyan")
        # Text takes a line as it is; rich would read [x] in a plain string as markup.
        yield from (
            Text(printable(line), style=_STYLES.get(line[:1], ""), tab_size=8)
            for line in (hunk.lines if full else folded(hunk.lines))
        )
    yield Text(summary(path, result), style="bold")


def _put_side_by_side(result: PatchResult[bytes], path: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ackpatch.report.hunks import hunks, pairs, summary
    from ackpatch.report.mask import printable

    if not result.changed:
        return
    colour = wants_colour()
    out = Console(force_terminal=colour, no_color=not colour, color_system="standard" if colour else None)
    out.width = max(out.width, WIDE)
    for hunk in hunks(result):
        for reason in hunk.reasons:
            out.print(Text(f"# {reason}", style="yellow"))
        table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_column(width=1)
        table.add_column(ratio=1, overflow="fold")
        for old, new in pairs(hunk):
            changed = old != new
            sign = "|" if changed and old is not None and new is not None else "<" if new is None else ">"
            table.add_row(
                Text(printable(old or ""), style="red" if changed else "", tab_size=8),
                Text(sign if changed else " ", style="cyan"),
                Text(printable(new or ""), style="green" if changed else "", tab_size=8),
            )
        out.print(table)
    out.print(Text(summary(path, result), style="bold"))
