"""Collects the insertions of a plan and turns them into sorted edits, with a readable mark for each."""

from __future__ import annotations

from dataclasses import dataclass, field

from ackpatch.errors import AckpatchError
from ackpatch.model import Edit, Span
from ackpatch.shell.tree import HereDocument, Script, Statement
from ackpatch.splice import markers
from ackpatch.splice.anchors import line_start, marker_place

# The order of what is inserted at one offset.
# The finding that an edit mends, by what it does; all others mend ACK101.
_CODES = {
    "gives kubeadm the node name": "ACK102",
    "gives kubelet the four values behind the last write": "ACK103",
    "gives kubelet the four flags": "ACK103",
    "keeps the older injection as comments": "ACK206",
}
_PROLOGUE, _REPLACED, _CALL, _MARK, _ESCAPE, _PIECE = range(6)


@dataclass(frozen=True, slots=True)
class Piece:
    """A text to put into the script at a byte offset; ``closes`` the piece before it, and is not one of its own."""

    offset: int
    text: str
    closes: bool = False


@dataclass(slots=True)
class _Group:
    """The pieces below one mark."""

    pieces: list[Piece] = field(default_factory=list)
    document: HereDocument | None = None
    what: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """The edits in the making."""

    script: Script
    groups: dict[int, _Group] = field(default_factory=dict)
    lines: list[tuple[int, int, str, str]] = field(default_factory=list)
    calls: int = 0

    def add_pieces(
        self, statement: Statement, pieces: list[Piece], what: str, document: HereDocument | None = None
    ) -> bool:
        """Add spliced pieces that belong to a statement; False where no mark can stand above it.

        ``document`` is the here-document with a quoted delimiter that has to become an expanding one.
        """
        place = marker_place(self.script, statement)
        if place is None:
            return False
        group = self.groups.setdefault(place, _Group())
        if document is not None and group.document not in (None, document):
            return False
        known = {(piece.offset, piece.text) for piece in group.pieces}
        group.pieces += [piece for piece in pieces if (piece.offset, piece.text) not in known]
        group.document = document or group.document
        if what not in group.what:
            group.what.append(what)
        return True

    def add_prologue(self, offset: int, text: str) -> None:
        """Add the prologue as whole lines."""
        self.lines.append((offset, _PROLOGUE, text, "checks the four values before the script's first action"))

    def add_call(self, offset: int, indent: str, words: str, reason: str) -> None:
        """Add a call as a line of its own at the start of a line."""
        self.calls += 1
        self.lines.append((offset, _CALL, markers.call_line(indent, words, self.calls), reason))

    def add_inner(self, piece: Piece, reason: str) -> None:
        """Add text to an inner script, written in the quoting around it."""
        self.lines.append((piece.offset, _PIECE, piece.text, reason))

    def add_replaced(self, start: int, end: int) -> None:
        """Turn the lines of an older injection into comments."""
        self.calls += 1
        first, last = markers.replaced_lines(self.calls)
        reason = "keeps the older injection as comments"
        self.lines.append((start, _REPLACED, first, reason))
        offset = start
        while offset < end:
            self.lines.append((offset, _PIECE, markers.COMMENTED, reason))
            newline = self.script.text.find("\n", offset)
            offset = end if newline < 0 else newline + 1
        self.lines.append((end, _REPLACED - 1, last, reason))

    def edits(self) -> list[Edit]:
        """Give all edits, sorted by offset and not overlapping; those at one offset are one."""
        inserts = list(self.lines)
        removals: list[Edit] = []
        for number, place in enumerate(sorted(self.groups), self.calls + 1):
            inserts += self._group(number, place, self.groups[place], removals)
        merged: dict[int, list[tuple[int, str, str]]] = {}
        for offset, order, text, reason in inserts:
            merged.setdefault(offset, []).append((order, text, reason))
        edits = list(removals)
        for offset, several in merged.items():
            several.sort(key=lambda one: one[0])
            text = "".join(self._whole_line(offset, order, text) for order, text, _ in several)
            reasons = "; ".join(dict.fromkeys(reason for _, _, reason in several))
            code = next((_CODES[reason] for _, _, reason in several if reason in _CODES), "ACK101")
            edits.append(Edit(Span(offset, offset), b"", text.encode("latin-1"), reasons, code))
        return sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))

    def _whole_line(self, offset: int, order: int, text: str) -> str:
        """At the end of a text without a final newline a line has to begin with one, and to end without."""
        text_before = self.script.text[:offset]
        if order in (_ESCAPE, _PIECE) or not text_before or text_before.endswith("\n"):
            return text
        return "\n" + text.removesuffix("\n")

    def _group(self, number: int, place: int, group: _Group, removals: list[Edit]) -> list[tuple[int, int, str, str]]:
        what = "; ".join(group.what)
        delimiter = ""
        inserts = [(piece.offset, _PIECE, piece.text, what) for piece in group.pieces]
        if group.document is not None:
            delimiter = self.script.source(group.document.delimiter.span)
            inserts += self._made_expanding(group.document, what, removals)
        count = sum(not piece.closes for piece in group.pieces)
        line = markers.edit_line(indent_at(self.script, place), number, count, delimiter, what)
        return [(place, _MARK, line, what), *inserts]

    def _made_expanding(
        self, document: HereDocument, what: str, removals: list[Edit]
    ) -> list[tuple[int, int, str, str]]:
        """Take the quotes off a delimiter and escape what the shell would now expand."""
        span = document.delimiter.span
        old = self.script.source(span)
        bare = old.replace("'", "").replace('"', "").replace("\\", "")
        removals.append(Edit(span, old.encode("latin-1"), bare.encode("latin-1"), what, "ACK103"))
        body = self.script.source(document.body)
        return [(document.body.start + index, _ESCAPE, "\\", what) for index, one in enumerate(body) if one in "\\$`"]


def apply_edits(data: bytes, edits: list[Edit]) -> bytes:
    """Carry out edits; each asserts the bytes that it replaces."""
    parts, position = [], 0
    for edit in edits:
        if edit.span.start < position or data[edit.span.start : edit.span.end] != edit.old:
            raise AckpatchError(f"an edit at byte {edit.span.start} does not fit the script")
        parts += [data[position : edit.span.start], edit.new]
        position = edit.span.end
    return b"".join([*parts, data[position:]])


def indent_at(script: Script, offset: int) -> str:
    """Give the white space at the start of the line of an offset."""
    start = line_start(script, offset)
    end = start
    while script.text[end : end + 1] in (" ", "\t"):
        end += 1
    return script.text[start:end]
