"""Variables that ``local`` and ``declare`` make in a function: what they hid comes back when it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ackpatch.shell.tree import Declaration
from ackpatch.shell.values import UNKNOWN, Environment, Texts, assign, text_of


@dataclass(slots=True)
class Scopes:
    """The functions that are being walked, the innermost last; each with the values that its own variables hide."""

    _hidden: list[dict[str, tuple[Texts | None, Texts | None]]] = field(default_factory=list)

    def enter(self) -> None:
        """A function begins."""
        self._hidden.append({})

    def leave(self, environment: Environment) -> None:
        """A function ends: what its own variables hid is there again."""
        for name, (scalar, array) in self._hidden.pop().items():
            _restore(environment.scalars, name, scalar)
            _restore(environment.arrays, name, array)

    def declare(self, command: Declaration, environment: Environment) -> None:
        """Do what ``local``, ``declare``, ``export`` and their like do to the variables."""
        is_local = command.variant == "local" or (
            command.variant in ("declare", "typeset") and not any("g" in one for one in command.options)
        )
        for assignment in command.assignments:
            if is_local and self._hidden:
                old = environment.scalars.get(assignment.name), environment.arrays.get(assignment.name)
                self._hidden[-1].setdefault(assignment.name, old)
                environment.arrays.pop(assignment.name, None)
            if command.variant != "export" and any(
                re.fullmatch(r"-[a-zA-Z]*n[a-zA-Z]*", one) for one in command.options
            ):
                # Another name for a variable, which can get any value through it.
                named = text_of(assignment.value, environment) if assignment.value is not None else ()
                environment.scalars.update({one: (UNKNOWN,) for one in (assignment.name, *named) if one.isidentifier()})
            elif assignment.value or assignment.array is not None:
                assign(environment, assignment)
            elif is_local and self._hidden:
                environment.scalars[assignment.name] = ("",)


def _restore(table: dict[str, Texts], name: str, value: Texts | None) -> None:
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value
