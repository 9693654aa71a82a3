"""The order of execution, as a tree: what runs one after the other, what may run, what repeats.

Only the places that somebody marked are in it, and what leaves a function or a loop early; everything else has been
left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from ackpatch.shell.tree import Statement

Mark = TypeVar("Mark")


class Leaving(Enum):
    """What a jump leaves."""

    FUNCTION = "return"
    LOOP = "break"


class Limit(Enum):
    """What was too much to be followed to its end."""

    STEPS = "the script calls its functions too often to be followed to the end"
    DEPTH = "functions or inner scripts stand inside each other too deeply to be followed"


@dataclass(slots=True, eq=False)
class Leaf(Generic[Mark]):
    """One marked place."""

    mark: Mark


@dataclass(slots=True, eq=False)
class Jump(Generic[Mark]):
    """``return``, ``break`` or ``continue``: what comes after it in the function or loop does not run on this path."""

    leaving: Leaving


@dataclass(slots=True, eq=False)
class Sequence(Generic[Mark]):
    """Parts that run one after the other; ``statement`` is the one that they belong to, if it is one."""

    children: list[Flow[Mark]] = field(default_factory=list)
    statement: Statement | None = None


@dataclass(slots=True, eq=False)
class Choice(Generic[Mark]):
    """Parts of which one runs, or none where it is not ``exhaustive``. ``trap``: it may run later too, up to the end of
    the process.
    """

    children: list[Flow[Mark]]
    exhaustive: bool
    trap: bool = False


@dataclass(slots=True, eq=False)
class Guarded(Generic[Mark]):
    """``left && right``: where the right side does not run, the left one has failed."""

    left: Flow[Mark]
    right: Flow[Mark]


@dataclass(slots=True, eq=False)
class Loop(Generic[Mark]):
    """A part that runs any number of times; ``once``: at least once."""

    child: Flow[Mark]
    once: bool = False


@dataclass(slots=True, eq=False)
class Called(Generic[Mark]):
    """The body of a function that is called here: a ``return`` in it ends only this part."""

    child: Flow[Mark]


@dataclass(slots=True, eq=False)
class Contained(Generic[Mark]):
    """A part in a process of its own (a subshell, a pipeline, another shell): an exit in it ends only that.

    ``waits`` is False for a job in the background, of which nobody knows when it ends.
    """

    child: Flow[Mark]
    waits: bool = True


Flow = (
    Contained[Mark]
    | Called[Mark]
    | Leaf[Mark]
    | Jump[Mark]
    | Sequence[Mark]
    | Choice[Mark]
    | Guarded[Mark]
    | Loop[Mark]
)


def is_empty(flow: Flow[Mark]) -> bool:
    """Say whether a flow has no mark and no jump."""
    return not isinstance(flow, Leaf | Jump) and all(map(is_empty, parts(flow)))


def parts(flow: Flow[Mark]) -> list[Flow[Mark]]:
    """The parts directly inside a flow, in the order in which they run."""
    if isinstance(flow, Leaf | Jump):
        return []
    if isinstance(flow, Loop | Contained | Called):
        return [flow.child]
    return [flow.left, flow.right] if isinstance(flow, Guarded) else flow.children


def has_marks(flow: Flow[Mark]) -> bool:
    """Say whether anything in a flow is marked."""
    return next(marks(flow), None) is not None


def marks(flow: Flow[Mark]) -> Iterator[Mark]:
    """The marks in order of execution, each once."""
    return (part.mark for part in all_parts(flow) if isinstance(part, Leaf))


def all_parts(flow: Flow[Mark]) -> Iterator[Flow[Mark]]:
    """A flow and the parts in it, outer ones first; one that stands in several places (a function that is called twice,
    the condition of a loop) is given once.
    """
    seen: set[int] = set()
    waiting = [flow]
    while waiting:
        part = waiting.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting += reversed(parts(part))


def flows_of(flow: Flow[Mark], statement: Statement) -> Iterator[Flow[Mark]]:
    """The parts that belong to a statement."""
    return (part for part in all_parts(flow) if isinstance(part, Sequence) and part.statement is statement)


def arms_of(flow: Flow[Mark]) -> Iterator[tuple[Mark, tuple[tuple[int, int], ...]]]:
    """The marks, each with the branches around it: which one it is, and the number of the arm."""
    seen: set[int] = set()
    waiting: list[tuple[Flow[Mark], tuple[tuple[int, int], ...]]] = [(flow, ())]
    while waiting:
        part, way = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Leaf):
            yield part.mark, way
        elif isinstance(part, Choice):
            waiting += [(one, (*way, (id(part), number))) for number, one in enumerate(part.children)]
        else:
            waiting += [(one, way) for one in parts(part)]
