"""Is every start covered? A walk over the order of execution that follows one fact: may kubelet's configuration be
without the four values at this moment?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal as OneOf

from ackpatch.node.boot import Mark
from ackpatch.shell.flow import Choice, Contained, Flow, Leaf, Loop

Effect = OneOf["spoils", "gives", "needs", "ends", "none"]
Side = OneOf["before", "after"]


@dataclass(slots=True)
class Coverage:
    """The result of a walk: the marks that are reached without the values, and what spoiled them before."""

    bare: dict[int, Mark]
    spoiled_by: dict[int, Mark | None]
    at_end: bool
    last_spoiler: Mark | None
    pending: bool = False


# The state: None where the path has ended, else: may it be without the values, the mark that made it so last, and
# whether a write of the configuration itself (not only a package or unseen code) is still without them.
_State = tuple[bool, Mark | None, bool] | None


_COVERED: _State = (False, None, False)


def coverage(flow: Flow[Mark], effect: Callable[[Mark], Effect], placements: set[tuple[int, Side]]) -> Coverage:
    """Walk all paths; ``placements`` are (id of statement, side) of the calls."""
    found = Coverage({}, {}, False, None)

    def end(state: _State) -> None:
        if state is not None and state[0]:
            found.at_end, found.last_spoiler = True, state[1] or found.last_spoiler
            found.pending = found.pending or state[2]

    def step(state: _State, mark: Mark) -> _State:
        what = effect(mark)
        if state is None or what == "none":
            return state
        if what == "spoils":
            return True, mark, state[2] or _configures(mark)
        if what == "gives":
            return _COVERED
        if what == "ends":
            if _is_success(mark):
                end(state)
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
            return after if after is not None or state is None else (True, state[1], state[2])
        if isinstance(part, Loop):
            once = _join(state, run(part.child, state))
            return _join(once, run(part.child, once))
        if isinstance(part, Choice):
            return _choice(part, state)
        if part.statement is not None and state is not None and (id(part.statement), "before") in placements:
            state = _COVERED
        for child in part.children:
            state = run(child, state)
        if part.statement is not None and state is not None and (id(part.statement), "after") in placements:
            state = _COVERED
        return state

    def _choice(part: Choice[Mark], state: _State) -> _State:
        joined: _State = None if part.exhaustive else state
        for child in part.children:
            joined = _join(joined, run(child, state))
        return joined

    end(run(flow, (True, None, False)))
    return found


def _configures(mark: Mark) -> bool:
    """Say whether a mark writes the configuration itself; a removal and a package leave no configuration to keep."""
    return mark.kind == "write" and mark.file != "package" and mark.written is not None and mark.written.how != "rm"


def _is_success(mark: Mark) -> bool:
    """Say whether an exit is a regular end of the script, after which the node goes on to live."""
    return [one.text for one in mark.fields[1:2]] in ([], ["0"])


def _join(one: _State, other: _State) -> _State:
    if one is None or other is None:
        return one or other
    return one[0] or other[0], (other[1] or one[1]) if other[0] else one[1], one[2] or other[2]
