"""What ``sed`` makes of a text that is known."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

# s/PATTERN/REPLACEMENT/FLAGS with any sign for the slash.
_COMMAND = re.compile(r"(?:^|[;{}\n]|\d|\$|/)\s*s([^\w\s\\])((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1)[^\n])*)\1[gIip\d]*")
_MOST = 10_000_000
# Signs that a backslash makes special in a basic expression, and an ordinary character in one of Python's.
_SWAPPED = re.compile(r"\\?[(){}|+?]")


def substituted(words: Sequence[str], text: str) -> str:
    """The text after the substitutions of a ``sed`` command; one that cannot be carried out leaves it as it is."""
    extended = any(re.fullmatch(r"-[nis]*[Er]\w*|--regexp-extended", one) for one in words)
    for word in words:
        for _, pattern, replacement in _COMMAND.findall(word):
            given = pattern if extended else _SWAPPED.sub(_swap, pattern)
            if _cost(given, text) > _MOST:
                continue
            try:
                text = re.sub(given, re.sub(r"(?<!\\)&", r"\\g<0>", replacement), text, flags=re.MULTILINE)
            except (re.error, IndexError):
                continue
    return text


def _cost(pattern: str, text: str) -> float:
    """The most steps that a search may take: a repeated group is beyond all bounds."""
    if re.search(r"\)[*+?{]", pattern):
        return math.inf
    repeated = len(re.findall(r"[*+{?]", pattern))
    return float(sum(len(line) ** (repeated + 1) for line in text.split("\n")))


def _swap(sign: re.Match[str]) -> str:
    return sign[0][1:] if sign[0].startswith("\\") else f"\\{sign[0]}"
