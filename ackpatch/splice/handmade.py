"""Injections that people made by hand: the documented block between its marks, and the variables used directly."""

from __future__ import annotations

import re

from ackpatch.model import Span
from ackpatch.node.boot import Mark
from ackpatch.node.flags import INJECTED, flag_uses
from ackpatch.shell.tree import Script

_BEGIN = re.compile(
    r"^[ \t]*#+ *(?:Begin: *Alibaba Cloud environment variable injection"
    r"|<<< *The environment variables of the registered cluster\. Do not delete the settings\.).*$",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(r"^[ \t]*#+ *(?:End: *Alibaba Cloud|>>>).*$", re.MULTILINE | re.IGNORECASE)
VARIABLE = re.compile(r"\$\{?ALIBABA_CLOUD_(?:PROVIDER_ID|NODE_NAME|LABELS|TAINTS)\b")
WRONG_NAME = re.compile(r"\bALIBABA_CLOUD_PROVIDE_ID\b")


def marked_blocks(script: Script) -> list[Span]:
    """Give the older injections whose extent is marked: whole lines, from the begin mark to behind the end mark."""
    found: list[Span] = []
    position = 0
    while begin := _BEGIN.search(script.text, position):
        end = _END.search(script.text, begin.end())
        if end is None:
            return found
        newline = script.text.find("\n", end.end())
        stop = len(script.text) if newline < 0 else newline + 1
        if _is_whole(script, begin.start(), stop) and _BEGIN.search(script.text, begin.end(), end.start()) is None:
            found.append(Span(begin.start(), stop))
        position = end.end()
    return found


def _is_whole(script: Script, start: int, end: int) -> bool:
    """Say whether a range holds whole top-level statements and nothing cut in two."""
    inside = [s for s in script.statements if s.span.start < end and s.span.end > start]
    return all(s.span.start >= start and s.span.end <= end for s in inside) and bool(inside)


def blanked(text: str, spans: list[Span]) -> str:
    """Give the text with the spans made blank, all offsets as before."""
    for span in spans:
        blank = re.sub(r"[^\n]", " ", text[span.start : span.end])
        text = text[: span.start] + blank + text[span.end :]
    return text


def gives_by_hand(mark: Mark) -> bool:
    """Say whether a write already carries all four flags from the injected variables."""
    content = mark.written.content if mark.written else None
    if content is None or mark.nested is not None or mark.file not in ("environment", "flags"):
        # In a unit a newline in a label would be a directive of its own: that is not a correct injection.
        return False
    found = set()
    for use in flag_uses(content.text):
        variable, _ = INJECTED.get(use.name, ("", ""))
        if variable and use.end > use.start:
            raw = mark.step.script.text[content.starts[use.start] : content.ends[use.end - 1]]
            if re.search(rf"\$\{{?{variable}\b", raw):
                found.add(use.name)
    return found == set(INJECTED)
