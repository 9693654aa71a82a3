"""The variables of a script at one moment of the walk, and the texts that each of them can be.

A value is a tuple of alternatives, since a branch or a loop can give several; ``UNKNOWN`` stands for text that only a
run can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ackpatch.shell.tree import Statement

UNKNOWN = "\x01"
SELF = "\x02"  # stands for the path of the script itself
MOST_ALTERNATIVES = 64
Texts = tuple[str, ...]


def shown(word: str) -> str:
    """A word for people: what stands for something that only a run can tell is written out."""
    return word.replace(UNKNOWN, "…").replace(SELF, "$0")


@dataclass(frozen=True, slots=True)
class Field:
    """A word after expansion; ``origin`` is the statement that it was written in when a function was handed it."""

    text: str
    origin: Statement | None = None


Fields = tuple[Field, ...]
_NOT_GIVEN: tuple[Fields, ...] = ((), (Field(UNKNOWN),))  # words that nobody gives, as far as the script says
Alternative = TypeVar("Alternative")


@dataclass(slots=True)
class Environment:
    """The variables at one moment of the walk: each with all that it can be, an array all its lists."""

    scalars: dict[str, Texts] = field(default_factory=dict)
    arrays: dict[str, tuple[Texts, ...]] = field(default_factory=dict)
    positional: tuple[Fields, ...] | None = None
    shifted: bool = False
    # The lines that a ``read`` in a loop gets, where they are known.
    feed: Texts | None = None
    # Whether something has set variables of which only a run can tell the names: a file of settings.
    settings_read: bool = False
    # The names of variables that ``readonly`` has fixed on some path; all copies have the same.
    fixed: set[str] = field(default_factory=set)
    # The arrays of which an element may have another number than its place, and the variables that ``declare -l`` or
    # ``-u`` has given their letters; all copies have the same.
    scattered: set[str] = field(default_factory=set)
    lettered: dict[str, str] = field(default_factory=dict)
    # Those that have their value on some paths only.
    perhaps_unset: frozenset[str] = frozenset()

    def copy(self) -> Environment:
        """An independent copy."""
        return Environment(
            dict(self.scalars),
            dict(self.arrays),
            self.positional,
            self.shifted,
            self.feed,
            self.settings_read,
            self.fixed,
            self.scattered,
            self.lettered,
            self.perhaps_unset,
        )

    def put(self, name: str, texts: Texts) -> None:
        """Give a variable a value; one that is fixed may keep its old one."""
        texts = self.with_letters(name, texts)
        self.scalars[name] = distinct((*self.scalars.get(name, ()), *texts)) if name in self.fixed else texts
        if name in self.perhaps_unset:
            self.perhaps_unset -= {name}

    def with_letters(self, name: str, texts: Texts) -> Texts:
        """Some texts as a variable takes them; a variable of that name may be another one, as it stands."""
        case = self.lettered.get(name)
        return distinct((*(one.lower() if case == "l" else one.upper() for one in texts), *texts)) if case else texts

    def merge(self, others: Iterable[Environment]) -> None:
        """Join what several branches left: a variable may have any of their values."""
        for other in others:
            if self.scalars != other.scalars:  # most branches assign nothing
                self.perhaps_unset |= other.perhaps_unset | (self.scalars.keys() ^ other.scalars.keys())
                for name, texts in other.scalars.items():
                    mine = self.scalars.get(name, ())
                    self.scalars[name] = texts if mine is texts else distinct((*mine, *texts))
            if self.arrays != other.arrays:
                for name in {**self.arrays, **other.arrays}:
                    known, lists = self.arrays.get(name, ((),)), other.arrays.get(name, ((),))
                    self.arrays[name] = lists if known is lists else at_most((*known, *lists), (UNKNOWN,))
            self.shifted = self.shifted or other.shifted
            self.settings_read = self.settings_read or other.settings_read
            if self.positional is not other.positional:
                both = (*(self.positional or _NOT_GIVEN), *(other.positional or _NOT_GIVEN))
                if self.shifted:
                    both = tuple(one for one in both if not any(_is_rest(one, whole) for whole in both))
                self.positional = at_most(both, (Field(UNKNOWN),))

    def become(self, ends: Sequence[Environment]) -> None:
        """Take over what is after one of several ways of which one is gone for sure."""
        first = ends[0]
        self.scalars, self.arrays = dict(first.scalars), dict(first.arrays)
        self.positional, self.shifted, self.perhaps_unset = first.positional, first.shifted, first.perhaps_unset
        self.merge(ends)


def _is_rest(one: Fields, other: Fields) -> bool:
    """Say whether one list is what ``shift`` leaves of another."""
    return len(one) < len(other) and other[len(other) - len(one) :] == one


def at_most(alternatives: Iterable[Alternative], any_of_them: Alternative) -> tuple[Alternative, ...]:
    """Alternatives, each once; more than can be followed are one that only a run can tell."""
    found = tuple(dict.fromkeys(alternatives))
    return found if len(found) <= MOST_ALTERNATIVES else (any_of_them,)


def distinct(texts: Iterable[str]) -> Texts:
    """Texts, each once; more than can be followed are unknown."""
    return at_most(texts, UNKNOWN)


def every(choices: Iterable[Sequence[Fields]]) -> list[Fields]:
    """Every list of fields that some words make, of each of which these are the alternatives; a word that makes them
    more than can be followed counts as unknown.
    """
    grown: list[list[Field]] = [[]]
    for found in choices:
        if len(grown) * len(found) > MOST_ALTERNATIVES:
            found = [(Field(UNKNOWN),)]
        if len(found) == 1:
            for one in grown:
                one.extend(found[0])
        else:
            grown = [[*before, *fields] for before in grown for fields in found]
    return list(dict.fromkeys(map(tuple, grown)))
