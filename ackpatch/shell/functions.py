"""The functions of a script at one moment of the walk: which a name can mean, which variables a body looks at."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass, field

from ackpatch.shell.environment import UNKNOWN, Environment, Texts
from ackpatch.shell.plain import all_parts, everything, plain_words
from ackpatch.shell.programs import PREFIXES
from ackpatch.shell.quiet import is_quiet
from ackpatch.shell.step import Defined
from ackpatch.shell.tree import Compound, Function, Parameter, Script, Simple, Statement, walk

Functions = dict[str, tuple[Defined, ...]]


@dataclass(slots=True)
class Known:
    """The functions: ``now`` those defined so far, ``later`` all of the script, ``exported`` what other shells get."""

    now: Functions = field(default_factory=dict)
    later: dict[str, Defined] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    certain: set[str] = field(default_factory=set)  # those that are defined on every path
    definitions: int = 0
    _reads: dict[int, frozenset[str]] = field(default_factory=dict)
    _quiet: dict[int, bool] = field(default_factory=dict)

    @staticmethod
    def of(script: Script) -> Known:
        """The functions that a script defines anywhere."""
        found = [s.command for s in walk(script.statements) if isinstance(s.command, Function)]
        return Known(later={one.name: Defined(one, script) for one in found})

    def define(self, defined: Defined, certain: bool) -> None:
        """A definition is carried out; ``certain``: on every path."""
        self.now[defined.function.name] = (defined,)
        self.definitions += 1
        if certain:
            self.certain.add(defined.function.name)

    def undefine(self, words: Sequence[str]) -> None:
        """``unset -f`` is carried out, perhaps."""
        if words[:2] == ["unset", "-f"]:
            self.certain.difference_update(words[2:])

    def meant_by(self, name: str) -> tuple[Defined, ...]:
        """The functions that a command of this name can call; of the name, only a run may be able to tell a part."""
        if UNKNOWN in name and name.strip(UNKNOWN):
            form = re.compile(".*".join(map(re.escape, name.split(UNKNOWN))))
            fitting = (one for one in dict.fromkeys((*self.now, *self.later)) if form.fullmatch(one))
            return tuple(defined for one in fitting for defined in self.meant_by(one))
        found = self.now.get(name)
        if found is None and name in self.later:
            return (self.later[name],)
        return found or ()

    def join(self, before: Functions) -> None:
        """After a branch a name can mean what it meant in each of its arms."""
        for name, defined in before.items():
            mine = self.now.get(name, ())
            self.now[name] = mine + tuple(d for d in defined if all(d.function is not m.function for m in mine))

    def inside(self) -> Known:
        """What another shell knows: only exported functions."""
        now = {name: self.meant_by(name) for name in self.exported if self.meant_by(name)}
        return Known(now, {}, self.exported, set(now), self.definitions, self._reads, self._quiet)

    def named_in(self, text: str) -> bool:
        """Say whether a text names one of the functions."""
        return any(name in text for name in (*self.now, *self.later))

    def may_hide(self, words: Sequence[str], relevant: re.Pattern[str]) -> bool:
        """Say whether a function hides a command that matters on some paths only."""
        matters = bool(words) and (words[0] in PREFIXES or relevant.fullmatch(words[0]) is not None)
        return matters and words[0] not in self.certain

    def leaves(self, body: Sequence[Statement], depth: int = 3) -> bool:
        """Say whether a list of commands certainly ends the function or the script, also by a function that exits."""
        for one in body:
            command = one.command
            if isinstance(command, Compound) and command.kind == "block" and self.leaves(command.bodies[0], depth):
                return True
            words = plain_words(command) if isinstance(command, Simple) and not one.background else []
            called = self.meant_by(words[0]) if words else ()
            if called and depth and all(self._exits(defined.function, depth) for defined in called):
                return True
            ends = words[:1] in (["exit"], ["return"]) or (words[:1] == ["exec"] and len(words) > 1)
            if ends and not called:
                return True
        return False

    def _exits(self, function: Function, depth: int) -> bool:
        """Say whether a function certainly ends the script; a return in it only ends the function."""
        inner = function.body.command.bodies[0] if isinstance(function.body.command, Compound) else []
        returns = any(
            plain_words(one.command)[:1] == ["return"] for one in walk(inner) if isinstance(one.command, Simple)
        )
        return not returns and self.leaves(inner, depth - 1)

    def is_quiet(self, defined: Defined) -> bool:
        """Say whether a function does the same whatever words it is given: it only prints."""
        key = id(defined.function)
        if key not in self._quiet:
            self._quiet[key] = False  # one that calls itself
            self._quiet[key] = is_quiet(defined.function, defined.script, self._calls_quiet)
        return self._quiet[key]

    def _calls_quiet(self, name: str) -> bool:
        called = self.meant_by(name)
        return bool(called) and all(map(self.is_quiet, called))

    def reads(self, function: Function) -> frozenset[str]:
        """The names of the variables that a body, or a function that it calls, looks at."""
        known = self._reads.get(id(function))
        if known is not None:
            return known
        self._reads[id(function)] = frozenset()
        found: set[str] = set()
        for statement in everything([function.body]):
            parts = [one for one in all_parts(statement) if isinstance(one, Parameter)]
            found |= {one.name for one in parts}
            if isinstance(statement.command, Simple) and statement.command.words:
                for called in self.meant_by(plain_words(statement.command)[0]):
                    found |= self.reads(called.function)
        self._reads[id(function)] = frozenset(found)
        return self._reads[id(function)]


def values_of(names: Set[str], environment: Environment) -> tuple[tuple[tuple[str, Hashable], ...], ...]:
    """What some variables and arrays hold, as a key."""
    tables = environment.scalars, environment.arrays, dict.fromkeys(environment.perhaps_unset)
    return tuple(tuple(sorted((name, table[name]) for name in names & table.keys())) for table in tables)


def changes(before: Environment, after: Environment) -> tuple[dict[str, Texts], dict[str, tuple[Texts, ...]]]:
    """The variables and arrays that have other values than before."""
    return (
        {name: value for name, value in after.scalars.items() if before.scalars.get(name) is not value},
        {name: value for name, value in after.arrays.items() if before.arrays.get(name) is not value},
    )
