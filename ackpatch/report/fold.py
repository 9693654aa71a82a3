"""The standard block as one line: whoever signs a diff has read the block once and knows it by its checksum."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ackpatch.hunks import Line

_BEGIN = re.compile(r"[^#\n]*# ackpatch:(\d+) begin (\w+)\b")
_END = re.compile(r"(?:\}|fi)[ \t]+# ackpatch:\d+ end \w+ ([0-9a-f]{8})$")


def folded(lines: Sequence[Line]) -> Iterator[Line | str]:
    """The lines of a hunk, with a text in the place of each block that is put in."""
    number = 0
    while number < len(lines):
        begin = _BEGIN.match(lines[number].text) if lines[number].sign == "+" else None
        end = next((n for n in range(number, len(lines)) if begin and _END.match(lines[n].text)), None)
        checksum = _END.match(lines[end].text) if end is not None else None
        if begin is None or end is None or checksum is None:
            yield lines[number]
            number += 1
            continue
        yield (
            f"+ … {end - number + 1} lines: the {begin[2]} block, format {begin[1]}, checksum {checksum[1]} "
            "(ackpatch explain block)"
        )
        number = end + 1
