"""The four variables where a script gives them a value of its own: a default, an addition, the old name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.node.flags import VARIABLES
from ackpatch.shell.plain import all_parts, plain_text, plain_words
from ackpatch.shell.scopes import NAMEREF
from ackpatch.shell.tree import Compound, Declaration, Parameter, Simple, Statement, Word, within_function

_PURE_DEFAULT = re.compile(r'ALIBABA_CLOUD_NODE_NAME="?\$\{ALIBABA_CLOUD_NODE_NAME:?[-=]|^:')


def assigns_variable(statement: Statement) -> bool:
    """Say whether a statement gives one of the four variables a value of its own."""
    command = statement.command
    assigns = isinstance(command, Declaration) or (isinstance(command, Simple) and not command.words)
    assignments = command.assignments if assigns and isinstance(command, Declaration | Simple) else []
    if any(one.name in VARIABLES and (one.value or one.append) for one in assignments):
        return True
    if _sets_by_name(statement):
        return True
    return any(
        isinstance(p, Parameter) and p.name in VARIABLES and p.operator in ("=", ":=") for p in all_parts(statement)
    )


def _sets_by_name(statement: Statement) -> bool:
    """Say whether a command that sets variables by their names, or a nameref, is given one of the four."""
    command = statement.command
    if isinstance(command, Declaration):
        texts = [plain_text(one.value) for one in command.assignments if one.value is not None]
        refers = any(NAMEREF.fullmatch(one) for one in command.options) and not set(texts).isdisjoint(VARIABLES)
        return refers or any(one.strip("\"'").partition("=")[0] in VARIABLES and "=" in one for one in command.options)
    return isinstance(command, Simple) and any(True for _ in _named(command))


def _named(command: Simple) -> Iterator[str]:
    """Name those of the four variables that a command sets or unsets by their names."""
    words = plain_words(command)
    if words[:1] and (words[0] in _SET_BY_NAME or words[:2] == ["printf", "-v"]):
        yield from (one for one in VARIABLES if one in words[1:])


def replaced_by(statement: Statement) -> Iterator[tuple[str, Word | None]]:
    """Name each of the four variables that a statement sets anew or unsets, with its value where one is written."""
    command = statement.command
    if isinstance(command, Compound) and command.variable in VARIABLES:
        yield command.variable, None
    if isinstance(command, Simple) and command.words:
        yield from ((one, None) for one in _named(command))
    elif isinstance(command, Simple | Declaration):
        # A bare name is left as it is, but for one that a function makes its own.
        hides = isinstance(command, Declaration) and command.variant not in ("export", "readonly")
        bare = isinstance(command, Declaration) and not (hides and within_function(statement))
        for one in command.assignments:
            if one.name in VARIABLES and not one.append and (one.value is not None or not bare):
                yield one.name, one.value


_SET_BY_NAME = frozenset({"read", "mapfile", "readarray", "unset", "getopts"})
_OF_THE_POOL = re.compile(r"ALIBABA_CLOUD_PROVIDER?_ID")


def invents_an_id(source: str) -> bool:
    """Say whether an assignment can give the provider ID another value than what the pool sets, by either name."""
    value = re.search(r"ALIBABA_CLOUD_PROVIDER_ID(?:=|:?=)(.*)", source, re.DOTALL)
    return value is not None and re.search(r"[\w(`]", _OF_THE_POOL.sub("", value[1]).replace("${", "")) is not None


def changes_the_name(statement: Statement, source: str) -> bool:
    """Say whether an assignment changes an injected node name; a default for a missing one does not."""
    return "ALIBABA_CLOUD_NODE_NAME" in source and _PURE_DEFAULT.search(source) is None
