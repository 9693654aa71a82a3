"""Bytes to tree: ``shfmt --to-json`` reads the structure, its byte offsets lead back to the original text."""

from __future__ import annotations

import json
import os
import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ackpatch.errors import AckpatchError, SyntaxRefusedError, TooDeepError
from ackpatch.shell.process import Running

if TYPE_CHECKING:
    from ackpatch.shell.tree import Script, Statement

Json = dict[str, Any]
MOST_OPERATORS = 1000  # && and || on one line; what the parser writes grows with their square
PIECE = 128 * 1024  # bytes that the parser reads at a time
LONG_DOCUMENT = 64 * 1024  # bytes of a here-document from which on it is read as plain text
MOST_EXPANSIONS = 20_000  # in such a one that is not, since it names a command of ours
LEAST_MEMORY, MOST_MEMORY = 360 << 20, 2 << 30  # bytes that the parser may use, by the size of a piece
# The parser indents what it writes: three tabs for an if in an if, two for a command after &&, seven for a $( in a $(.
DEEPEST = 400
_TOO_DEEP = re.compile(rb"\n\t{%d}" % DEEPEST)
_LINE = re.compile(rb'"Line": (\d+)')
_DOCUMENT = re.compile(rb"<<-?[ \t]*(\\?[\"']?)(\w+)")
_ACTS = re.compile(rb"kube|systemctl|service|ackpatch|ALIBABA_CLOUD")
_CALM = bytes.maketrans(b"$`\\", b"...")
# A line that most probably begins a command of its own: it is not indented, and continues and ends nothing.
_BEGINS = re.compile(rb"(?<!\\)\n(?!(?:fi|done|esac|else|elif|then|do)\b)(?=[\w$\"'\[(!.:/~-])")
# An index that the parser takes for arithmetic, also where it is a key.
_KEY = re.compile(rb"\[[\w@:/-]*\.[\w.@:/-]*\]")
_BEGINNINGS = re.compile(rb"[({|`]|\belif\b|\bif\b")
_ERROR = re.compile(r"^(?:<standard input>:)?(\d+):(\d+): (.*)$", re.MULTILINE)


@lru_cache(maxsize=1)
def shfmt_program() -> str:
    """Find shfmt beside this Python (where the package shfmt-py puts it), then on the PATH."""
    beside = os.path.join(os.path.dirname(sys.executable), "shfmt")
    if os.access(beside, os.X_OK):
        return beside
    import shutil
    import sysconfig

    scripts = os.path.join(sysconfig.get_path("scripts"), "shfmt")
    if os.access(scripts, os.X_OK):
        return scripts
    found = shutil.which("shfmt")
    if not found:
        raise AckpatchError("shfmt is not installed; it comes with the package shfmt-py: pip install shfmt-py")
    return found


def for_parser(data: bytes) -> bytes:
    """What shfmt can read: it refuses bytes that are not UTF-8, and keys with a dot; so those texts get a stand-in of
    the same length.

    A dot is an ordinary character of a word and ends a variable's name, as any byte from 0x80 on does for bash.
    """
    data = _KEY.sub(lambda key: key[0].replace(b".", b"_"), data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return bytes(byte if byte < 0x80 else 0x2E for byte in data)
    return data


class Shfmt:
    """A run of shfmt over the bytes of a script; started when this is made."""

    def __init__(self, data: bytes, dialect: str, *options: str) -> None:
        command = [shfmt_program(), f"--language-dialect={dialect}", *options]
        # A Go program that lives for half a second need not tidy up so often: a quarter less time, 60 MB more.
        memory = min(LEAST_MEMORY + 1500 * len(data), MOST_MEMORY)
        self._data = data
        self._run = Running(command, for_parser(data), {"GOGC": "400", **os.environ}, memory)

    def output(self) -> bytes:
        """Wait for the end; raises SyntaxRefusedError with the parser's message and place."""
        status, output, errors = self._run.wait()
        if status == 0:
            return output
        message = errors.decode("utf-8", "replace").strip()
        if "out of memory" in message or status < 0:
            raise TooDeepError(
                "the parser ran out of memory: commands are nested too deeply, or a line is too long",
                _densest(self._data),
                1,
            )
        place = _ERROR.search(message)
        if message.startswith("fatal error:"):  # of Go, before it has read anything
            raise AckpatchError(f"the parser shfmt could not be started: {message.splitlines()[0]}")
        if place is None:
            raise SyntaxRefusedError(message or "the parser gave no reason", 1, 1)
        subshell = place[3].startswith("`function ") and "must be followed by" in place[3]
        what = "a function whose body is a subshell is read here as name() ( … ) only" if subshell else place[3]
        raise SyntaxRefusedError(what, int(place[1]), int(place[2]))


def _densest(data: bytes) -> int:
    """The number of the line on which most begins or is chained, or where an endless ``elif`` begins."""
    lines = data.split(b"\n")
    counts = [len(_BEGINNINGS.findall(one)) for one in lines]
    return counts.index(max(counts)) + 1


def _endless_chain(data: bytes) -> int:
    """The number of a line on which more commands are chained than any parser here could read; 0 for none."""
    if data.count(b"&&") + data.count(b"||") <= MOST_OPERATORS:
        return 0
    lines = enumerate(data.split(b"\n"), 1)
    return next((number for number, one in lines if one.count(b"&&") + one.count(b"||") > MOST_OPERATORS), 0)


class Parsing:
    """A parse under way: the parser runs from the moment this is made, so that its time can be used.

    A long script is read piece by piece, since what the parser writes is a hundred times as long as what it reads. A
    piece ends where the text up to there is whole commands, as a shell reads them too.
    """

    def __init__(self, data: bytes, dialect: str) -> None:
        self.dialect = dialect
        self._data = data
        self._calm, self._crowded = calmed(data)
        self._chain = _endless_chain(data)
        too_much = self._chain or self._crowded
        self._piece = _Piece(self._calm, 0, dialect, PIECE) if not too_much else None

    def script(self) -> Script:
        """Wait for the tree; raises SyntaxRefusedError, and TooDeepError beyond a limit. To be called once."""
        # Loaded here, so that the parser is at work already when an early parse gets here.
        from ackpatch.shell.build import Builder
        from ackpatch.shell.tree import Script

        if self._chain:
            raise TooDeepError(f"more than {MOST_OPERATORS:,} commands are chained on one line", self._chain, 1)
        if self._crowded:
            what = f"a here-document that names kubelet or a service has more than {MOST_EXPANSIONS:,} expansions"
            raise TooDeepError(what, self._crowded, 1)
        text = self._data.decode("latin-1")
        builder = Builder(text)
        statements: list[Statement] = []
        piece = self._piece
        while piece is not None:
            try:
                output = piece.output()
            except SyntaxRefusedError as refusal:
                if piece.is_last:
                    raise
                piece = piece.other(refusal.line)
                continue
            following = None if piece.is_last else _Piece(self._calm, piece.end, self.dialect, PIECE)
            builder.base = piece.start
            builder.add(json.loads(output), statements)
            piece = following
        return Script(text, statements, builder.comments, self.dialect)


class _Piece:
    """The parse of the bytes from ``start`` on, to the end of a line: of the last one before ``end``, if that is given,
    else of the one that ``size`` bytes reach.
    """

    def __init__(self, data: bytes, start: int, dialect: str, size: int, end: int | None = None) -> None:
        self.start, self.end = start, _line_end(data, start + size) if end is None else end
        self.is_last = self.end >= len(data)
        self._data, self._dialect, self._size = data, dialect, size
        self._lines = data.count(b"\n", 0, start)
        self._shfmt = Shfmt(data if self.is_last and not start else data[start : self.end], dialect, "--to-json")

    def other(self, line: int) -> _Piece:
        """The piece to be read instead, where this one is not whole commands: it ends before the line that the parser
        names, where the command begins that is cut off; a longer one where nothing is before that.
        """
        end = _line_start(self._data, self.start, line - self._lines)
        if end > self.start:
            return _Piece(self._data, self.start, self._dialect, self._size, end)
        return _Piece(self._data, self.start, self._dialect, 4 * self._size)

    def output(self) -> bytes:
        """Wait for the parser; its refusals name the lines of the whole text."""
        try:
            output = self._shfmt.output()
        except SyntaxRefusedError as refusal:
            raise type(refusal)(refusal.message, refusal.line + self._lines, refusal.column) from None
        deep = _TOO_DEEP.search(output)
        if deep is not None:
            line = _LINE.search(output, deep.end())
            raise TooDeepError("commands are nested too deeply", int(line[1]) + self._lines if line else 1, 1)
        return output


def _line_end(data: bytes, offset: int) -> int:
    """The end of the first line after an offset with which most probably a command ends; or of the first one that no
    backslash continues.
    """
    begins = _BEGINS.search(data, offset, offset + PIECE)
    if begins is not None:
        return begins.start() + 1
    while offset < len(data):
        offset = data.find(b"\n", offset) + 1
        if not offset:
            break
        before = data[max(0, offset - 64) : offset - 1]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return offset
    return len(data)


def _line_start(data: bytes, start: int, line: int) -> int:
    """Where a line begins, counted from ``start`` as 1; the one before, where a backslash continues it."""
    offset = start
    for _ in range(line - 1):
        offset = data.find(b"\n", offset) + 1
    while offset > start and data.endswith(b"\\\n", start, offset):
        offset = data.rfind(b"\n", start, offset - 1) + 1 or start
    return offset


def calmed(data: bytes) -> tuple[bytes, int]:
    """A text of the same length in which nothing expands in very long here-documents that name no command of ours:
    each expansion would be a node of the tree. With it the line of one with too many of them, 0 for none.
    """
    if len(data) < LONG_DOCUMENT:
        return data, 0
    parts, position, crowded = [], 0, 0
    for begin in _DOCUMENT.finditer(data):
        start = data.find(b"\n", begin.end()) + 1
        if start <= position or not start:
            continue
        closing = re.compile(rb"^\t*" + re.escape(begin[2]) + rb"$", re.MULTILINE).search(data, start)
        if closing is None or closing.start() - start < LONG_DOCUMENT:
            continue
        body = data[start : closing.start()]
        if not _ACTS.search(body):
            parts += [data[position:start], body.translate(_CALM)]
            position = closing.start()
        elif not begin[1] and body.count(b"$") + body.count(b"`") > MOST_EXPANSIONS:
            crowded = crowded or data.count(b"\n", 0, begin.start()) + 1
    return b"".join([*parts, data[position:]]), crowded


# Parses that the command line started before it had loaded what reads its arguments; used once, by content.
_EARLY: dict[tuple[bytes, str], Parsing] = {}


def start_early(data: bytes, dialect: str) -> None:
    """Start a parse whose result will probably be asked for."""
    _EARLY[data, dialect] = Parsing(data, dialect)


def start(data: bytes, dialect: str) -> Parsing:
    """Start a parse, or take the one that runs already."""
    return _EARLY.pop((data, dialect), None) or Parsing(data, dialect)


def parse(data: bytes, dialect: str) -> Script:
    """Parse a script in one dialect (``bash`` or ``posix``); raises SyntaxRefusedError."""
    return Parsing(data, dialect).script()
