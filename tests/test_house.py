"""The figures of the house: no import upwards, no circle, no long file; the tool prints the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools import house


def test_the_rooms_know_only_those_below_them() -> None:
    links = house.graph(house.modules())
    assert house.upwards(links) == []
    assert house.circles(links) == []
    rooms = {room for several in house.ROOMS for room in several}
    assert {house.room_of(name) for name in links} - rooms <= {""}


def test_files_and_functions_are_short() -> None:
    known = house.modules()
    long = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in known.items()}
    assert {name: size for name, size in long.items() if size > house.MOST_LINES} == {}
    lengths = house.functions(known)
    assert sum(length <= house.FUNCTION_LINES for length, _ in lengths) >= house.FUNCTIONS_WITHIN * len(lengths)


def test_an_import_upwards_and_a_circle_are_found() -> None:
    links: dict[str, set[str]] = {
        "ackpatch.shell.a": {"ackpatch.cli.b"},
        "ackpatch.cli.b": {"ackpatch.shell.a"},
        "ackpatch.node.c": set(),
    }
    assert house.upwards(links) == ["ackpatch.shell.a imports ackpatch.cli.b"]
    assert house.circles(links) == ["ackpatch.cli.b", "ackpatch.shell.a"]


def test_the_tool_prints_the_figures() -> None:
    tool = Path(house.__file__)
    done = subprocess.run([sys.executable, str(tool), "--strict"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "circles: none" in done.stdout
