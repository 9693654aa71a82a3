"""The variables of a script at one moment of the walk, and the texts that each of them can be.

A value is a tuple of alternatives, since a branch or a loop can give several; ``UNKNOWN`` stands for text that only a
run can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Environment:
    """The variables at one moment of the walk."""

    scalars: dict[str, Texts] = field(default_factory=dict)
    arrays: dict[str, Texts] = field(default_factory=dict)
    positional: Fields | None = None
    shifted: bool = False
    # The lines that a ``read`` in a loop gets, where they are known.
    feed: Texts | None = None
    # Whether something has set variables of which only a run can tell the names: a file of settings.
    settings_read: bool = False

    def copy(self) -> Environment:
        """An independent copy."""
        tables = dict(self.scalars), dict(self.arrays)
        return Environment(*tables, self.positional, self.shifted, self.feed, self.settings_read)

    def merge(self, others: Iterable[Environment]) -> None:
        """Join what several branches left: a variable may have any of their values."""
        for other in others:
            for mine, theirs in ((self.scalars, other.scalars), (self.arrays, other.arrays)):
                if mine != theirs:  # most branches assign nothing
                    mine.update(
                        (n, distinct((*mine.get(n, ()), *t))) for n, t in theirs.items() if mine.get(n) is not t
                    )
            self.shifted = self.shifted or other.shifted
            self.settings_read = self.settings_read or other.settings_read
            if not _is_rest(self.positional or (), other.positional or ()):
                self.positional = None


def _is_rest(one: Fields, other: Fields) -> bool:
    """Say whether one of two lists is what ``shift`` leaves of the other."""
    short, long = sorted((one, other), key=len)
    return long[len(long) - len(short) :] == short


def distinct(texts: Iterable[str]) -> Texts:
    """Alternatives, each once; more than can be followed are unknown."""
    found = tuple(dict.fromkeys(texts))
    return found if len(found) <= MOST_ALTERNATIVES else (UNKNOWN,)
