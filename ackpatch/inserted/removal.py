"""Taking out of a script what ackpatch has put into it: the blocks between their marks, and exactly its insertions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ackpatch.inserted.blocks import VERSION, checksum
from ackpatch.inserted.insertions import (
    AGENT,
    ASIDE_END,
    ASIDE_LINE,
    CALL,
    EXPORT_LINE,
    FLAGS,
    FLAGS_IN_TEXT,
    KEEP_LINES,
    KEPT,
    NODE_NAME,
    NODE_NAME_IN_TEXT,
    NODE_NAME_KEPT,
    OWN,
    OWN_LINE,
    SHIPPED,
    WORKER,
)
from ackpatch.model import Span

# Words of a call: what it is for, and taints that the script gives kubelet in another way.
_WORDS = r"(?:[ \t]+(?:start|join|write|node-ip|[\w./-]+(?:=[\w.-]*)?:(?:NoSchedule|PreferNoSchedule|NoExecute)))*"
# What a formatter may put in the place of the space after a separator.
_GAP = r"(?:[ \t]+(?:\\\n[ \t]*)?|\n[ \t]*)"
_BREAK = r"(?:; |\n[ \t]*)"
# The folders of an agent.
_ONE = rf"(?:{CALL}{_WORDS}|{AGENT}(?:[ \t]+/[\w./-]+)+)"
_ONE = rf"(?:{_ONE}|\{{\s+{re.escape(OWN[2:])}{_ONE}{_BREAK}\}})"
_CALL = (
    rf"(?:if ! \({_ONE}\); then{_GAP}kill \"\$\$\" && exit 1{_BREAK}fi|{_ONE}"
    rf"|if \[ -e {KEPT} \]; then{_GAP}/bin/sh -eu {KEPT}{_WORDS} \|\| exit 1{_BREAK}fi)"
)
_BEGIN = re.compile(r"^[^#\n]*# ackpatch:(\d+) begin (\w+)\b[^\n]*\n", re.MULTILINE)
_END = re.compile(r"^[ \t]*(?:\}|fi)[ \t]+# ackpatch:\d+ end (\w+) ([0-9a-f]{8})[ \t]*(?:\n|\Z)", re.MULTILINE)
# The call's function as declare -f prints it.
_PRINTED = re.compile(
    rf"^{CALL} \(\) *\n\{{ *\n.*?^ACKPATCH\n.*?^\}}\n(?:declare -fx {CALL}\n)?", re.MULTILINE | re.DOTALL
)
_MENTIONS = re.compile(r"ackpatch_|/var/lib/ackpatch|# ackpatch:\d")


@cache  # it takes a while, and most scripts have none
def _form() -> re.Pattern[str]:
    """What ackpatch inserts beside its blocks."""
    return re.compile(
        "|".join(
            (
                rf"^[ \t]*{_CALL}[ \t]*(?:\n|\Z)",
                rf"! {_CALL} \|\|{_GAP}",
                rf"{_CALL}(?:;|[ \t]+&&){_GAP}",
                rf" && {_CALL}(?=[ \t]*(?:[\n;)#}}]|\Z))",
                "'\"" + re.escape(NODE_NAME_IN_TEXT) + "\"'",
                "(?<=')\"" + re.escape(NODE_NAME_IN_TEXT) + '"',
                " ?" + re.escape(NODE_NAME),
                re.escape(NODE_NAME_IN_TEXT),
                " " + re.escape(NODE_NAME_KEPT),
                "'\"" + re.escape(FLAGS_IN_TEXT) + "\"'",
                re.escape(FLAGS_IN_TEXT),
                " " + re.escape(FLAGS),
                " " + re.escape(WORKER),
                r"(?<=-f)" + re.escape(SHIPPED) + r"(?=[ \t])",
                r"^[ \t]*" + re.escape(KEEP_LINES.split("\n")[0]) + r"\n[ \t]*" + re.escape(f"{CALL} keep") + r"\n",
                r"^[ \t]*" + re.escape(EXPORT_LINE),
                r"^[ \t]*" + re.escape(OWN_LINE),
                r"^[ \t]*" + re.escape(ASIDE_LINE),
                r"^[ \t]*" + re.escape(ASIDE_END),
            )
        ),
        re.MULTILINE,
    )


@dataclass(frozen=True, slots=True)
class Damage:
    """A mark that is not as ackpatch leaves it."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Reverted:
    """A script without ackpatch's edits; ``damages`` tell what could not be taken out.

    ``removed`` are the spans of what was taken out, in order.
    """

    text: str
    removed: tuple[Span, ...] = ()
    damages: tuple[Damage, ...] = ()


def revert(text: str, force: bool = False) -> Reverted:
    """Take all edits out; what a person changed in a block is told, and dropped only with ``force``."""
    if not _MENTIONS.search(text):
        return Reverted(text)
    blocks, damages = _blocks(text, force)
    removed: list[Span] = []
    position = 0
    for one in (*blocks, Span(len(text), len(text))):
        removed += _insertions(text, position, one.start) if blocks else []
        removed += [one] if one.start < one.end else []
        position = one.end
    if blocks and blocks[-1].end == len(text) and not text.endswith("\n"):
        removed[-1] = Span(removed[-1].start - 1, removed[-1].end)
    kept = _without(text, removed)
    left = _MENTIONS.search(kept)
    if left is not None and not damages and not force:
        what = (
            "a name that is ackpatch's own stands outside of its edits"
            if blocks
            else "a name of ackpatch's stands here"
        )
        damages.append(Damage(_back(left.start(), removed), what))
    return Reverted(kept, tuple(removed), tuple(damages))


def without_insertions(text: str) -> str:
    """Take blocks and insertions out of a text that a patched script wrote, with a block of its own or without."""
    blocks, _ = _blocks(text, True)
    text = _PRINTED.sub("", _without(text, blocks))
    return _without(text, _insertions(text, 0, len(text)))


def _blocks(text: str, force: bool) -> tuple[list[Span], list[Damage]]:
    found: list[Span] = []
    damages: list[Damage] = []
    for begin in _BEGIN.finditer(text):
        if found and begin.start() < found[-1].end:
            continue
        end = _END.search(text, begin.end())
        here = Span(begin.start(), begin.end() - 1)
        if begin[1] != str(VERSION):
            damages.append(Damage(here, f"this mark is of format {begin[1]}; this ackpatch knows format {VERSION}"))
        elif end is None or end[1] != begin[2]:
            damages.append(Damage(here, "the end of this block is missing"))
        else:
            inside = text[begin.start() : end.start()] + re.sub(r"[ \t]*# ackpatch:.*", "", end[0])
            inside = re.sub(r"[ \t]*# ackpatch:\d+ begin.*", "", inside, count=1)
            if checksum(inside) != end[2] and not force:
                damages.append(Damage(here, "the text of this block was changed by a person"))
            found.append(Span(begin.start(), end.end()))
    return found, damages


def _insertions(text: str, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    if all(text.find(word, start, end) < 0 for word in ("ackpatch", "ALIBABA_CLOUD_")):
        return found
    for match in _form().finditer(text, start, end):
        first = match.start()
        if match.end() == len(text) and not match[0].endswith("\n") and text[first - 1 : first] == "\n":
            first -= 1  # a line at the end of a text without a final newline brought the newline before it
        found.append(Span(first, match.end()))
    return found


def _without(text: str, spans: list[Span]) -> str:
    parts, position = [], 0
    for one in spans:
        parts.append(text[position : one.start])
        position = one.end
    return "".join([*parts, text[position:]])


def _back(offset: int, removed: list[Span]) -> Span:
    for one in removed:
        if one.start <= offset:
            offset += one.end - one.start
    return Span(offset, offset + len("ackpatch"))
