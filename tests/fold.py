"""A patched script with its blocks as one line each: what a person can read."""

from __future__ import annotations

import re

_BLOCK = re.compile(
    r"^[^#\n]*(# ackpatch:\d+ begin (\w+)):[^\n]*\n.*?^(?:\}|fi) # ackpatch:\d+ (end \2) [0-9a-f]{8}$", re.M | re.S
)


def folded(script: bytes) -> bytes:
    """The script with one line in the place of each block; the blocks themselves are in ackpatch/inserted/texts."""
    return _BLOCK.sub(r"\1 … \3".encode().decode("latin-1"), script.decode("latin-1")).encode("latin-1")
