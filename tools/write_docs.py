"""Writes the generated pages of docs/: the findings, and the manual recipe under rehearsal.

Usage: python tools/write_docs.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from ackpatch.findings import RULES  # noqa: E402 - the project of this checkout
from tools.recipe_page import recipe_page  # noqa: E402

HEAD = """# Findings
An **error** says that a kubelet start or a write of its configuration stays without the four values; only errors
move the exit code, and `ackpatch apply` mends those that it marks so. **Warnings** and **notes** are for your eyes.
`ackpatch explain CODE` prints what stands here.

| code | severity | what | why it matters | what to do |
|---|---|---|---|---|
"""


def findings_page() -> str:
    """Give the page."""
    rows = [
        f"| {code} | {rule.severity.value} | {_cell(rule.title)} | {_cell(rule.why)} | {_cell(rule.remedy)} |"
        for code, rule in RULES.items()
    ]
    return HEAD + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    for name, page in (("findings.md", findings_page()), ("recipe.md", recipe_page())):
        (ROOT / "docs" / name).write_text(page, encoding="utf-8")
