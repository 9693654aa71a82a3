"""Prints the figures of the house: lines of files and functions, imports upwards and in circles.

Usage: python tools/house.py [--strict]   with --strict the exit code is 1 where a figure is missed
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "ackpatch"
# The rooms from the ground up; a module of the package's own folder is a room of its own. A room knows those before it.
ROOMS = (
    ("errors", "model", "join_token", "options"),
    ("source",),
    ("shell", "systemd"),
    ("inserted",),
    ("node",),
    ("splice",),
    ("findings",),
    ("wishes", "concerns", "pipeline", "hunks"),
    ("rehearse",),
    ("api",),
    ("report",),
    ("kubectl",),
    ("bootstrap", "publish"),
    ("pool",),
    ("cli", "__main__"),
)
MOST_LINES, FUNCTION_LINES, FUNCTIONS_WITHIN = 350, 25, 0.9
MEDIAN = range(60, 141)


def room_of(module: str) -> str:
    """The room that a module of the package stands in."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[str]:
    """The modules of the package that a file imports; those for the type checker alone are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ackpatch":
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith("ackpatch."))


def modules() -> dict[str, Path]:
    """The files of the package by the names of their modules."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def graph(known: dict[str, Path]) -> dict[str, set[str]]:
    """For each module those that it imports."""
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        named = set()
        for one in imports(path):
            named.add(one if one in known else one.rpartition(".")[0])
        found[name] = {one for one in named if one in known and one not in (name, "ackpatch")}
    return found


def upwards(links: dict[str, set[str]]) -> list[str]:
    """The imports that lead from a room to a higher one."""
    level = {room: number for number, rooms in enumerate(ROOMS) for room in rooms}
    return sorted(
        f"{name} imports {other}"
        for name, others in links.items()
        for other in others
        if room_of(name) and level.get(room_of(name), 99) < level.get(room_of(other), 99)
    )


def circles(links: dict[str, set[str]]) -> list[str]:
    """The modules that import each other, directly or through others."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(links[start])
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += links[one]
        return seen

    return sorted(name for name in links if name in reached(name))


def functions(known: dict[str, Path]) -> list[tuple[int, str]]:
    """All functions with their lines, docstrings included, the longest first."""
    found = []
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found.append(((node.end_lineno or node.lineno) - node.lineno + 1, f"{name}.{node.name}"))
    return sorted(found, reverse=True)


def main() -> int:
    """Print the figures; 1 where one is missed and ``--strict`` is given."""
    known = modules()
    links = graph(known)
    sizes = sorted(
        ((len(path.read_text(encoding="utf-8").splitlines()), name) for name, path in known.items()), reverse=True
    )
    lengths = functions(known)
    within = sum(length <= FUNCTION_LINES for length, _ in lengths) / len(lengths)
    median = int(statistics.median(size for size, _ in sizes if size > 1))
    long, up, round_ = [one for one in sizes if one[0] > MOST_LINES], upwards(links), circles(links)
    print(f"{len(sizes)} files, median {median} lines, {sum(size for size, _ in sizes)} in all")
    print(f"longest: {', '.join(f'{name} {size}' for size, name in sizes[:5])}")
    print(f"{len(lengths)} functions, {within:.0%} within {FUNCTION_LINES} lines; longest: {lengths[0][1]}")
    print(f"imports upwards: {', '.join(up) or 'none'}")
    print(f"circles: {', '.join(round_) or 'none'}")
    missed = bool(long or up or round_ or within < FUNCTIONS_WITHIN or median not in MEDIAN)
    return int(missed and "--strict" in sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
