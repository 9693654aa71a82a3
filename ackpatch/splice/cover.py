"""Is every start covered? A walk over the order of execution that follows one fact: may kubelet's configuration be
without the four values at this moment, and if not, what gave them?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from ackpatch.node.mark import Mark
from ackpatch.shell.flow import Called, Choice, Contained, Flow, Guarded, Jump, Leaf, Leaving, Loop
from ackpatch.shell.tree import Statement


class Effect(Enum):
    """What a mark does to that fact."""

    NONE = "none"
    SPOILS = "spoils"  # writes the configuration, or may
    GIVES = "gives"
    NEEDS = "needs"  # a start
    ENABLES = "enables"  # the next boot becomes a start
    BOOTS = "boots"  # a reboot
    ENDS = "ends"


class Side(Enum):
    """On which side of a statement a call stands."""

    BEFORE = "before"
    AFTER = "after"


Place = tuple[Statement, Side]
Giver = Place | Mark


@dataclass(frozen=True, slots=True)
class State:
    """One moment: ``bare`` if a start now might not have the values; ``spoiler`` is what made it so last.

    ``pending``: what wrote the configuration itself since; ``enabled``: the next boot starts kubelet and no start has
    come since; ``alive``: something on this path makes kubelet run. ``givers`` are what the values may come from.
    ``at_risk``: on one and the same path both bare, and written or enabled: the next boot would start kubelet so.
    """

    bare: bool = True
    spoiler: Mark | None = None
    pending: Mark | None = None
    enabled: Mark | None = None
    alive: bool = False
    at_risk: bool = False
    givers: frozenset[Giver] = frozenset()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The result of a walk. ``bare`` are the starts that are reached without the values, in the order of the walk, with
    what spoiled them; ``givers`` tell for each start where its values come from; ``end`` is the state in which the
    script may end and leave the next boot without them; ``reached`` are all marks that a path comes to.
    """

    bare: Mapping[Mark, Mark | None]
    givers: Mapping[Mark, frozenset[Giver]]
    end: State | None
    reached: frozenset[Mark] = frozenset()

    def of(self, place: Place) -> list[Mark]:
        """The starts that a call at a place covers."""
        return [mark for mark, givers in self.givers.items() if place in givers]


def coverage(flows: tuple[Flow[Mark], ...], effect: Callable[[Mark], Effect], places: frozenset[Place]) -> Coverage:
    """Walk all paths; ``places`` are where calls stand. Only the first flow is the script, whose end is the node's."""
    walk = _Walk(effect, places)
    walk.ends(walk.trapped(walk.run(flows[0], State())))
    end = walk.end
    for flow in flows[1:]:
        walk.run(flow, State())
    walk.end = end
    return Coverage(walk.bare, walk.givers, walk.end, frozenset(walk.reached))


@dataclass(slots=True)
class _Walk:
    effect: Callable[[Mark], Effect]
    places: frozenset[Place]
    bare: dict[Mark, Mark | None] = field(default_factory=dict)
    givers: dict[Mark, frozenset[Giver]] = field(default_factory=dict)
    end: State | None = None
    # The states in which jumps leave the functions and loops around this place, the innermost last.
    around: dict[Leaving, list[State | None]] = field(default_factory=lambda: {Leaving.FUNCTION: [], Leaving.LOOP: []})
    # What loops of the function at hand did already: loops in loops would be walked twice as often each.
    done: dict[tuple[int, State], State | None] = field(default_factory=dict)
    calls: dict[tuple[int, State], State | None] = field(default_factory=dict)
    # The traps that were set in the process at hand.
    traps: list[Choice[Mark]] = field(default_factory=list)
    reached: set[Mark] = field(default_factory=set)
    # What has written the configuration so far, in the order of the walk.
    spoiled: list[Mark] = field(default_factory=list)

    def ends(self, state: State | None) -> None:
        """The script may end in a state."""
        if state is not None and state.at_risk:
            self.end = join(self.end, state)

    def trapped(self, state: State | None) -> State | None:
        """The state after the traps that may run where the process at hand ends."""
        traps, self.traps = self.traps, []
        for one in traps:
            state = join(state, self.run(one.children[0], state))
        self.traps = traps
        return state

    def run(self, part: Flow[Mark], state: State | None) -> State | None:
        """The state after a part; None where no path goes on."""
        if state is None:
            return None
        if isinstance(part, Leaf):
            return self._step(state, part.mark)
        if isinstance(part, Jump):
            return self._jump(state, part.leaving)
        if isinstance(part, Contained):
            return self._contained(part, state)
        if isinstance(part, Called):
            return self._called(part, state)
        if isinstance(part, Loop):
            return self._loop(part, state)
        if isinstance(part, Guarded):
            return self._guarded(part, state)
        if isinstance(part, Choice):
            self.traps += [part] if part.trap and not any(one is part for one in self.traps) else []
            joined = None if part.exhaustive else state
            for child in part.children:
                joined = join(joined, self.run(child, state))
            return joined
        return self._sequence(part.statement, part.children, state)

    def _sequence(self, statement: Statement | None, children: list[Flow[Mark]], state: State) -> State | None:
        after: State | None = state
        if statement is not None and (statement, Side.BEFORE) in self.places:
            after = _given(state, (statement, Side.BEFORE))
        for child in children:
            after = self.run(child, after)
        if statement is not None and after is not None and (statement, Side.AFTER) in self.places:
            after = _given(after, (statement, Side.AFTER))
        return after

    def _step(self, state: State, mark: Mark) -> State | None:
        self.reached.add(mark)
        match self.effect(mark):
            case Effect.SPOILS:
                # What is removed once the values are there takes them away.
                pending = mark if mark.configures or (mark.removes and not state.bare) else state.pending
                at_risk = pending is not None or state.enabled is not None
                self.spoiled.append(mark)
                return State(True, mark, pending, state.enabled, True, at_risk)
            case Effect.GIVES:
                return _given(state, mark)
            case Effect.ENABLES:
                return replace(state, enabled=mark, alive=True, at_risk=state.at_risk or state.bare)
            case Effect.NEEDS:
                self._needs(state, mark)
                return replace(state, enabled=None, alive=True, at_risk=state.at_risk and state.pending is not None)
            case Effect.BOOTS:
                if state.alive:
                    self._needs(state, mark)
                return state
            case Effect.ENDS:
                after = self.trapped(state)
                if mark.is_success:
                    self.ends(after)
                return None
        return state

    def _needs(self, state: State, mark: Mark) -> None:
        if state.bare:
            self.bare[mark] = state.spoiler
        self.givers[mark] = self.givers.get(mark, frozenset()) | state.givers

    def _jump(self, state: State, leaving: Leaving) -> State | None:
        stack = self.around[leaving]
        if not stack:
            return state
        stack[-1] = join(stack[-1], state)
        return None

    def _catching(self, leaving: Leaving, run: Callable[[], State | None]) -> State | None:
        """Run a part; what jumps out of it goes on after it."""
        self.around[leaving].append(None)
        after = run()
        return join(after, self.around[leaving].pop())

    def _called(self, part: Called[Mark], state: State) -> State | None:
        """A function does the same again in the same state, unless it leaves a loop of its caller."""
        key = id(part), state
        if key not in self.calls:
            around = list(self.around[Leaving.LOOP])
            after = self._apart(lambda: self._catching(Leaving.FUNCTION, lambda: self.run(part.child, state)))
            if self.around[Leaving.LOOP] != around:
                return after
            self.calls[key] = after
        return self.calls[key]

    def _loop(self, part: Loop[Mark], state: State) -> State | None:
        key = id(part), state
        if key not in self.done:
            once = self._catching(Leaving.LOOP, lambda: self.run(part.child, state))
            once = once if part.once else join(state, once)
            again = once if once == state else self._catching(Leaving.LOOP, lambda: self.run(part.child, once))
            self.done[key] = join(once, again)
        return self.done[key]

    def _apart(self, run: Callable[[], State | None]) -> State | None:
        saved, self.done = self.done, {}
        after = run()
        self.done = saved
        return after

    def _guarded(self, part: Guarded[Mark], state: State) -> State | None:
        """What the left side wrote or enabled counts for the next boot only where it did not fail."""
        after = self.run(part.left, state)
        if after is None:
            return None
        failed = replace(after, pending=state.pending, enabled=state.enabled, at_risk=state.at_risk)
        assert isinstance(part.right, Choice)
        return join(self.run(part.right.children[0], after), failed)

    def _contained(self, part: Contained[Mark], state: State) -> State | None:
        """An exit, return or break in a process of its own ends only that, and a failure may: after it a later start
        cannot count on what came after a write in there.
        """
        saved, self.around = self.around, {leaving: [None] for leaving in self.around}
        before, traps, self.traps = len(self.spoiled), self.traps, []
        after = self._apart(lambda: self.run(part.child, state))
        for (left,) in self.around.values():
            after = join(after, left)
        after = self.trapped(after)
        self.around, self.traps = saved, traps
        if after is None:
            return replace(state, bare=True)
        if len(self.spoiled) > before and not after.bare:
            after = replace(after, bare=True, spoiler=self.spoiled[-1])
        return after if part.waits else join(state, after)


def _given(state: State, giver: Giver) -> State:
    return State(bare=False, enabled=state.enabled, alive=state.alive, givers=frozenset((giver,)))


def join(one: State | None, other: State | None) -> State | None:
    """The state of a place that two paths reach."""
    if one is None or other is None or one == other:
        return one or other
    spoiler = (other.spoiler or one.spoiler) if other.bare else one.spoiler
    return State(
        one.bare or other.bare,
        spoiler,
        other.pending or one.pending,
        one.enabled or other.enabled,
        one.alive or other.alive,
        one.at_risk or other.at_risk,
        one.givers | other.givers,
    )
