"""Injections that people made by hand: the documented block, known by what its statements do, and direct uses.

The documented block edits kubelet's environment file by ``sed -i`` with the injected variables. It loses or breaks
values in common cases and runs a label as a command in one, so it rests where the values are set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ackpatch.model import Span
from ackpatch.node.flags import INJECTED, STAND_FOR, flag_uses
from ackpatch.node.mark import Mark
from ackpatch.shell.lines import above_comments, end_of_line, line_start
from ackpatch.shell.render import Rendered
from ackpatch.shell.tree import Declaration, Function, Script, Simple, Statement, walk

VARIABLE = re.compile(r"\$\{?ALIBABA_CLOUD_(?:PROVIDER_ID|PROVIDE_ID|NODE_NAME|LABELS|TAINTS)\b")
WRONG_NAME = re.compile(r"\bALIBABA_CLOUD_PROVIDE_ID\b")
_EDITS = re.compile(r"\bsed\b[^\n|;]*\s-\w*i")


@dataclass(frozen=True, slots=True)
class Aside:
    """Statements side by side that inject by hand; ``lines`` is the range of their lines, comments above included."""

    statements: tuple[Statement, ...]
    lines: Span

    @property
    def span(self) -> Span:
        """The range of the statements themselves."""
        return Span(self.statements[0].span.start, self.statements[-1].span.end)


def injections(script: Script) -> list[Aside]:
    """Find the documented block in each of its spellings, with or without its marks."""
    if not VARIABLE.search(script.text) or "sed" not in script.text:
        return []
    editors = _editing_functions(script)
    found, seen = [], set()
    for statement in walk(script.statements):
        if id(statement.siblings) not in seen and statement.role == "list":
            seen.add(id(statement.siblings))
            found += _runs(script, statement.siblings, editors)
    inner = [one for one in found if not any(o is not one and o.span.contains(one.span) for o in found)]
    return sorted(inner, key=lambda one: one.span)


def _editing_functions(script: Script) -> frozenset[str]:
    names = set()
    for statement in walk(script.statements):
        if isinstance(statement.command, Function) and _EDITS.search(script.source(statement.span)):
            names.add(statement.command.name)
    return frozenset(names)


def _runs(script: Script, siblings: list[Statement], editors: frozenset[str]) -> list[Aside]:
    runs: list[list[Statement]] = [[]]
    for one in siblings:
        if _injects(script, one, editors):
            runs[-1].append(one)
        elif runs[-1]:
            runs.append([])
    return [aside for run in runs if run and (aside := _aside(script, siblings, run)) is not None]


def _injects(script: Script, statement: Statement, editors: frozenset[str]) -> bool:
    if isinstance(statement.command, Function):
        return False
    source = script.source(statement.span)
    if not VARIABLE.search(source):
        return False
    return _EDITS.search(source) is not None or source.split(None, 1)[0] in editors


def _aside(script: Script, siblings: list[Statement], run: list[Statement]) -> Aside | None:
    """Take assignments that only the run needs to it; None where its lines hold something else too."""
    before = siblings[: run[0].index]
    while before and _only_for(script, before[-1], run):
        run = [before.pop(), *run]
    start = line_start(script.text, run[0].span.start)
    end = end_of_line(script, run[-1])
    own = not script.text[start : run[0].span.start].strip(" \t")
    rest = script.text[run[-1].span.end : end].split("\n", 1)[0].strip()
    if not own or (rest and not rest.startswith("#")) or not script.text.endswith("\n", 0, end):
        return None
    return Aside(tuple(run), Span(above_comments(script, start), end))


def _only_for(script: Script, statement: Statement, run: list[Statement]) -> bool:
    command = statement.command
    if not isinstance(command, Simple | Declaration) or (isinstance(command, Simple) and command.words):
        return False
    after = script.text[run[-1].span.end :]
    return all(not re.search(rf"\b{re.escape(one.name)}\b", after) for one in command.assignments)


# --- direct uses


def gives_by_hand(mark: Mark) -> bool:
    """Say whether a write already carries all four flags from the injected variables.

    In a unit they have to be of the form ``${NAME:+--flag=$NAME}``: a plain ``--flag=$NAME`` leaves an empty flag
    where the variable is not set.
    """
    content = mark.written.content if mark.written else None
    if content is None or mark.nested is not None:
        return False
    return any(_all_four(text, mark.file in ("unit", "drop-in")) for text in _alternatives(content))


def _alternatives(content: Rendered) -> list[Rendered]:
    """The content for each value that its expansions can have, one expansion at a time."""
    found = [content.resolved()]
    for index, texts in content.values.items():
        for text in texts[1:]:
            found.append(replace(content, values={**content.values, index: (text,)}).resolved())
    return found


def _all_four(content: Rendered, guarded: bool) -> bool:
    found = set()
    for use in flag_uses(content.text):
        variable = INJECTED.get(use.name, "")
        if variable and content.text[use.start : use.end] == STAND_FOR[variable]:
            inside = content.starts[use.start] == content.starts[use.start - 1]
            if inside or not guarded:
                found.add(use.name)
    return found == set(INJECTED)
