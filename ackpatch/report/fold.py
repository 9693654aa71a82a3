"""The standard block as one line: whoever signs a diff has read the block once and knows it by its checksum."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BEGIN = re.compile(r"^\+[^#\n]*# ackpatch:(\d+) begin (\w+)\b")
_END = re.compile(r"^\+(?:\}|fi)[ \t]+# ackpatch:\d+ end \w+ ([0-9a-f]{8})$")


def folded(lines: Sequence[str]) -> list[str]:
    """Give the lines of a hunk (with their signs) with each added block as one line; others are left as they are."""
    found: list[str] = []
    number = 0
    while number < len(lines):
        begin = _BEGIN.match(lines[number])
        end = next((n for n in range(number, len(lines)) if begin and _END.match(lines[n])), None)
        if begin is None or end is None:
            found.append(lines[number])
            number += 1
            continue
        checksum = _END.match(lines[end])
        assert checksum is not None
        count = end - number + 1
        found.append(
            f"+ … {count} lines: the {begin[2]} block, format {begin[1]}, checksum {checksum[1]} "
            "(ackpatch explain block)"
        )
        number = end + 1
    return found
