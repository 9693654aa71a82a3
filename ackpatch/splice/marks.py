"""What ackpatch leaves in a script, as a versioned file format (number 2), and taking it out again.

A block stands between two marks (see block.py). All else is an insertion: one of the short texts below, each with the
reserved prefix ``ackpatch_`` or our folder ``/var/lib/ackpatch``. Taking out means to remove exactly these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ackpatch.model import Span
from ackpatch.splice.block import VERSION, checksum

CALL = "ackpatch_kubelet"
AGENT = "ackpatch_agent"
KEPT = "/var/lib/ackpatch/kubelet"
KEPT_NAME = "/var/lib/ackpatch/node-name"

# Words of a call: what it is for, and taints that the script gives kubelet in another way.
_WORDS = r"(?:[ \t]+(?:start|join|write|node-ip|[\w./-]+(?:=[\w.-]*)?:(?:NoSchedule|PreferNoSchedule|NoExecute)))*"
NODE_NAME = '${ackpatch_node_name:+"--node-name=$ackpatch_node_name"}'
NODE_NAME_IN_TEXT = "${ackpatch_node_name:+ --node-name=$ackpatch_node_name}"
NODE_NAME_KEPT = f"$([ ! -e {KEPT_NAME} ] || cat {KEPT_NAME})"
FLAGS_IN_TEXT = "${ackpatch_flags:+ $ackpatch_flags}${ackpatch_taints:+ --register-with-taints=$ackpatch_taints}"
FLAGS = '${ackpatch_flags:+$ackpatch_flags} ${ackpatch_taints:+"--register-with-taints=$ackpatch_taints"}'
WORKER = (
    '${ackpatch_flags:+"--kubelet-extra-args=--provider-id=$ALIBABA_CLOUD_PROVIDER_ID'
    '${ackpatch_node_name:+ --hostname-override=$ackpatch_node_name}"} '
    '${ackpatch_labels:+"--labels=$ackpatch_labels"} ${ackpatch_taints:+"--taints=$ackpatch_taints"}'
)
KEEP_LINES = f"[ ! -e {KEPT} ] || /bin/rm -f {KEPT} {KEPT_NAME}\n{CALL} keep\n"
SHIPPED = f"; declare -f {CALL}"
EXPORT_LINE = f"export -f {CALL} && export ackpatch_node_name\n"
OWN_LINE = '[ "${ALIBABA_CLOUD_PROVIDER_ID-}" ] || ackpatch_node_name=\n'
_OWN = '{ [ -z "${ALIBABA_CLOUD_PROVIDER_ID-}" ] || '
ASIDE_LINE = (
    'if [ -z "${ALIBABA_CLOUD_PROVIDER_ID-}" ]; then # ackpatch:2 the injection by hand rests with the values\n'
)
ASIDE_END = "fi # ackpatch:2 end of the injection by hand\n"


def call(words: tuple[str, ...], contained: bool, name: str = CALL, own: bool = False) -> str:
    """Give a call as a command; ``contained``: an exit there would end only a part of the script. ``own``: the script
    has values of its own, which count in a node pool only.
    """
    text = " ".join((name, *words))
    text = f"{_OWN}{text}; }}" if own else text
    return f'if ! ({text}); then kill "$$" && exit 1; fi' if contained else text


def kept_call(words: tuple[str, ...]) -> str:
    """Give a call for another shell: it runs what a call with ``keep`` has left, if that is there."""
    return f"if [ -e {KEPT} ]; then {' '.join(('/bin/sh -eu', KEPT, *words))} || exit 1; fi"


def _exactly(text: str) -> str:
    return re.escape(text)


# What a formatter may put in the place of the space after a separator.
_GAP = r"(?:[ \t]+(?:\\\n[ \t]*)?|\n[ \t]*)"
_BREAK = r"(?:; |\n[ \t]*)"
# The folders of an agent.
_ONE = rf"(?:{CALL}{_WORDS}|{AGENT}(?:[ \t]+/[\w./-]+)+)"
_ONE = rf"(?:{_ONE}|{re.escape(_OWN)}{_ONE}{_BREAK}\}})"
_CALL = (
    rf"(?:if ! \({_ONE}\); then{_GAP}kill \"\$\$\" && exit 1{_BREAK}fi|{_ONE}"
    rf"|if \[ -e {KEPT} \]; then{_GAP}/bin/sh -eu {KEPT}{_WORDS} \|\| exit 1{_BREAK}fi)"
)
_INSERTIONS = re.compile(
    "|".join(
        (
            rf"^[ \t]*{_CALL}[ \t]*(?:\n|\Z)",
            rf"! {_CALL} \|\|{_GAP}",
            rf"{_CALL}(?:;|[ \t]+&&){_GAP}",
            rf" && {_CALL}(?=[ \t]*(?:[\n;)#}}]|\Z))",
            "'\"" + _exactly(NODE_NAME_IN_TEXT) + "\"'",
            " ?" + _exactly(NODE_NAME),
            _exactly(NODE_NAME_IN_TEXT),
            " " + _exactly(NODE_NAME_KEPT),
            "'\"" + _exactly(FLAGS_IN_TEXT) + "\"'",
            _exactly(FLAGS_IN_TEXT),
            " " + _exactly(FLAGS),
            " " + _exactly(WORKER),
            _exactly(SHIPPED),
            r"^[ \t]*" + _exactly(KEEP_LINES.split("\n")[0]) + r"\n[ \t]*" + _exactly(f"{CALL} keep") + r"\n",
            r"^[ \t]*" + _exactly(EXPORT_LINE),
            r"^[ \t]*" + _exactly(OWN_LINE),
            r"^[ \t]*" + _exactly(ASIDE_LINE),
            r"^[ \t]*" + _exactly(ASIDE_END),
        )
    ),
    re.MULTILINE,
)
_BEGIN = re.compile(r"^[^#\n]*# ackpatch:(\d+) begin (\w+)\b[^\n]*\n", re.MULTILINE)
_END = re.compile(r"^[ \t]*(?:\}|fi)[ \t]+# ackpatch:\d+ end (\w+) ([0-9a-f]{8})[ \t]*(?:\n|\Z)", re.MULTILINE)
_MENTIONS = re.compile(r"ackpatch_|/var/lib/ackpatch|# ackpatch:\d")


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
    text = _without(text, blocks)
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
    for match in _INSERTIONS.finditer(text, start, end):
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
