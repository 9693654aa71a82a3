"""Writes docs/images: the terminal as SVG, and the HTML page that a browser's screenshots are taken of.

Usage: python tools/write_pictures.py [BROWSER]

With the name of a Chromium the screenshots are taken too, at two widths.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import ackpatch  # noqa: E402 - the project of this checkout
from ackpatch.report.examined import Examined  # noqa: E402
from ackpatch.report.html import render  # noqa: E402
from ackpatch.report.picture import rich_picture  # noqa: E402

IMAGES = ROOT / "docs" / "images"
EXAMPLE = "examples/join-node.sh"
SIZES = {"page-wide.png": (1000, 900), "page-narrow.png": (420, 900)}
QUIET = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --hide-scrollbars""".split()


def terminal_svg() -> str:
    """What ``ackpatch inspect`` shows on a terminal, with fonts that every viewer has."""
    console = Console(record=True, width=96, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for text in rich_picture(EXAMPLE, ackpatch.patch((ROOT / EXAMPLE).read_bytes())):
        console.print(text, no_wrap=True, overflow="crop")
    svg = console.export_svg(title="ackpatch inspect", unique_id="inspect")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def page() -> str:
    """The page of the example."""
    return render([Examined(EXAMPLE, ackpatch.patch((ROOT / EXAMPLE).read_bytes()))], "diff")


def main() -> None:
    """Write the files."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "inspect.svg").write_text(terminal_svg(), encoding="utf-8")
    if not sys.argv[1:]:
        return
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.html").write_text(page(), encoding="utf-8")
        for name, (width, height) in SIZES.items():
            shot = [
                f"--window-size={width},{height}",
                f"--screenshot={IMAGES / name}",
                f"--user-data-dir={folder}/{name}",
            ]
            command = [sys.argv[1], *QUIET, *shot, f"file://{folder}/page.html"]
            subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
