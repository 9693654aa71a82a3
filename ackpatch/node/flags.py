"""kubelet's four flags (and --node-ip): how each is spelled, found in a text, and merged with a value already there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ackpatch.shell.environment import UNKNOWN

# kubelet's flags with the variables that the cluster injects for them.
INJECTED = {
    "provider-id": "ALIBABA_CLOUD_PROVIDER_ID",
    "hostname-override": "ALIBABA_CLOUD_NODE_NAME",
    "node-labels": "ALIBABA_CLOUD_LABELS",
    "register-with-taints": "ALIBABA_CLOUD_TAINTS",
}
VARIABLES = tuple(INJECTED.values())

# What the injected variables stand for in rendered text, so that their use by hand can be told.
STAND_FOR = {variable: chr(3 + number) for number, variable in enumerate(VARIABLES)}

_NAMES = "|".join(name.replace("-", "[-_]") for name in (*INJECTED, "node-ip"))
_FLAG = re.compile(rf"(?<![\w.-])--({_NAMES})(=|[ \t]+(?!-)|(?=\s|$|[\"'\\]))")
_VALUE = re.compile(r"[^\s\"'\\]*")


@dataclass(frozen=True, slots=True)
class FlagUse:
    """One use of a flag in a text; ``start`` and ``end`` are the indexes of its value there.

    ``odd``: quotes or backslashes stand in the value, so that its extent is not proved.
    """

    name: str
    start: int
    end: int
    odd: bool


def flag_uses(text: str, start: int = 0, end: int | None = None) -> list[FlagUse]:
    """Find the flags in a part of a text, in order."""
    stop = len(text) if end is None else end
    found = []
    for match in _FLAG.finditer(text, start, stop):
        value = _VALUE.match(text, match.end(), stop)
        assert value is not None
        after = text[value.end() : value.end() + 2] if value.end() < stop else ""
        opened = text[match.start() - 1 : match.start()] if match.start() else ""
        odd = (
            (after[:1] == "\\" and after[1:2] != "\n")
            or (after[:1] in "\"'" and after != "" and not value[0] and not opened.strip())
            or not match[2]
            or value[0].count("(") != value[0].count(")")
            or "`" in value[0]
        )
        found.append(FlagUse(match[1].replace("_", "-"), value.start(), value.end(), odd))
    return found


def open_words(text: str, start: int, end: int) -> list[int]:
    """The indexes of expansions that stand as words of their own, and so may hold any flags."""
    return [
        match.start()
        for match in re.compile(UNKNOWN).finditer(text, start, end)
        if text[match.start() - 1 : match.start()] in ("", " ", "\t", "\n")
    ]
