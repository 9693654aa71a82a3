"""Variables that ``local`` and ``declare`` make in a function: what they hid comes back when it ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from ackpatch.shell.assigning import assign
from ackpatch.shell.environment import UNKNOWN, Environment, Texts, at_most, distinct
from ackpatch.shell.nested import Nested
from ackpatch.shell.tree import Assignment, Declaration
from ackpatch.shell.values import text_of

NAMEREF = re.compile(r"-[a-zA-Z]*n[a-zA-Z]*")
Value = TypeVar("Value")


@dataclass(slots=True)
class Scopes:
    """The functions that are being walked, the innermost last; each with the values that its own variables hide.

    ``exported`` are the variables that other programs get.
    """

    exported: set[str] = field(default_factory=set)
    _hidden: list[dict[str, tuple[Texts | None, tuple[Texts, ...] | None]]] = field(default_factory=list)

    def enter(self) -> None:
        """A function begins."""
        self._hidden.append({})

    def leave(self, environment: Environment) -> None:
        """A function ends: what its own variables hid is there again."""
        for name, (scalar, array) in self._hidden.pop().items():
            restore(environment.scalars, name, scalar)
            restore(environment.arrays, name, array)

    def declare(self, command: Declaration, environment: Environment) -> None:
        """Do what ``local``, ``declare``, ``export`` and their like do to the variables."""
        is_local = command.variant == "local" or (
            command.variant in ("declare", "typeset") and not any("g" in one for one in command.options)
        )
        if command.variant == "export" or any(re.fullmatch(r"-\w*x\w*", one) for one in command.options):
            self.exported |= {one.name for one in command.assignments}
        for option in command.options:
            if option[:1] not in "-+":
                _declare_text(option, environment)
        if command.variant == "local" and not self._hidden:
            return  # outside a function: bash says so, and changes nothing
        refers = command.variant != "export" and any(map(NAMEREF.fullmatch, command.options))
        for assignment in command.assignments:
            if is_local and self._hidden:
                old = environment.scalars.get(assignment.name), environment.arrays.get(assignment.name)
                self._hidden[-1].setdefault(assignment.name, old)
                environment.arrays.pop(assignment.name, None)
            _give_letters(assignment.name, command.options, environment)
            if refers:
                _refer(assignment, environment)
            elif assignment.value or assignment.array is not None:
                assign(environment, assignment)
            elif is_local and self._hidden:
                environment.scalars[assignment.name] = ("",)
            if _fixes(command) and not (is_local and self._hidden):
                environment.fixed.add(assignment.name)

    def of_text(self, text: Nested, environment: Environment, variables: Mapping[str, Texts]) -> Environment:
        """The variables that a nested text sees: those of the script themselves where it changes them."""
        if text.in_its_shell:
            inner = environment if text.kind != "trap" else environment.copy()
        else:
            inner = self._other_shell(environment, variables)
        if text.kind == "shell" and not text.arguments:
            inner.scalars["0"] = (UNKNOWN,)
        elif text.arguments:
            inner.scalars["0"] = distinct(given[0].text for given in text.arguments)
            inner.positional = tuple(given[1:] for given in text.arguments)
        return inner

    def _other_shell(self, environment: Environment, variables: Mapping[str, Texts]) -> Environment:
        """What another shell knows: it gets the exported variables of this one, and perhaps others; ``variables`` are
        in every environment.
        """
        inner = Environment(dict(variables))
        for name, texts in environment.scalars.items():
            if name not in inner.scalars and name != "PWD":
                inner.scalars[name] = texts if name in self.exported else tuple(dict.fromkeys((*texts, UNKNOWN)))
        return inner


def _fixes(command: Declaration) -> bool:
    """Say whether a declaration makes its variables readonly."""
    return command.variant == "readonly" or any(re.fullmatch(r"-[a-zA-Z]*r[a-zA-Z]*", one) for one in command.options)


def _give_letters(name: str, options: Iterable[str], environment: Environment) -> None:
    """``declare -l`` and ``declare -u``: from now on the variable has letters of one case."""
    for letter in "lu":
        if any(re.fullmatch(rf"-\w*{letter}\w*", one) for one in options):
            environment.lettered[name] = letter


def _refer(assignment: Assignment, environment: Environment) -> None:
    """Make another name for a variable: it has that one's value, which can become any through it."""
    named = text_of(assignment.value, environment) if assignment.value is not None else ()
    arrays = tuple(one for name in named for one in environment.arrays.get(name, ()))
    texts = distinct(one for name in named for one in environment.scalars.get(name, ()))
    if arrays:
        environment.arrays[assignment.name] = at_most(arrays, (UNKNOWN,))
    environment.scalars[assignment.name] = texts or (UNKNOWN,)
    for name in filter(str.isidentifier, named):
        if name in environment.arrays:
            environment.arrays[name] = at_most((*environment.arrays[name], (UNKNOWN,)), (UNKNOWN,))
        else:
            environment.scalars[name] = distinct((*environment.scalars.get(name, ()), UNKNOWN))


def _declare_text(written: str, environment: Environment) -> None:
    """An assignment that is a quoted word, or comes out of an expansion: ``declare "$key=$value"``."""
    name, equals, value = written.strip("\"'").partition("=")
    if "$" in written or "`" in written:
        environment.settings_read = environment.settings_read or not name.isidentifier()
        taint(environment, [name] if name.isidentifier() else list(environment.scalars))
    elif equals and name.isidentifier():
        environment.scalars[name] = (value,)


@contextmanager
def for_one_command(
    assignments: Sequence[Assignment], environment: Environment, lines: Texts | None = None
) -> Iterator[None]:
    """The variables, and the lines to read, that a command is given for itself alone."""
    before = {one.name: environment.scalars.get(one.name) for one in assignments}
    for one in assignments:
        assign(environment, one)
    feed, environment.feed = environment.feed, lines
    yield
    environment.feed = feed
    for name, texts in before.items():
        restore(environment.scalars, name, texts)


def taint(environment: Environment, names: Iterable[str]) -> None:
    """Note that something may have given variables any value."""
    for name in names:
        known = environment.scalars.get(name)
        if known is not None and UNKNOWN not in known and name not in ("PWD", "IFS"):
            environment.scalars[name] = (*known, UNKNOWN)


def restore(table: dict[str, Value], name: str, value: Value | None) -> None:
    """Give a variable the value that it had, or none."""
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value
