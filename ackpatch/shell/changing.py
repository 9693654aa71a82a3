"""Variables that change between two turns of a loop, and in arithmetic: what was known of them holds no longer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ackpatch.shell.environment import UNKNOWN, Environment, distinct
from ackpatch.shell.plain import all_parts, everything
from ackpatch.shell.tree import Assignment, Compound, Declaration, Opaque, Parameter, Part, Script, Simple, Statement
from ackpatch.shell.values import expand, parameter_texts, text_of

_ASSIGNS = re.compile(
    r"(?<![\w$])([A-Za-z_]\w*)(?:\[[^\]]*\])?[ \t]*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))|"
    r"(?:\+\+|--)[ \t]*([A-Za-z_]\w*)"
)
_GIVEN = re.compile(r"(\w+)\+?=")
_COUNTS = re.compile(r"for[ \t]*\(\(([^\n]*)")


def give_turns(loop: Compound, environment: Environment) -> bool:
    """Give the variable of a loop all that it has in its turns; says whether it certainly has some."""
    if not loop.variable:
        return False
    given = [found for word in loop.items or () for found in expand(word, environment)]
    lists = (environment.positional or ()) if loop.items is None else given
    texts = distinct(one.text for each in lists for one in each)
    environment.put(loop.variable, texts or (UNKNOWN,))
    return bool(loop.items and texts) and all(UNKNOWN not in one for one in texts)


def before_turns(statement: Statement, loop: Compound, script: Script, environment: Environment) -> None:
    """Let the variables that a loop changes have what an earlier turn may have given them too."""
    counted = _COUNTS.match(script.text, statement.span.start)
    if counted is not None:
        _forget(_names(counted[1]), environment)
    for inner in everything([one for body in (*loop.conditions, *loop.bodies) for one in body]):
        _forget(_names(_arithmetic(inner, list(all_parts(inner)), script)), environment)
        command = inner.command
        for one in command.assignments if isinstance(command, Simple | Declaration) else ():
            _add(one, script, environment)


def another_turn(loop: Compound, before: Environment, after: Environment) -> Environment | None:
    """The variables before another turn of a loop, where the last one gave some of them values that they cannot have
    had before it; None where none has. The loop's own variable is set anew in each turn.
    """
    if loop.variable:
        after.scalars[loop.variable] = before.scalars[loop.variable]
    # One of which nothing at all was known before is mostly set anew in each turn, before it is looked at.
    new = any({*after.scalars[one]} - {*before.scalars.get(one, (UNKNOWN,))} for one in after.scalars)
    new = new or any({*after.arrays[one]} - {*before.arrays.get(one, ())} for one in after.arrays)
    if not new and after.positional == before.positional:
        return None
    again = before.copy()
    again.merge([after])
    return again


@lru_cache(maxsize=16)
def set_again(script: Script) -> frozenset[str]:
    """The names that a script gives a value in more than one place."""
    return frozenset(name for name, count in Counter(_GIVEN.findall(script.text)).items() if count > 1)


def after_expansions(statement: Statement, parts: Sequence[Part], script: Script, environment: Environment) -> None:
    """Do what a statement's own expansions do: ``${name:=value}`` sets a variable, arithmetic gives it any value.

    ``parts`` are all that stand in the statement's words.
    """
    for part in parts:
        if isinstance(part, Parameter) and part.operator in ("=", ":="):
            environment.scalars[part.name] = parameter_texts(part, environment)
    _forget(_names(_arithmetic(statement, parts, script)), environment)


def _arithmetic(statement: Statement, parts: Sequence[Part], script: Script) -> str:
    command = statement.command
    text = script.source(statement.span) if isinstance(command, Compound) and command.kind == "other" else ""
    own = text if text.startswith(("((", "let ")) else ""
    return own + " ".join(script.source(one.span) for one in parts if isinstance(one, Opaque))


def _names(text: str) -> Iterator[str]:
    return (one[1] or one[2] for one in _ASSIGNS.finditer(text))


def _forget(names: Iterator[str], environment: Environment) -> None:
    for name in names:
        if name in environment.scalars:
            environment.scalars[name] = (UNKNOWN,)


def _add(one: Assignment, script: Script, environment: Environment) -> None:
    known, lists = environment.scalars.get(one.name), environment.arrays.get(one.name)
    if lists is not None:
        environment.arrays[one.name] = tuple(each if UNKNOWN in each else (*each, UNKNOWN) for each in lists)
    if known is not None and UNKNOWN in known:
        return
    own = one.value is not None and (one.append or re.search(rf"\$\{{?{one.name}\b", script.source(one.value.span)))
    new = (UNKNOWN,) if own or one.value is None else text_of(one.value, environment)
    environment.scalars[one.name] = distinct((*(known or ()), *new))
    if known is None:
        environment.perhaps_unset |= {one.name}
