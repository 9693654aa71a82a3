"""The texts that go near the top of a script, from ``texts/``, between marks that carry version and checksum."""

from __future__ import annotations

import os
import re
from binascii import crc32
from enum import Enum
from functools import cache

VERSION = 2
_HERE_DOCUMENT = re.compile(r"(<<[ \t]*'ACKPATCH'[^\n]*\n)(.*?\n)(ACKPATCH\n)", re.DOTALL)
_LAYOUT = re.compile(r"[\s\\\"']+")


class Kind(Enum):
    """Which text: ``CALL`` for scripts with calls, ``VALUES`` where flags are spliced into texts of the script,
    ``AGENT`` where an agent runs kubelet.
    """

    CALL = "call"
    VALUES = "values"
    AGENT = "agent"


_SAYS = {
    Kind.CALL: "gives kubelet the node pool's four values (0BSD)",
    Kind.VALUES: "checks values (0BSD)",
    Kind.AGENT: "gives the agent the node pool's four values (0BSD)",
}


@cache
def body(kind: Kind) -> str:
    """The text of a block without its marks."""
    path = os.path.join(os.path.dirname(__file__), "texts", f"{kind.value}.sh")
    with open(path, encoding="ascii") as file:
        return file.read()


@cache
def block(kind: Kind) -> str:
    """The whole text, with the begin mark on its first line and the end mark on its last.

    No line of it begins with a comment: some scripts print their own comments as their help.
    """
    text = body(kind)
    first, rest = text.split("\n", 1)
    begin = f"{first} # ackpatch:{VERSION} begin {kind.value}: {_SAYS[kind]}\n"
    return f"{begin}{rest.removesuffix(chr(10))} # ackpatch:{VERSION} end {kind.value} {checksum(text)}\n"


def without_layout(data: bytes) -> bytes:
    """A script without what a formatter may change: blanks, newlines, semicolons, backslashes and quotes."""
    return data.translate(None, b" \t\r\n\f\v\\;\"'")


def checksum(text: str) -> str:
    """The checksum of a block's text (CRC-32: a guard against accidents).

    The here-document counts as it stands; of the rest neither spaces and newlines nor backslashes and quotes count, so
    that a formatter may lay it out anew.
    """
    parts = _HERE_DOCUMENT.split(text)
    kept = [part if number % 4 == 2 else _LAYOUT.sub("", part) for number, part in enumerate(parts)]
    return f"{crc32(''.join(kept).encode('latin-1')):08x}"
