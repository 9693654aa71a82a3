"""Is every start covered? A walk over the order of execution that follows one fact: may kubelet's configuration be
without the four values at this moment?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal as OneOf

from ackpatch.node.boot import Mark
from ackpatch.shell.flow import Choice, Contained, Flow, Leaf, Loop
from ackpatch.shell.tree import Statement

Effect = OneOf["spoils", "gives", "needs", "ends", "none"]
Side = OneOf["before", "after"]


@dataclass(frozen=True, slots=True)
class Placement:
    """A call before or after a statement."""

    statement: Statement
    side: Side


@dataclass(slots=True)
class Coverage:
    """The result of a walk: the marks that are reached without the values, and what spoiled them before."""

    bare: dict[int, Mark]
    spoiled_by: dict[int, Mark | None]
    at_end: bool
    last_spoiler: Mark | None


# The state: None where the path has ended, else (may be without the values, the mark that made it so).
_State = tuple[bool, Mark | None] | None


def coverage(flow: Flow[Mark], effect: Callable[[Mark], Effect], placements: set[tuple[int, Side]]) -> Coverage:
    """Walk all paths; ``placements`` are (id of statement, side) of the calls."""
    found = Coverage({}, {}, False, None)

    def step(state: _State, mark: Mark) -> _State:
        what = effect(mark)
        if state is None or what == "none":
            return state
        if what == "spoils":
            return True, mark
        if what == "gives":
            return False, None
        if what == "ends":
            if state[0] and _is_success(mark):
                found.at_end, found.last_spoiler = True, state[1] or found.last_spoiler
            return None
        if state[0]:
            found.bare[id(mark)] = mark
            found.spoiled_by[id(mark)] = state[1]
        return state

    def run(part: Flow[Mark], state: _State) -> _State:
        if isinstance(part, Leaf):
            return step(state, part.mark)
        if isinstance(part, Contained):
            after = run(part.child, state)
            return after if after is not None or state is None else (True, state[1])
        if isinstance(part, Loop):
            once = _join(state, run(part.child, state))
            return _join(once, run(part.child, once))
        if isinstance(part, Choice):
            return _choice(part, state)
        if part.statement is not None and state is not None and (id(part.statement), "before") in placements:
            state = (False, None)
        for child in part.children:
            state = run(child, state)
        if part.statement is not None and state is not None and (id(part.statement), "after") in placements:
            state = (False, None)
        return state

    def _choice(part: Choice[Mark], state: _State) -> _State:
        joined: _State = None if part.exhaustive else state
        for child in part.children:
            joined = _join(joined, run(child, state))
        return joined

    end = run(flow, (True, None))
    if end is not None and end[0]:
        found.at_end, found.last_spoiler = True, end[1] or found.last_spoiler
    return found


def _is_success(mark: Mark) -> bool:
    """Say whether an exit is a regular end of the script, after which the node goes on to live."""
    return [one.text for one in mark.fields[1:2]] in ([], ["0"])


def _join(one: _State, other: _State) -> _State:
    if one is None or other is None:
        return one or other
    return one[0] or other[0], (other[1] or one[1]) if other[0] else one[1]
