"""The diff on standard output: raw bytes off a terminal, coloured and with secrets hidden on one."""

from __future__ import annotations

import os
import sys

from ackpatch.api import PatchResult
from ackpatch.cli.files import put


def wants_colour() -> bool:
    """Say whether standard output takes colour: FORCE_COLOR, NO_COLOR and TERM=dumb decide before the terminal does."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def put_diff(result: PatchResult[bytes], path: str) -> None:
    """Write the diff of a result."""
    diff = result.diff(path)
    if not wants_colour():
        put(diff)
        return
    from rich.console import Console
    from rich.text import Text

    from ackpatch.report.mask import masked

    console = Console(force_terminal=True, color_system="standard", soft_wrap=True, highlight=False)
    styles = {"@": "cyan", "+": "green", "-": "red"}
    for line in masked(diff.decode("utf-8", "replace")).split("\n")[:-1]:
        # A header line is bold; Text takes the line as it is, rich would read [x] as markup.
        style = "bold" if line.startswith(("--- ", "+++ ")) else styles.get(line[:1], "")
        console.print(Text(line, style=style, tab_size=8))
