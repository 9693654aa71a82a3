"""The text of the calls: a line of their own where that is possible, else a piece in the line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ackpatch.findings import finding
from ackpatch.node.boot import Mark
from ackpatch.shell.flow import flows_of, marks
from ackpatch.shell.tree import Statement
from ackpatch.splice.anchors import end_of_line, first_on_line, line_start, reads_status, starts_line
from ackpatch.splice.draft import Piece, indent_at
from ackpatch.splice.pieces import call, call_words

if TYPE_CHECKING:
    from ackpatch.splice.plan import Planner


def draft_calls(planner: Planner) -> None:
    """Write a line or a piece for each call of a plan."""
    script = planner.boot.script
    written: set[int] = set()
    for (_, side), statement in planner.placements.items():
        reason = "gives kubelet the four values before the start below"
        config = planner.configs.get(id(statement), "")
        statement = planner.wanted.get(id(statement), statement)
        if side == "after":
            following = statement.siblings[statement.index + 1 : statement.index + 2]
            if following:
                statement = following[0]
            else:
                _call_after(planner, statement)
                continue
        statement, keep = _above_status_readers(planner, statement)
        first = first_on_line(script, statement) if statement.role == "list" else statement
        if first is not statement and not _spoils_between(planner, first, statement):
            statement = first
        if id(statement) in written and not config:
            continue
        written.add(id(statement))
        if statement.role == "list" and starts_line(script, statement):
            start = line_start(script, statement.span.start)
            planner.draft.add_call(start, indent_at(script, start), call_words(config, keep), reason)
        else:
            piece = Piece(statement.span.start, call(statement.role, config, keep))
            if not planner.draft.add_pieces(statement, [piece], reason):
                planner.findings.append(finding("ACK101", statement.span, "no line above it can carry a mark"))


def _call_after(planner: Planner, statement: Statement) -> None:
    offset = end_of_line(planner.boot.script, statement)
    indent = indent_at(planner.boot.script, statement.span.start)
    reason = "gives kubelet the four values behind the last write"
    planner.draft.add_call(offset, indent, call_words(keep=True), reason)


def _above_status_readers(planner: Planner, statement: Statement) -> tuple[Statement, bool]:
    """Go above the command whose ``$?`` the statement reads, where that writes nothing; else keep the status."""
    script = planner.boot.script
    while statement.role == "list" and reads_status(script, statement) and statement.index > 0:
        producer = statement.siblings[statement.index - 1]
        if any(planner.effect(mark) != "none" for mark in _marks_of(planner, producer)):
            return statement, True
        statement = producer
    return statement, reads_status(script, statement)


def _spoils_between(planner: Planner, first: Statement, statement: Statement) -> bool:
    between = first.siblings[first.index : statement.index]
    return any(planner.effect(mark) != "none" for one in between for mark in _marks_of(planner, one))


def _marks_of(planner: Planner, statement: Statement) -> list[Mark]:
    """Give the marks that a statement reaches, in functions that it calls too."""
    return [mark for flow in flows_of(planner.boot.flow, statement) for mark in marks(flow)]


# A word that can be repeated in front of its command: no substitution runs twice, no space splits it.
_REPEATABLE = re.compile(r"[\w./${}\"@%+:-]+")


def config_word(mark: Mark) -> str:
    """Give the file of ``kubeadm join --config`` as the script writes it, "" for none."""
    if mark.nested is not None:
        return ""
    words = [mark.step.script.source(word.span) for word in mark.step.command.words]
    for index, word in enumerate(words):
        value = words[index + 1] if word == "--config" and index + 1 < len(words) else ""
        value = word.removeprefix("--config=") if word.startswith("--config=") else value
        if value and _REPEATABLE.fullmatch(value):
            return value
    return ""
