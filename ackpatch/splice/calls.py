"""Where calls go: a place before each start that would be bare, then one for the next boot, and the words of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from ackpatch.node.config_taints import taints_of
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.shell.flow import arms_of, flows_of
from ackpatch.shell.tree import Statement, ancestors
from ackpatch.splice import texts
from ackpatch.splice.cover import Coverage, Effect, Place, Side, State, coverage
from ackpatch.splice.ground import Call, Cover, Ground
from ackpatch.splice.places import Form, Spot, candidates, is_on_a_condition, outer_ends, spot_after, spot_before

# What is not known to write, and may.
_MAY_WRITE = frozenset({Kind.BARRIER, Kind.UNSEEN, Kind.ASSIGN})
MANY = 20  # writes, each with a start after it


def _effect(ground: Ground, giving: Mapping[Mark, Cover], given_up: frozenset[Mark]) -> Callable[[Mark], Effect]:
    of_agents = only_agents(ground)
    gives_text = any(cover is Cover.TEXT for cover in giving.values())

    def effect(mark: Mark) -> Effect:
        if mark in given_up or mark in ground.ignored or ground.rests(mark):
            return Effect.NONE
        if mark.nested is not None and mark.nested.later:
            return Effect.ENABLES if mark.kind in STARTS or mark.kind is Kind.ENABLE else Effect.NONE
        match mark.kind:
            case Kind.WRITE if mark in giving:
                return Effect.GIVES
            case Kind.WRITE if mark.file in ("join-config", "kubelet-config") or (mark.file == "flags" and gives_text):
                return Effect.NONE
            case Kind.UNSEEN | Kind.BARRIER | Kind.START if of_agents:
                return Effect.NONE
            case Kind.WRITE | Kind.UNSEEN | Kind.BARRIER | Kind.MENTION | Kind.ASSIGN | Kind.AGAIN:
                return Effect.SPOILS
            case Kind.START | Kind.JOIN | Kind.INIT:
                return Effect.NEEDS
            case Kind.ENABLE:
                return Effect.ENABLES
            case Kind.REBOOT:
                return Effect.BOOTS
            case Kind.EXIT:
                return Effect.ENDS
        return Effect.NONE

    return effect


def only_agents(ground: Ground) -> bool:
    """Say whether a script has starts of agents, and nothing that concerns kubelet's own unit: then a unit that only a
    run can tell is an agent's.
    """
    of_kubelet = ground.of(Kind.START, Kind.JOIN, Kind.INIT, Kind.DIRECT, Kind.ENABLE, Kind.WRITE, Kind.MENTION)
    return any(True for _ in ground.of(Kind.AGENT)) and all(map(_is_any_unit, of_kubelet))


def _is_any_unit(mark: Mark) -> bool:
    """Say whether a start is one of a unit of which nothing is known."""
    assumed = mark.kind is Kind.START and mark.meant is not None and mark.meant.assumed
    return assumed and not any("kube" in one.text for one in mark.fields)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a walk with all places has seen; ``unplaced`` are writes for which no call can stand before the end."""

    coverage: Coverage
    unplaced: tuple[Mark, ...]


def find_places(ground: Ground, giving: Mapping[Mark, Cover]) -> tuple[tuple[Place, ...], frozenset[Mark], Seen]:
    """Find a place for a call before each start that would be bare, then for the next boot."""
    flows, given_up = ground.boot.flows, frozenset[Mark]()
    places: tuple[Place, ...] = tuple(_asked(ground))

    def look(more: tuple[Place, ...] = ()) -> Coverage:
        return coverage(flows, _effect(ground, giving, given_up), frozenset((*places, *more)))

    seen = look()
    while seen.bare:
        several = _at_once(ground, seen)
        if several and (tried := look(several)).bare.keys() < seen.bare.keys() and all(map(tried.of, several)):
            places, seen = (*places, *several), tried
            continue
        mark = next(iter(seen.bare))
        place = next((one for one in _possible(ground, mark) if mark not in look((one,)).bare), None)
        if place is None:
            given_up |= {mark}
        else:
            places = (*places, place)
        seen = look()
    unplaced: list[Mark] = []
    ends: tuple[Place, ...] = ()
    while (end := seen.end) is not None and not unplaced:
        found = _best_at_end(ground, end, look)
        if found is not None:
            places, ends = (*places, found), (*ends, found)
            seen = look()
            continue
        left = end.pending or end.spoiler or end.enabled
        if left is not None and left.kind in _MAY_WRITE and not places:
            places = tuple(islice(_possible(ground, left), 1))
            seen = look()
        # What may have written something came last: a second call after it is care, and no more than that.
        if left is None or (left.kind in _MAY_WRITE and places):
            break
        unplaced.append(left)
    for place in ends if len(ends) < MANY else ():
        fewer = tuple(one for one in places if one != place)
        tried = coverage(flows, _effect(ground, giving, given_up), frozenset(fewer))
        if (tried.bare, tried.end) == (seen.bare, seen.end):  # what came later made it needless
            places, seen = fewer, tried
    return places, given_up, Seen(seen, tuple(unplaced))


def _at_once(ground: Ground, seen: Coverage) -> tuple[Place, ...]:
    """The best place for many starts, where one after the other takes long: for one of each write, or for those of
    which no path has two.
    """
    first: dict[Mark, Mark] = {}
    for mark, spoiler in seen.bare.items():
        if spoiler is not None:
            first.setdefault(spoiler, mark)
    several = list(first.values()) if len(first) >= MANY else _apart(ground, seen) if len(seen.bare) >= MANY else []
    if len(several) < MANY:
        return ()
    best = (next(_possible(ground, mark), None) for mark in several)
    return tuple(dict.fromkeys(one for one in best if one is not None))


def _apart(ground: Ground, seen: Coverage) -> list[Mark]:
    """Bare starts of which no path has two: in other arms of a branch, or in functions that nothing calls."""
    arms: dict[Mark, tuple[tuple[int, int], ...]] = {}
    for number, flow in enumerate(ground.boot.flows):
        for mark, way in arms_of(flow):
            arms.setdefault(mark, ((0, number), *way))
    taken: set[tuple[tuple[int, int], ...]] = set()
    above: set[tuple[tuple[int, int], ...]] = set()
    found = []
    for mark in seen.bare:
        way = arms[mark]
        ways = [way[:length] for length in range(len(way) + 1)]
        if way not in above and taken.isdisjoint(ways):
            found.append(mark)
            taken.add(way)
            above.update(ways)
    return found


def _best_at_end(ground: Ground, end: State, look: Callable[[tuple[Place, ...]], Coverage]) -> Place | None:
    """The first place after which nothing is left for the next boot, else the first that changes what is left."""
    helps = None
    for place in _at_end(ground, end):
        after = look((place,)).end
        if after is None:
            return place
        if helps is None and (after.spoiler, after.pending) != (end.spoiler, end.pending):
            helps = place
    return helps


def _asked(ground: Ground) -> Iterator[Place]:
    """Where a comment asks for a call; only statements that matter are known to the order of execution."""
    for statement in ground.here:
        known = _next_that_matters(ground, statement)
        if known is not None:
            yield known, Side.BEFORE


def _next_that_matters(ground: Ground, statement: Statement) -> Statement | None:
    for sibling in statement.siblings[statement.index :]:
        if any(True for flow in ground.boot.flows for _ in flows_of(flow, sibling)):
            return sibling
    return None


def _possible(ground: Ground, mark: Mark) -> Iterator[Place]:
    """The places for a call before a start, the best first; each can carry its text."""
    nested = mark.nested
    outer = [one for one in candidates(mark) if in_script(ground, one) and spot_of(ground, (one, Side.BEFORE))]
    gentle = mark.meant is not None and mark.meant.gentle
    if gentle and any(one is not mark and one.kind in STARTS for one in ground.boot.marks):
        # The call stops a kubelet that another command started: it comes only where the start does.
        outer.sort(key=lambda one: not is_on_a_condition(ground.boot.script, one))
    inner = [mark.step.statement] if nested is not None and _inner_spot(ground, mark.step.statement) else []
    order = [*inner, *outer] if nested is not None and nested.kind == "trap" else [*outer, *inner]
    return ((one, Side.BEFORE) for one in order)


def in_script(ground: Ground, statement: Statement) -> bool:
    """Say whether a statement stands in the script itself: offsets in a text inside it are other ones."""
    *_, outermost = ancestors(statement)
    return outermost.siblings is ground.boot.script.statements


def _at_end(ground: Ground, end: State) -> Iterator[Place]:
    """The places for a call that the next boot needs: before kubelet is enabled, or after the last write."""
    if end.enabled is not None and end.pending is None:
        yield from _possible(ground, end.enabled)
    for mark in dict.fromkeys(one for one in (end.spoiler, end.pending) if one is not None):
        for one in outer_ends(mark):
            if spot_of(ground, (one, Side.AFTER)) is not None:
                yield one, Side.AFTER
    if end.pending is not None and end.spoiler is not None and end.spoiler.kind in _MAY_WRITE:
        yield from _possible(ground, end.spoiler)


def spot_of(ground: Ground, place: Place) -> Spot | None:
    """Where in the text a call at a place goes; None where it cannot stand."""
    statement, side = place
    script = ground.boot.script
    asked = next((one for one in ground.here if _next_that_matters(ground, one) is statement), None)
    if asked is not None and side is Side.BEFORE:
        return spot_before(script, asked, at_once=True)
    spot = spot_before(script, statement) if side is Side.BEFORE else spot_after(script, statement)
    if spot is not None and statement in ground.contained:
        return replace(spot, contained=True)
    return spot


def _inner_spot(ground: Ground, statement: Statement) -> Spot | None:
    """The place of a call inside a nested text."""
    mark = next((one for one in ground.boot.marks if one.step.statement is statement and one.nested), None)
    if mark is None or mark.nested is None:
        return None
    offset = texts.inner_place(mark.nested, statement.span.start)
    form = {"and": Form.AND, "or": Form.OR}.get(statement.role, Form.PIECE)
    if statement.role not in ("list", "and", "or") or offset is None:
        return None
    return Spot(offset, form)


def make_calls(ground: Ground, places: tuple[Place, ...], seen: Seen) -> tuple[tuple[Call, ...], list[Mark]]:
    """The calls with their words; marks for which no text could be placed come second."""
    calls, lost = [], []
    for place in places:
        covered = seen.coverage.of(place)
        inner = _inner_spot(ground, place[0]) if place[1] is Side.BEFORE else None
        nested = inner is not None
        spot = inner or spot_of(ground, place)
        if spot is None:
            lost += covered
            continue
        shell = next((one.nested for one in covered if one.step.statement is place[0]), None)
        kept = nested and shell is not None and not shell.same_shell
        calls.append(Call(place, replace(spot, contained=spot.contained and not nested), _words(ground, covered), kept))
    return tuple(calls), lost


def _words(ground: Ground, covered: list[Mark]) -> tuple[str, ...]:
    """Tell a call what it is for: a start that leaves a running kubelet alone, a join, taints given elsewhere."""
    words = []
    if any(mark.meant is not None and mark.meant.gentle for mark in covered):
        words.append("start")
    if any(mark.kind in (Kind.JOIN, Kind.INIT) for mark in covered):
        words.append("join")
    if ground.options.with_node_ip:
        words.append("node-ip")
    return (*words, *taints_of(ground.boot)) or ("write",)
