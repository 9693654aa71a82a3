"""Where a call can stand: the statements around a start, from outside in, and where its text goes.

A call is a line of its own above the statement (and above the comments that speak of it), or a piece in the middle of a
line. It never stands between a command and whoever reads what that command left behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ackpatch.node.mark import Mark
from ackpatch.shell.lines import above_comments, end_of_line, end_of_words, line_start
from ackpatch.shell.programs import program
from ackpatch.shell.status import ends_the_script, reads_status
from ackpatch.shell.tree import Compound, Function, Script, Simple, Statement

_OPERAND = ("and", "or")
_WRITERS = frozenset({"tee", "cp", "mv", "install", "ln", "sed", "perl", "curl", "wget", "rsync", "dd"})
_ASKS = re.compile(r"(?:!\s+)?(?:\[\[?\s|\(\(|(?:test|e?grep|id|command|type|which|true|false)\b)")
_PRINTERS = frozenset({"cat", "echo", "printf", ":", "true"})


class Form(Enum):
    """How a call is put into the text."""

    LINE = "a line of its own"
    PIECE = "before a command in a line"
    AND = "in a chain, after &&"
    OR = "in a chain, after ||"
    TAIL = "after a command, where that has ended well"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a call's text; ``contained`` where an exit there would end only a part of the script."""

    offset: int
    form: Form
    indent: str = ""
    contained: bool = False


def candidates(mark: Mark) -> list[Statement]:
    """The statements before which a call could cover a mark, the best first.

    A call goes out of chains, conditions, loops, pipelines and subshells, but not out of the arm of a branch and not
    out of a function. Words that a function was handed are looked at where they were handed over first.
    """
    found: list[Statement] = []
    for start in (*mark.origins, mark.place):
        for one in reversed(list(_outwards(start))):
            if one not in found:
                found.append(one)
    return found


def at_hand(mark: Mark) -> list[Statement]:
    """The statements before which a call could cover a mark, the nearest first; as for ``candidates``, where words were
    handed over comes before where they are used.
    """
    return list(dict.fromkeys(one for start in (*mark.origins, mark.place) for one in _outwards(start)))


def _outwards(statement: Statement) -> Iterator[Statement]:
    one: Statement | None = statement
    while one is not None and not isinstance(one.command, Function):
        if one.role in ("list", "condition", *_OPERAND):
            yield one
        if one.role == "list" and _is_arm(one):
            return
        one = one.parent


def _is_arm(statement: Statement) -> bool:
    command = statement.parent.command if statement.parent is not None else None
    return isinstance(command, Compound) and command.kind in ("if", "case")


def outer_ends(mark: Mark) -> list[Statement]:
    """The statements after which a call could stand once a mark has run, the outermost first."""
    return [one for one in reversed(list(_outwards(mark.place))) if one.role == "list"]


def spot_before(script: Script, statement: Statement, at_once: bool = False) -> Spot | None:
    """The place of a call before a statement; None where what ran before it would be lost.

    ``at_once``: right before it, below the comments that stand above it.
    """
    if reads_status(script, statement):
        return None
    contained = _is_contained(statement)
    offset = statement.span.start
    if statement.role in _OPERAND:
        if statement.parent is not None and _is_left(statement):
            return None
        return Spot(offset, Form.AND if statement.role == "and" else Form.OR, contained=contained)
    start = line_start(script.text, offset)
    indent = script.text[start:offset]
    if indent.strip(" \t"):
        return Spot(offset, Form.PIECE, contained=contained)
    return Spot(start if at_once else above_comments(script, start), Form.LINE, indent, contained)


def is_on_a_condition(script: Script, statement: Statement) -> bool:
    """Say whether a statement is the right side of a chain whose left side only asks."""
    parent = statement.parent.command if statement.parent is not None else None
    if statement.role not in _OPERAND or not isinstance(parent, Compound):
        return False
    left, right = parent.bodies
    return right[0] is statement and _ASKS.match(script.source(left[0].span)) is not None


def _is_left(statement: Statement) -> bool:
    """Say whether a statement is the left side of its chain: what stands before that stands before the chain."""
    command = statement.parent.command if statement.parent is not None else None
    return isinstance(command, Compound) and any(one is statement for one in command.bodies[0])


def spot_after(script: Script, statement: Statement) -> Spot | None:
    """The place of a call after a statement: before the next one, or on a line of its own."""
    following = statement.siblings[statement.index + 1 :]
    found = spot_before(script, following[0]) if following else None
    if found is not None or not _is_write(script, statement) or statement.background:
        return found
    if not following and (_dies(script, statement) or ends_the_script(script, statement)):
        start = line_start(script.text, statement.span.start)
        indent = script.text[start : statement.span.start]
        rest = script.text[end_of_words(statement) :].partition("\n")[0]
        if not indent.strip(" \t") and not rest.strip():
            return Spot(end_of_line(script, statement), Form.LINE, indent, _is_contained(statement))
    # Its status is the list's, or somebody reads it: the call does not hide it.
    return Spot(end_of_words(statement), Form.TAIL, contained=_is_contained(statement))


def _dies(script: Script, statement: Statement) -> bool:
    """Say whether a command ends the script or the function where it fails."""
    command = statement.command
    dies = r"(?:exit|return|die)\b"
    return (
        isinstance(command, Compound)
        and command.kind == "or"
        and re.match(dies, script.source(command.bodies[1][0].span)) is not None
    )


def _is_write(script: Script, statement: Statement) -> bool:
    """Say whether a command does nothing but write a file: where it fails, there is nothing to give values to."""
    command = statement.command
    if isinstance(command, Compound) and command.kind in ("pipe", "and"):
        return _is_write(script, command.bodies[1][0])
    if _dies(script, statement):
        return True
    _, name = program([script.source(one.span) for one in command.words] if isinstance(command, Simple) else [])
    writes = any(one.operator in (">", ">>", ">|") for one in statement.redirections)
    return name in _WRITERS or (writes and name in _PRINTERS)


def _is_contained(statement: Statement) -> bool:
    """Say whether a statement runs in a process of its own."""
    one: Statement | None = statement
    while one is not None and not isinstance(one.command, Function):
        if one.role in ("pipe", "substitution") or (one.background and one is not statement):
            return True
        parent = one.parent.command if one.parent is not None else None
        if isinstance(parent, Compound) and parent.kind == "subshell":
            return True
        one = one.parent
    return False
