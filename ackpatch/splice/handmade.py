"""Injections that people made by hand: the documented block between its marks, and the variables used directly."""

from __future__ import annotations

import re
from dataclasses import replace

from ackpatch.model import Span
from ackpatch.node.boot import Mark
from ackpatch.node.flags import INJECTED, STAND_FOR, flag_uses
from ackpatch.shell.render import Rendered
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
    """Say whether a write already carries all four flags from the injected variables.

    In a unit they have to be of the form ``${NAME:+--flag=$NAME}``: a plain ``--flag=$NAME`` leaves an empty flag
    behind when the variable is not set.
    """
    content = mark.written.content if mark.written else None
    if content is None or mark.nested is not None:
        return False
    return any(_all_four(text, mark.file in ("unit", "drop-in")) for text in _alternatives(content))


def _alternatives(content: Rendered) -> list[Rendered]:
    """Give the content for each value that its expansions can have, one expansion at a time."""
    found = [content.resolved()]
    for index, texts in content.values.items():
        for text in texts[1:]:
            found.append(replace(content, values={**content.values, index: (text,)}).resolved())
    return found


def _all_four(content: Rendered, guarded: bool) -> bool:
    found = set()
    for use in flag_uses(content.text):
        variable, _ = INJECTED.get(use.name, ("", ""))
        if variable and content.text[use.start : use.end] == STAND_FOR[variable]:
            inside = content.starts[use.start] == content.starts[use.start - 1]
            if inside or not guarded:
                found.add(use.name)
    return found == set(INJECTED)
