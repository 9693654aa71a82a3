"""The places where a call can stand, from inside out, and where its line goes in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from ackpatch.node.boot import Mark
from ackpatch.shell.tree import Compound, Declaration, Function, Script, Simple, Statement, ancestors

_READS_STATUS = re.compile(r"\$(?:\?|\{\?\}|_(?!\w)|\{_\}|\{?PIPESTATUS)")
_ALLOWED_ROLES = ("list", "condition", "and", "or")


def enclosing(statement: Statement) -> Iterator[Statement]:
    """Give a statement and those around it, up to the function that it stands in."""
    return takewhile(lambda one: not isinstance(one.command, Function), ancestors(statement))


def candidates(mark: Mark) -> list[Statement]:
    """Give the statements before which a call could cover a mark, the best first: the outermost ones."""
    found: list[Statement] = []
    for start in (*mark.origins, mark.place):
        chain = [one for one in enclosing(start) if one.role in _ALLOWED_ROLES]
        found += [one for one in reversed(chain) if not any(one is other for other in found)]
    return found


def line_start(script: Script, offset: int) -> int:
    """Give the offset of the first byte of a line."""
    return script.text.rfind("\n", 0, offset) + 1


def starts_line(script: Script, statement: Statement) -> bool:
    """Say whether nothing but white space stands before a statement on its line."""
    start = line_start(script, statement.span.start)
    return not script.text[start : statement.span.start].strip(" \t")


def first_on_line(script: Script, statement: Statement) -> Statement:
    """Give the first statement of the same list on the same line."""
    start = line_start(script, statement.span.start)
    first = statement
    for sibling in statement.siblings[: statement.index]:
        if sibling.span.start >= start:
            return sibling
    return first


def reads_status(script: Script, statement: Statement) -> bool:
    """Say whether the first command that a statement runs reads ``$?`` or its kin."""
    first = _first_command(statement)
    return _READS_STATUS.search(script.source(first.span)) is not None


def _first_command(statement: Statement) -> Statement:
    command = statement.command
    if isinstance(command, Simple | Declaration | Function) or command is None:
        return statement
    assert isinstance(command, Compound)
    lists = [*command.conditions, *command.bodies]
    if command.kind in ("case", "for") or not lists or not lists[0]:
        return statement
    return _first_command(lists[0][0])


def end_of_line(script: Script, statement: Statement) -> int:
    """Give the offset behind the line on which a statement and its here-documents end."""
    end = statement.span.end
    for redirection in (r for one in _inside(statement) for r in one.redirections):
        if redirection.document is not None:
            end = max(end, redirection.document.body.end)
    newline = script.text.find("\n", end)
    return len(script.text) if newline < 0 else newline + 1


def _inside(statement: Statement) -> Iterator[Statement]:
    yield statement
    if isinstance(statement.command, Compound):
        for several in (*statement.command.conditions, *statement.command.bodies):
            for inner in several:
                yield from _inside(inner)


def marker_place(script: Script, statement: Statement) -> int | None:
    """Give the offset of the line above which a marker can stand: that of the nearest statement that begins a line."""
    current: Statement | None = statement
    while current is not None:
        if current.role in ("list", "condition", "function"):
            first = first_on_line(script, current) if current.role == "list" else current
            if starts_line(script, first) and current.role != "condition":
                return line_start(script, first.span.start)
        current = current.parent
    return None
