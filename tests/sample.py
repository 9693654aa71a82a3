"""A sample by hash of tests that are many and alike: what does not fit into a run of CI. ACKPATCH_ALL=1 takes all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar
from zlib import crc32

ALL = os.environ.get("ACKPATCH_ALL") == "1"
LEFT_OUT: dict[str, int] = {}
Item = TypeVar("Item")


def sampled(what: str, items: Iterable[Item], one_in: int) -> list[Item]:
    """About one in so many of the items, by the hash of their texts; how many are left out is printed."""
    every = list(items)
    taken = [one for one in every if ALL or crc32(_name(one).encode()) % one_in == 0]
    LEFT_OUT[what] = len(every) - len(taken)
    return taken


def _name(item: object) -> str:
    item = item[0] if isinstance(item, tuple) else item
    return str(getattr(item, "name", item))
