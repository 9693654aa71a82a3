"""Functions whose text is sent to another shell, with ``declare -f``: the call in them goes along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ackpatch.shell.plain import everything, last_of_pipe, plain_words
from ackpatch.shell.programs import SHELLS, drops_environment, program, remote_from
from ackpatch.shell.tree import Compound, Declaration, Function, Script, Simple, Statement, ancestors, walk

_PRINTS = re.compile(r"(?:declare|typeset)(?:[ \t]+-\w+)*?[ \t]+-\w*f(?=[ \t\n;|&)>]|$)")
# What runs the text in a shell of this machine.
_HERE = SHELLS | {"eval", "source", "."}


@dataclass(frozen=True, slots=True)
class Sent:
    """A ``declare -f`` of functions with a call in them: the byte offset after its options, and where the text goes.

    ``here``: to a shell on this machine, ``away``: to another machine; both where nobody knows. ``drops_environment``:
    to a shell that does not get the four values, or no exported function. ``all``: it sends every function.
    """

    offset: int
    functions: tuple[Function, ...]
    here: bool
    away: bool
    drops_environment: bool
    all: bool

    def holds(self, statement: Statement) -> bool:
        """Say whether a statement stands in one of the functions."""
        return any(one.command in self.functions for one in ancestors(statement))


def shipped(script: Script, calls: Sequence[int]) -> Iterator[Sent]:
    """Find what sends functions in which a call is put; ``calls`` are the byte offsets of the calls."""
    if not calls or not ("declare -" in script.text or "typeset -" in script.text):
        return
    functions = {one.command.name: one for one in walk(script.statements) if isinstance(one.command, Function)}
    for statement in everything(script.statements):
        command = statement.command
        prints = _PRINTS.match(script.source(statement.span)) if isinstance(command, Declaration) else None
        if prints is None or not isinstance(command, Declaration):
            continue
        # A name such as node::start is no variable's.
        named = [one.name for one in command.assignments] + [one for one in command.options if one[:1] not in "-+"]
        sent = _with_a_call(functions, named or list(functions), calls)
        if sent:
            words = _read_by(statement)
            away = remote_from(words) is not None
            unknown = program(words)[1] not in _HERE
            # sudo takes exported functions away, with -E too.
            drops = not away and (drops_environment(words) or words[:1] in (["sudo"], ["doas"]))
            offset = statement.span.start + prints.end()
            yield Sent(offset, sent, not away, away or unknown, drops, not named)


def _with_a_call(functions: dict[str, Statement], names: list[str], calls: Sequence[int]) -> tuple[Function, ...]:
    named = [functions[one] for one in names if one in functions]
    found = [one for one in named if any(one.span.start <= offset <= one.span.end for offset in calls)]
    return tuple(one.command for one in found if isinstance(one.command, Function))


def _read_by(statement: Statement) -> list[str]:
    """The words of the command that gets what a statement prints; none where it goes into a variable or a file."""
    for one in ancestors(statement):
        command = one.command
        if one is not statement and isinstance(command, Simple):
            return plain_words(command)
        if isinstance(command, Compound) and command.kind == "pipe":
            last = last_of_pipe(one).command
            if not any(inner is statement for inner in walk(command.bodies[1])):
                return plain_words(last) if isinstance(last, Simple) else []
    return []
