"""A sample of tests that are many and alike, where all do not fit into a run of CI: some by hash, and those of files
that the last commit or the working tree changes. ACKPATCH_ALL=1 takes all.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar
from zlib import crc32

ALL = os.environ.get("ACKPATCH_ALL") == "1"
LEFT_OUT: dict[str, int] = {}
Item = TypeVar("Item")


def sampled(what: str, items: Iterable[Item], one_in: int) -> list[Item]:
    """About one in so many of the items, by the hash of their texts, and the changed; what is left out is counted."""
    every = list(items)
    taken = [one for one in every if ALL or crc32(_name(one).encode()) % one_in == 0 or is_changed(_name(one))]
    LEFT_OUT[what] = len(every) - len(taken)
    return taken


def is_changed(name: str) -> bool:
    """Say whether a fixture, by its name, has a file that the last commit or the working tree changes."""
    return any(f"/{name}" in path and path.startswith("fixtures/") for path in _changed())


@cache
def _changed() -> tuple[str, ...]:
    """The paths that differ from the commit before; none without git or a commit before."""
    command = ["git", "diff", "--name-only", "HEAD~1"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return tuple(done.stdout.splitlines()) if done.returncode == 0 else ()


def _name(item: object) -> str:
    item = item[0] if isinstance(item, tuple) else item
    return str(getattr(item, "name", item))
