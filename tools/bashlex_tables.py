"""Writes ackpatch/shell/bashlex_tables.json: the grammar tables of the installed bashlex, freshly built.

Usage: python tools/bashlex_tables.py

bashlex ships tables with a stale signature, so that every import builds them anew. A test proves that what this script
wrote equals fresh tables.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "ackpatch" / "shell" / "bashlex_tables.json"


def fresh_tables() -> tuple[list[Any], dict[int, dict[str, int]], dict[int, dict[str, int]]]:
    """The tables that bashlex built at its import: its productions, each state's actions and gotos."""
    from bashlex import parser

    table = parser.yaccparser
    productions = [(p.name, p.len, p.func, str(p)) for p in table.productions]
    return productions, dict(table.action), dict(table.goto)


def main() -> None:
    """Write the module."""
    productions, action, goto = fresh_tables()
    tables = {"version": version("bashlex"), "productions": productions, "action": action, "goto": goto}
    TARGET.write_text(json.dumps(tables, separators=(",", ":")) + "\n", encoding="ascii")
    print(f"{TARGET}: {len(productions)} productions, {len(action)} states", file=sys.stderr)


if __name__ == "__main__":
    main()
