"""The marks that ackpatch leaves in a script, as a versioned file format, and taking its edits out again.

# ackpatch:1 begin prologue …   first line of the prologue, whose last line is
# ackpatch:1 end prologue …     with a checksum of what stands between
ackpatch_kubelet # ackpatch:1 call 1
# ackpatch:1 edit 2 pieces=3 …  the next lines hold three spliced pieces
# ackpatch:1 replaced 3 …       first line of an older injection, kept as comments that start with "#| "
# ackpatch:1 end replaced 3
"""

from __future__ import annotations

import re
from binascii import crc32
from dataclasses import dataclass

from ackpatch.model import Span
from ackpatch.splice.pieces import PIECE, undo

VERSION = 1
_TAG = rf"# ackpatch:{VERSION} "
_ANY = re.compile(r"^[ \t]*(?:.*[ \t])?# ackpatch:(\d+) (\w+)(?: ([\w-]+))?(.*)$")
_CALL_LINE = re.compile(rf"^[ \t]*ackpatch_kubelet(?: [^#\n]*)?{_TAG}call \d+$")
_DELIMITER = re.compile(r" delimiter=(\S+)")
_PIECES = re.compile(r" pieces=(\d+)")
_SUM = re.compile(r" crc32=([0-9a-f]{8})$")
_ESCAPED = re.compile(r"\\([\\$`])")
COMMENTED = "#| "


@dataclass(frozen=True, slots=True)
class Damage:
    """A mark that is not as ackpatch leaves it."""

    span: Span
    message: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Reverted:
    """A script without ackpatch's edits; ``damages`` tell what could not be taken out."""

    text: str
    damages: tuple[Damage, ...]
    found: bool


def checksum(text: str) -> str:
    """Give the checksum that the end of a block carries."""
    return f"{crc32(text.encode('latin-1')):08x}"


def block(body: str, kind: str = "prologue") -> str:
    """Wrap the prologue into its marks; the text that they enclose may be used by anyone under 0BSD.

    ``kind`` is ``inner`` where a newline had to be put before it, inside a string.
    """
    begin = (
        f"{_TAG}begin {kind}: kubelet gets the four values of a registered cluster; this block is free to use (0BSD)\n"
    )
    return f"{begin}{body}{_TAG}end {kind} crc32={checksum(body)}\n"


def call_line(indent: str, words: str, number: int) -> str:
    """Give a call on a line of its own."""
    return f"{indent}{words} {_TAG}call {number}\n"


def edit_line(indent: str, number: int, pieces: int, delimiter: str, what: str) -> str:
    """Give the line above a statement with spliced pieces."""
    extra = f" delimiter={delimiter}" if delimiter else ""
    return f"{indent}{_TAG}edit {number} pieces={pieces}{extra} -- {what}\n"


def replaced_lines(number: int) -> tuple[str, str]:
    """Give the lines around an older injection that is kept as comments."""
    return f"{_TAG}replaced {number}: the injection that was here before\n", f"{_TAG}end replaced {number}\n"


def is_marked(text: str) -> bool:
    """Say whether a script carries any of our marks."""
    return "# ackpatch:" in text and any(_ANY.match(line) for line in text.split("\n") if "# ackpatch:" in line)


def revert(text: str, force: bool = False) -> Reverted:
    """Take all edits out, edit by edit; what a person changed in our text is told, and dropped only with ``force``."""
    if not is_marked(text):
        return Reverted(text, (), False)
    return _Reverter(text, force).run()


def _kind_of_block(line: str) -> str:
    return line.split("begin ", 1)[1].split(":", 1)[0]


class _Reverter:
    def __init__(self, text: str, force: bool) -> None:
        self.text = text
        self.force = force
        self.lines = re.findall(r"[^\n]*\n|[^\n]+", text)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.output: list[str] = []
        self.damages: list[Damage] = []
        self.pending = 0
        self.delimiters: list[tuple[int, str]] = []

    def run(self) -> Reverted:
        number = 0
        while number < len(self.lines):
            number = self._line(number)
        if self.pending:
            self._damage(len(self.lines) - 1, f"{self.pending} spliced pieces that a mark speaks of are not there")
        text = "".join(self.output)
        for offset, delimiter in reversed(self.delimiters):
            text = self._requote(text, offset, delimiter)
        return Reverted(text, tuple(self.damages), True)

    def _damage(self, number: int, message: str, changed: bool = False) -> None:
        span = Span(self.starts[number], self.starts[number] + len(self.lines[number].rstrip("\n")))
        self.damages.append(Damage(span, message, changed))

    def _line(self, number: int) -> int:
        line = self.lines[number]
        mark = _ANY.match(line.rstrip("\n")) if "# ackpatch:" in line else None
        if mark is None:
            self.output.append(self._pieces(line))
            return number + 1
        if mark[1] != str(VERSION):
            self._damage(number, f"this mark is of format {mark[1]}; this ackpatch knows format {VERSION}")
        elif mark[2] == "begin":
            return self._block(number)
        elif mark[2] == "replaced":
            return self._replaced(number)
        elif _CALL_LINE.match(line.rstrip("\n")):
            self._drop_line_break(line)
            return number + 1
        elif mark[2] == "edit" and (pieces := _PIECES.search(mark[4])):
            if self.pending:
                self._damage(number, f"{self.pending} spliced pieces are missing above this mark")
            self.pending = int(pieces[1])
            if delimiter := _DELIMITER.search(mark[4]):
                self.delimiters.append((sum(map(len, self.output)), delimiter[1]))
            return number + 1
        elif mark[2] in ("ignore", "here"):
            pass
        else:
            self._damage(number, "this mark of ackpatch has lost its other half")
        self.output.append(line)
        return number + 1

    def _drop_line_break(self, line: str) -> None:
        """A call behind a last line without a newline brought the newline before it, and has none itself."""
        if not line.endswith("\n") and self.output:
            self.output[-1] = self.output[-1].removesuffix("\n")

    def _pieces(self, line: str) -> str:
        if not self.pending:
            return line

        def taken(match: re.Match[str]) -> str:
            self.pending -= 1
            return undo(match[0])

        return PIECE.sub(taken, line, count=self.pending)

    def _block(self, number: int) -> int:
        end = self._end(number, f"end {_kind_of_block(self.lines[number])}")
        if end is None:
            self._damage(number, "the end of this block is missing")
            self.output.append(self.lines[number])
            return number + 1
        body = "".join(self.lines[number + 1 : end])
        stated = _SUM.search(self.lines[end].rstrip("\n"))
        if (stated is None or stated[1] != checksum(body)) and not self.force:
            self._damage(number, "the text of this block was changed by a person", changed=True)
        if self.lines[number].startswith(f"{_TAG}begin inner") and self.output:
            self.output[-1] = self.output[-1].removesuffix("\n")
        return end + 1

    def _replaced(self, number: int) -> int:
        end = self._end(number, "end replaced")
        if end is None:
            self._damage(number, "the end of this block is missing")
            self.output.append(self.lines[number])
            return number + 1
        for inner in range(number + 1, end):
            line = self.lines[inner]
            if line.startswith(COMMENTED):
                self.output.append(line[len(COMMENTED) :])
            elif not _CALL_LINE.match(line.rstrip("\n")):
                self._damage(inner, "this line among the kept ones is not ours", changed=True)
        return end + 1

    def _end(self, number: int, words: str) -> int | None:
        for inner in range(number + 1, len(self.lines)):
            if self.lines[inner].startswith(_TAG + words):
                return inner
            if self.lines[inner].startswith(_TAG + "begin"):
                return None
        return None

    def _requote(self, text: str, offset: int, delimiter: str) -> str:
        """Give a here-document that was made expanding its quotes back, and its text its own backslashes."""
        name = re.sub(r"[\\'\"]", "", delimiter)
        opening = re.compile(rf"<<-?[ \t]*({re.escape(name)})(?![\w])").search(text, offset)
        closing = re.compile(rf"^\t*{re.escape(name)}$", re.MULTILINE).search(text, opening.end()) if opening else None
        if opening is None or closing is None:
            self.damages.append(Damage(Span(0, 0), f"the here-document {name} of an edit is not there"))
            return text
        body = text.index("\n", opening.end()) + 1
        plain = _ESCAPED.sub(r"\1", text[body : closing.start()])
        return text[: opening.start(1)] + delimiter + text[opening.end(1) : body] + plain + text[closing.start() :]
