"""What a plan is made of, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from ackpatch.inserted import insertions
from ackpatch.node.boot import Boot
from ackpatch.node.handmade import Aside
from ackpatch.node.mark import Kind, Mark
from ackpatch.options import Options
from ackpatch.shell.tree import Statement
from ackpatch.splice.cover import Place
from ackpatch.splice.places import Spot
from ackpatch.splice.texts import Insertion, Why


class Cover(Enum):
    """What gives a start its values."""

    CALL = "a call before it"
    TEXT = "flags in ExecStart="
    WORDS = "flags on the command line"
    BY_HAND = "by hand"


class Reason(Enum):
    """What an insertion does."""

    START = "gives kubelet the four values before the start below"
    END = "gives kubelet the four values after the last write"
    FLAGS = "gives kubelet the four flags"
    NAME = "gives kubeadm the node name"
    ASIDE = "lets the injection by hand rest where the values are set"
    KEEP = "leaves the call for shells that start later"
    EXPORT = "lets an exported function find the call"
    OWN = "leaves a run without a provider ID as it was"
    SHIPPED = "sends the call along with the function that calls it"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its place in the order of execution, its place in the text, its words."""

    place: Place
    spot: Spot
    words: tuple[str, ...]
    kept: bool = False
    name: str = insertions.CALL


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that stays without the values, and why; ``at_end``: the next boot is the start."""

    mark: Mark
    why: Why | None = None
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done. ``calls`` are in the order of execution; ``pieces`` are the other insertions.

    ``covered`` tells what gives each start its values once the plan is carried out, ``by_hand`` which have them now.
    """

    calls: tuple[Call, ...] = ()
    pieces: tuple[tuple[Insertion, Reason], ...] = ()
    asides: tuple[Aside, ...] = ()
    named: tuple[Mark, ...] = ()
    gaps: tuple[Gap, ...] = ()
    covered: Mapping[Mark, Cover] | None = None
    keeps: bool = False
    exports: bool = False
    own: bool = False
    late: tuple[Mark, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is inserted."""
        return not (self.calls or self.pieces or self.asides)

    def cover_of(self, mark: Mark) -> Cover | None:
        """What covers a start; None for one that stays bare."""
        return (self.covered or {}).get(mark)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan rests on: the script, the marks that are left alone, where a comment asks for a call."""

    boot: Boot
    options: Options
    ignored: frozenset[Mark] = frozenset()
    here: tuple[Statement, ...] = ()
    asides: tuple[Aside, ...] = ()
    contained: frozenset[Statement] = frozenset()

    def of(self, *kinds: Kind) -> Iterator[Mark]:
        """The marks of some kinds, or of all, that are not left alone."""
        return (one for one in self.boot.marks if (not kinds or one.kind in kinds) and one not in self.ignored)

    def rests(self, mark: Mark) -> bool:
        """Say whether a mark stands in an injection by hand that is set aside."""
        return any(one.lines.contains(mark.span) for one in self.asides)
