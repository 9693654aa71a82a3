"""A plan as edits: insertions only, sorted by offset, each with the finding that it mends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from ackpatch.errors import AckpatchError
from ackpatch.inserted import insertions
from ackpatch.inserted.blocks import Kind, block
from ackpatch.model import Edit, Span
from ackpatch.node.assigned import assigns_variable
from ackpatch.node.flags import VARIABLES
from ackpatch.shell.lines import above_comments, line_start
from ackpatch.shell.tree import (
    Assignment,
    DoubleQuoted,
    Literal,
    Script,
    Simple,
    SingleQuoted,
    Statement,
    walk,
    within_function,
)
from ackpatch.splice.cover import Side
from ackpatch.splice.ground import Call, Plan, Reason
from ackpatch.splice.places import Form

_CODES = {Reason.NAME: "ACK102", Reason.END: "ACK103", Reason.FLAGS: "ACK103", Reason.ASIDE: "ACK206"}
_BLOCK = "checks the four values and defines the call"
# Variables that change how the shell itself works.
_OF_THE_SHELL = frozenset({"IFS", "PATH", "BASH_ENV", "ENV", "POSIXLY_CORRECT", "BASH_XTRACEFD", "PS4"})
# The order of what is inserted at one offset.
_RANKS = {Reason.OWN: 1, Reason.KEEP: 1, Reason.EXPORT: 1, Reason.ASIDE: 2}


@dataclass(frozen=True, slots=True)
class _Piece:
    offset: int
    rank: int
    text: str
    why: str
    code: str = "ACK101"
    whole_line: bool = False


def edits_of(plan: Plan, script: Script) -> tuple[Edit, ...]:
    """The edits of a plan; offsets are byte offsets."""
    pieces = sorted(_pieces(plan, script), key=lambda one: (one.offset, one.rank))
    return tuple(_merged(script, offset, list(several)) for offset, several in groupby(pieces, lambda p: p.offset))


def kinds_of(plan: Plan) -> tuple[Kind, ...]:
    """The blocks that a plan needs."""
    values = any(reason is Reason.FLAGS for _, reason in plan.pieces)
    calls = any(one.name == insertions.CALL for one in plan.calls) or plan.keeps
    agents = any(one.name == insertions.AGENT for one in plan.calls)
    needs = ((Kind.VALUES, values), (Kind.CALL, calls), (Kind.AGENT, agents))
    found = [kind for kind, needed in needs if needed]
    return tuple(found) if found or not plan.named else (Kind.CALL,)


def _pieces(plan: Plan, script: Script) -> Iterator[_Piece]:
    used = [one.spot.offset for one in plan.calls] + [one.offset for one, _ in plan.pieces]
    top = block_offset(script, min(used, default=len(script.text)))
    for kind in kinds_of(plan):
        yield _Piece(top, 0, block(kind), _BLOCK, whole_line=True)
    if plan.keeps:
        yield _line(top, insertions.KEEP_LINES, Reason.KEEP)
    if plan.own and Kind.CALL in kinds_of(plan):
        yield _line(top, insertions.OWN_LINE, Reason.OWN)
    if plan.exports:
        yield _line(top, insertions.EXPORT_LINE, Reason.EXPORT)
    for aside in plan.asides:
        yield _line(aside.lines.start, insertions.ASIDE_LINE, Reason.ASIDE)
        yield _Piece(
            aside.lines.end, -1, insertions.ASIDE_END, Reason.ASIDE.value, _CODES[Reason.ASIDE], whole_line=True
        )
    for call in plan.calls:
        yield _call(call, plan.own)
    for insertion, reason in plan.pieces:
        yield _Piece(insertion.offset, 9, insertion.text, reason.value, _CODES.get(reason, "ACK101"))


def _line(offset: int, text: str, reason: Reason) -> _Piece:
    return _Piece(offset, _RANKS[reason], text, reason.value, _CODES.get(reason, "ACK101"), whole_line=True)


def _call(call: Call, own: bool) -> _Piece:
    spot, reason = call.spot, Reason.END if call.place[1] is Side.AFTER else Reason.START
    text = (
        insertions.kept_call(call.words) if call.kept else insertions.call(call.words, spot.contained, call.name, own)
    )
    code = _CODES.get(reason, "ACK101")
    if spot.form is Form.LINE:
        return _Piece(spot.offset, 5, f"{spot.indent}{text}\n", reason.value, code, whole_line=True)
    if spot.form is Form.TAIL:
        return _Piece(spot.offset, 8, f" && {text}", reason.value, code)
    text = {Form.AND: f"{text} && ", Form.OR: f"! {text} || "}.get(spot.form, f"{text}; ")
    return _Piece(spot.offset, 5, text, reason.value, code)


def _merged(script: Script, offset: int, pieces: list[_Piece]) -> Edit:
    text = "".join(_whole_line(script.text, one) if one.whole_line else one.text for one in pieces)
    reasons = "; ".join(dict.fromkeys(one.why for one in pieces))
    code = next((one.code for one in pieces if one.code != "ACK101"), "ACK101")
    return Edit(Span(offset, offset), b"", text.encode("latin-1"), reasons, code)


def _whole_line(text: str, piece: _Piece) -> str:
    """At the end of a text without a final newline a line has to begin with one, and to end without."""
    before = text[: piece.offset]
    return piece.text if not before or before.endswith("\n") else "\n" + piece.text.removesuffix("\n")


_SAID_TO_SHELLCHECK = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*#[ \t]*shellcheck[ \t][^\n]*\n")


def block_offset(script: Script, used: int) -> int:
    """The offset of the line before which the block goes: after the shebang, the first comments, ``set`` lines,
    constants, and what gives one of the four variables a value of its own, where that is done before the block is
    ``used`` at an offset; a comment stays with the command that it stands above.
    """
    statements = script.statements
    stops = (number for number, one in enumerate(statements) if not _is_setting(one) or one.span.end > used)
    first = next(stops, len(statements))
    named = any(one in script.text for one in VARIABLES)
    for number, one in enumerate(statements if named else ()):
        if one.span.end <= used and _assigns_inside(one):
            first = max(first, number + 1)
    first = _beside_a_group(script, first, used)
    if first >= len(statements):
        return len(script.text) if statements else _after_shebang(script.text)
    start = line_start(script.text, statements[first].span.start)
    while first and statements[first - 1].span.end > start:
        first -= 1  # stands on the same line, or its here-document does
        start = line_start(script.text, statements[first].span.start)
    offset = above_comments(script, start)
    # What is said to shellcheck before the first command is meant for the whole file, and has to stay before it.
    said = _SAID_TO_SHELLCHECK.match(script.text, offset) if not first else None
    return said.end() if said is not None else offset


def _after_shebang(text: str) -> int:
    return text.find("\n") + 1 if text.startswith("#!") else 0


def _is_setting(statement: Statement) -> bool:
    """Say whether a statement sets an option of the shell, or a variable to a constant: neither is an action."""
    command = statement.command
    if not isinstance(command, Simple) or statement.redirections or statement.background:
        return False
    if not command.words:
        return all(_is_constant(one) for one in command.assignments)
    parts = command.words[0].parts
    return len(parts) == 1 and getattr(parts[0], "text", "") in ("set", "shopt")


def _beside_a_group(script: Script, first: int, used: int) -> int:
    """The index of the statement before which the block goes, where ``first`` stands in a group of assignments: after
    the group, or before it where one in it concerns the block.
    """
    statements = script.statements
    end = first
    while 0 < end < len(statements) and _goes_on(script, statements[end - 1], statements[end]):
        end += 1
    if all(one.span.end <= used and _is_plain_assignment(one) for one in statements[first:end]):
        return end
    while first and _goes_on(script, statements[first - 1], statements[first]):
        first -= 1
    return first


def _is_plain_assignment(statement: Statement) -> bool:
    assert isinstance(statement.command, Simple)
    return not any(one.name in _OF_THE_SHELL for one in statement.command.assignments)


def _goes_on(script: Script, one: Statement, other: Statement) -> bool:
    """Say whether two assignments stand right below each other: nothing goes between them."""
    between = script.text[one.span.end : other.span.start]
    return between.count("\n") == 1 and not between.strip() and all(map(_only_assigns, (one, other)))


def _only_assigns(statement: Statement) -> bool:
    return isinstance(statement.command, Simple) and not statement.command.words


def _is_constant(assignment: Assignment) -> bool:
    if assignment.array is not None or assignment.inside or assignment.name in _OF_THE_SHELL:
        return False
    parts = assignment.value.parts if assignment.value is not None else []
    inner = [part for one in parts for part in (one.parts if isinstance(one, DoubleQuoted) else [one])]
    return all(isinstance(one, Literal | SingleQuoted) for one in inner)


def _assigns_inside(statement: Statement) -> bool:
    return any(assigns_variable(one) and not within_function(one) for one in walk([statement]))


def apply_edits(data: bytes, edits: tuple[Edit, ...]) -> bytes:
    """Carry out edits; each asserts the bytes that it replaces."""
    parts, position = [], 0
    for edit in edits:
        if edit.span.start < position or data[edit.span.start : edit.span.end] != edit.old:
            raise AckpatchError(f"an edit at byte {edit.span.start} does not fit the script")
        parts += [data[position : edit.span.start], edit.new]
        position = edit.span.end
    return b"".join([*parts, data[position:]])
