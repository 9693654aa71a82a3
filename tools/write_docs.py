"""Writes what is generated: the findings, the commands, the man page, the manual recipe, the completions of shells.

Usage: python tools/write_docs.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from typer.completion import get_completion_script

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


from ackpatch.findings import RULES, Rule  # noqa: E402 - the project of this checkout
from tests.test_findings import CASES  # noqa: E402
from tools.block_page import block_page  # noqa: E402
from tools.command_pages import man_page, with_reference  # noqa: E402
from tools.recipe_page import recipe_page  # noqa: E402

HEAD = """# Findings
An **error** says that a kubelet start or a write of its configuration stays without the four values; only errors
move the exit code, and `ackpatch apply` mends those that it marks so. **Warnings** and **notes** are for your eyes.
`ackpatch explain CODE` prints what stands here. How to leave one out: [Settings](settings.md).

| code | severity | what |
|---|---|---|
"""


def findings_page() -> str:
    """The page: a table of all, then a section for each."""
    rows = [
        f"| [{code}](#{code.lower()}) | {rule.severity.value} | {_text(rule.title)} |" for code, rule in RULES.items()
    ]
    return HEAD + "\n".join(rows) + "\n\n" + "\n".join(_section(code, rule) for code, rule in RULES.items())


def _section(code: str, rule: Rule) -> str:
    return (
        f"## {code}\n**{_text(rule.title)}** ({rule.severity.value})\n\n"
        f"Why it matters: {_text(rule.why)}\n\nWhat to do: {_text(rule.remedy)}\n" + _examples(code)
    )


def _examples(code: str) -> str:
    """A script in which a finding comes up, and its neighbour in which it does not; both are tested."""
    folder = ROOT / "fixtures" / "findings" / code
    if folder.is_dir():
        told, silent = ((folder / name).read_text(encoding="utf-8") for name in ("triggers.sh", "silent.sh"))
        told = re.sub(r" *# <- ACK\d+", "", told)
    elif code in CASES:
        told, silent = CASES[code]
    else:
        return ""
    if len(told) > 800 or (not told.isprintable() and set(told) & set("\r\0\ufeff")):
        return ""
    return f"\nTold here:\n\n```text\n{told.rstrip()}\n```\n\nNot here:\n\n```text\n{silent.rstrip()}\n```\n"


def _text(text: str) -> str:
    for character in "\\`*_<>[]$":
        text = text.replace(character, "&lt;" if character == "<" else f"\\{character}")
    return text.replace("|", "\\|")


def commands_page() -> str:
    """The page with the current reference in it."""
    return with_reference((ROOT / "docs" / "commands.md").read_text(encoding="utf-8"))


def completion(shell: str) -> str:
    """The completion of a shell; names of files are completed too."""
    script = get_completion_script(prog_name="ackpatch", complete_var="_ACKPATCH_COMPLETE", shell=shell)
    return script.replace(" --no-files", "") + "\n"


# The generated files and what makes each.
PAGES: dict[str, Callable[[], str]] = {
    "docs/findings.md": findings_page,
    "docs/block.md": block_page,
    "docs/commands.md": commands_page,
    "docs/ackpatch.1": man_page,
    "docs/recipe.md": recipe_page,
    "completions/ackpatch": partial(completion, "bash"),
    "completions/_ackpatch": partial(completion, "zsh"),
    "completions/ackpatch.fish": partial(completion, "fish"),
}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")
