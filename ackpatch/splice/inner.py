"""Inner scripts that both write kubelet's configuration and start it: they get a prologue and calls of their own.

The inner script is planned like any script; its insertions are then written in the quoting in which it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from ackpatch.errors import SyntaxRefusedError
from ackpatch.node.flags import INJECTED
from ackpatch.shell.nested import Nested
from ackpatch.shell.order import encoded
from ackpatch.shell.render import Quoting, Rendered
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Script
from ackpatch.splice.markers import block

_SPECIAL = {"document": "\\$`", "double": '\\$`"'}


@dataclass(frozen=True, slots=True)
class Place:
    """A byte offset of the outer script with the quoting around it."""

    offset: int
    quote: Quoting


def parse_inner(nested: Nested, dialect: str) -> Script | None:
    """Parse an inner script; None where the parser refuses it."""
    try:
        return parse(encoded(nested.rendered), dialect)
    except SyntaxRefusedError:
        return None


def outer_place(rendered: Rendered, index: int, outer: str, whole_line: bool) -> Place | None:
    """Lead an index of the inner text back to the outer script; None inside an expansion's value."""
    if index >= len(rendered.text):
        if not rendered.text or rendered.quoting[-1] == "none":
            return None
        return Place(rendered.ends[-1], rendered.quoting[-1])
    offset, quote = rendered.starts[index], rendered.quoting[index]
    if quote == "none" or (index and rendered.ends[index - 1] > offset):
        return None
    if whole_line:
        # <<- drops tabs that are still there in the outer script.
        while outer[offset - 1 : offset] == "\t":
            offset -= 1
    return Place(offset, quote)


# sudo and su take the environment away: the checked values are written into the inner script by the outer shell.
_HANDED_DOWN = " ".join(f"{name}=${checked}" for name, checked in INJECTED.values())


def inner_block(body: str, quote: Quoting, drops_environment: bool, at_line: bool) -> str | None:
    """Give the prologue of an inner script in the quoting around it; None where that is not possible."""
    written = quoted(body, quote)
    if written is None or (drops_environment and quote == "verbatim"):
        return None
    if drops_environment:
        written = (f"'\"{_HANDED_DOWN}\"'" if quote == "single" else _HANDED_DOWN) + "\n" + written
    return block(written) if at_line else "\n" + block(written, "inner")


def quoted(text: str, quote: Quoting) -> str | None:
    """Write a text so that it comes out unchanged from the quoting around it; None where that is not known."""
    if quote == "verbatim":
        return text
    if quote == "single":
        return text.replace("'", "'\\''")
    special = _SPECIAL.get(quote)
    if special is None:
        return None
    return "".join(f"\\{one}" if one in special else one for one in text)
