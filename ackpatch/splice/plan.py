"""From what was understood to a plan: which texts are spliced, where calls go, what stays uncovered and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from typing import TypeVar

from ackpatch.node.assigned import changes_the_name
from ackpatch.node.boot import Boot
from ackpatch.node.config_taints import taints_of
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.options import Options
from ackpatch.shell.flow import Contained, Flow, Sequence, flows_of, parts
from ackpatch.shell.tree import Statement, ancestors, within_function
from ackpatch.splice import marks, texts
from ackpatch.splice.cover import Coverage, Effect, Place, Side, State, coverage
from ackpatch.splice.handmade import Aside, gives_by_hand, injections
from ackpatch.splice.places import Form, Spot, candidates, outer_ends, spot_after, spot_before
from ackpatch.splice.shipped import shipped
from ackpatch.splice.texts import Insertion, Joined, Why

Made = TypeVar("Made")
# Where one of these stands, no text is spliced: what comes out in the end is not known, or not by then.
_UNSETTLED = (Kind.UNSEEN, Kind.BARRIER, Kind.MENTION, Kind.ASSIGN)
# What is not known to write, and may.
_MAY_WRITE = frozenset({Kind.BARRIER, Kind.UNSEEN, Kind.ASSIGN})
MANY = 20  # writes, each with a start after it


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
    name: str = marks.CALL


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
        """Give what covers a start; None for one that stays bare."""
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
        """Give the marks of some kinds that are not left alone."""
        return (mark for mark in self.boot.marks if mark.kind in kinds and mark not in self.ignored)

    def rests(self, mark: Mark) -> bool:
        """Say whether a mark stands in an injection by hand that is set aside."""
        return any(one.lines.contains(mark.span) for one in self.asides)


def plan(boot: Boot, options: Options, ignored: frozenset[Mark], here: tuple[Statement, ...]) -> Plan:
    """Make the plan: flags in the script's own texts where that alone covers all, else calls."""
    starts = [mark.span for mark in boot.marks if mark.kind in STARTS]
    asides = tuple(one for one in injections(boot.script) if not any(one.lines.contains(span) for span in starts))
    ground = Ground(
        boot,
        options,
        ignored,
        here,
        asides,
        frozenset(one for flow in boot.flows for one in _in_processes_of_their_own(flow)),
    )
    by_hand = {mark: Cover.BY_HAND for mark in ground.of(Kind.WRITE) if gives_by_hand(mark)}
    spliced = {} if options.with_node_ip or here else _spliced_units(ground, by_hand)
    if spliced:
        tried = _with(ground, {**by_hand, **dict.fromkeys(spliced, Cover.TEXT)}, spliced)
        if not tried.calls and not tried.gaps:
            return tried
    return _with(ground, by_hand, {})


def _in_processes_of_their_own(flow: Flow[Mark], inside: bool = False) -> Iterator[Statement]:
    if inside and isinstance(flow, Sequence) and flow.statement is not None:
        yield flow.statement
    for part in parts(flow):
        yield from _in_processes_of_their_own(part, inside or isinstance(flow, Contained))


def _spliced_units(ground: Ground, by_hand: Mapping[Mark, Cover]) -> dict[Mark, Insertion]:
    """Find the one text that sets ExecStart, if it is the only thing that decides kubelet's command line."""
    writes = [mark for mark in ground.of(Kind.WRITE) if mark.file != "join-config"]
    if len(writes) != 1 or by_hand or any(True for _ in ground.of(*_UNSETTLED)):
        return {}
    insertion = texts.splice_unit(writes[0])
    return {writes[0]: insertion} if insertion is not None else {}


def _with(ground: Ground, giving: Mapping[Mark, Cover], spliced: Mapping[Mark, Insertion]) -> Plan:
    """Plan calls for what the texts that give the values do not cover, then the joins' names."""
    places, given_up, seen = _places(ground, giving)
    calls, placed = _calls(ground, places, seen)
    gaps = [Gap(mark) for mark in given_up] + [Gap(mark, at_end=True) for mark in seen.unplaced]
    gaps += [Gap(mark) for mark in placed]
    pieces = [(one, Reason.FLAGS) for one in spliced.values()]
    covered: dict[Mark, Cover] = {**giving, **_covered(ground, seen.coverage, giving, given_up)}
    own = any(True for _ in ground.of(Kind.ASSIGN))
    parts = (_on_lines(ground, own), _names(ground), _agents(ground))
    calls = tuple({one.spot: one for part in (_Part(calls=calls), *parts) for one in part.calls}.values())
    pieces += [one for part in parts for one in part.pieces]
    gaps += [one for part in parts for one in part.gaps]
    covered |= {mark: cover for part in parts for mark, cover in part.covered}
    keeps = any(one.kept for one in calls) or any(part.keeps for part in parts)
    exports = any(_from_another_shell(mark) for mark in covered if mark.kind in STARTS)
    for sent in shipped(ground.boot.script, [one.spot.offset for one in calls if one.name == marks.CALL]):
        exports = exports or sent.here
        if sent.away:
            pieces.append((Insertion(sent.offset, marks.SHIPPED), Reason.SHIPPED))
        if sent.drops_environment:
            gaps += [Gap(mark, Why.SENT) for mark in covered if mark.kind in STARTS and sent.holds(mark.place)]
    unique, named = tuple(dict.fromkeys(pieces)), parts[1].named
    late, exports = _late(ground, calls, unique), exports and bool(calls)
    return Plan(calls, unique, ground.asides, named, tuple(gaps), covered, keeps, exports, own, late)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one way of giving the values brings to a plan."""

    calls: tuple[Call, ...] = ()
    pieces: tuple[tuple[Insertion, Reason], ...] = ()
    gaps: tuple[Gap, ...] = ()
    covered: tuple[tuple[Mark, Cover], ...] = ()
    named: tuple[Mark, ...] = ()
    keeps: bool = False


def _on_lines(ground: Ground, own: bool) -> _Part:
    """Flags at the end of commands that run kubelet, or an agent that takes the values as its options."""
    splice = dict.fromkeys(ground.of(Kind.DIRECT), texts.splice_direct)
    splice |= {one: texts.splice_worker for one in ground.of(Kind.AGENT) if one.agent is not None and one.agent.on_line}
    made = {mark: Why.ASSIGNED if own else _unless_shared(ground, mark, way) for mark, way in splice.items()}
    return _Part(
        pieces=tuple((one, Reason.FLAGS) for one in made.values() if isinstance(one, Insertion)),
        gaps=tuple(Gap(mark, one) for mark, one in made.items() if isinstance(one, Why)),
        covered=tuple((mark, Cover.WORDS) for mark, one in made.items() if isinstance(one, Insertion)),
    )


def _names(ground: Ground) -> _Part:
    """The node's name for each join."""
    wanted = [mark for mark in ground.of(Kind.JOIN, Kind.INIT) if not _named_by_hand(ground, mark)]
    made = {mark: _unless_shared(ground, mark, texts.splice_join) for mark in wanted}
    return _Part(
        pieces=tuple((one.insertion, Reason.NAME) for one in made.values() if isinstance(one, Joined)),
        gaps=tuple(Gap(mark, one) for mark, one in made.items() if isinstance(one, Why)),
        named=tuple(mark for mark, one in made.items() if isinstance(one, Joined)),
        keeps=any(isinstance(one, Joined) and one.kept for one in made.values()),
    )


def _agents(ground: Ground) -> _Part:
    """A call right before the start of each agent that reads a file."""
    reading = [one for one in ground.of(Kind.AGENT) if one.agent and not (one.agent.on_line or one.agent.problem)]
    made = {mark: _agent_call(ground, mark) for mark in reading}
    return _Part(
        calls=tuple(one for one in made.values() if one is not None),
        gaps=tuple(Gap(mark) for mark, one in made.items() if one is None),
        covered=tuple((mark, Cover.CALL) for mark, one in made.items() if one is not None),
    )


def _unless_shared(ground: Ground, mark: Mark, splice: Callable[[Mark], Made]) -> Made | Why:
    return Why.SHARED if ground.boot.runs_other_programs(mark) else splice(mark)


def _late(ground: Ground, calls: tuple[Call, ...], pieces: tuple[tuple[Insertion, Reason], ...]) -> tuple[Mark, ...]:
    """Find where the node name is changed after it is taken at the top, before its first use."""
    used = min([one.spot.offset for one in calls] + [one.offset for one, _ in pieces], default=0)
    found = []
    for mark in ground.of(Kind.ASSIGN) if used else ():
        *_, outermost = ancestors(mark.place)
        early = mark.nested is None and not within_function(mark.place) and outermost.span.end <= used
        if not early and changes_the_name(mark.place, mark.step.script.source(mark.step.statement.span)):
            found.append(mark)
    return tuple(found)


def _agent_call(ground: Ground, mark: Mark) -> Call | None:
    """Give the call right before the start of an agent, after whatever took its settings away."""
    assert mark.agent is not None
    for statement in reversed(candidates(mark)):
        spot = _spot(ground, (statement, Side.BEFORE)) if _in_script(ground, statement) else None
        if spot is not None:
            return Call((statement, Side.BEFORE), spot, mark.agent.folders, name=marks.AGENT)
    return None


def _from_another_shell(mark: Mark) -> bool:
    """Say whether a place in the script itself is reached from another shell: its function is exported."""
    shell = mark.step.shell
    return shell is not None and not shell.same_shell and mark.step.nested is None


def _named_by_hand(ground: Ground, mark: Mark) -> bool:
    text = ground.boot.script.source(mark.place.span)
    return "--node-name" in text and "ALIBABA_CLOUD_NODE_NAME" in text


def _covered(
    ground: Ground, found: Coverage, giving: Mapping[Mark, Cover], given_up: frozenset[Mark]
) -> dict[Mark, Cover]:
    covered: dict[Mark, Cover] = {}
    for mark, givers in found.givers.items():
        if mark in found.bare or mark in given_up:
            continue
        ways = [giving[one] if isinstance(one, Mark) else Cover.CALL for one in givers]
        covered[mark] = Cover.CALL if Cover.CALL in ways or not ways else ways[0]
    return covered


# --- calls


def _effect(ground: Ground, giving: Mapping[Mark, Cover], given_up: frozenset[Mark]) -> Callable[[Mark], Effect]:
    gives_text = any(cover is Cover.TEXT for cover in giving.values())

    def effect(mark: Mark) -> Effect:
        if mark in given_up or mark in ground.ignored or ground.rests(mark):
            return Effect.NONE
        if mark.nested is not None and mark.nested.later:
            return Effect.ENABLES if mark.kind in STARTS else Effect.NONE
        match mark.kind:
            case Kind.WRITE if mark in giving:
                return Effect.GIVES
            case Kind.WRITE if mark.file == "join-config" or (mark.file == "flags" and gives_text):
                return Effect.NONE
            case Kind.WRITE | Kind.UNSEEN | Kind.BARRIER | Kind.MENTION | Kind.ASSIGN:
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


@dataclass(frozen=True, slots=True)
class _Seen:
    coverage: Coverage
    unplaced: tuple[Mark, ...]


def _places(ground: Ground, giving: Mapping[Mark, Cover]) -> tuple[tuple[Place, ...], frozenset[Mark], _Seen]:
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
    while (end := seen.end) is not None and not unplaced:
        found = next((one for one in _at_end(ground, end) if _helps(end, look((one,)).end)), None)
        if found is not None:
            places = (*places, found)
            seen = look()
            continue
        left = end.spoiler or end.enabled
        if left is not None and left.kind in _MAY_WRITE and not places:
            places = tuple(islice(_possible(ground, left), 1))
            seen = look()
        # What may have written something came last: a second call after it is care, and no more than that.
        if left is None or (left.kind in _MAY_WRITE and places):
            break
        unplaced.append(left)
    return places, given_up, _Seen(seen, tuple(unplaced))


def _at_once(ground: Ground, seen: Coverage) -> tuple[Place, ...]:
    """Give the best place for one start of each write, where there are so many that one after the other takes long."""
    first: dict[Mark, Mark] = {}
    for mark, spoiler in seen.bare.items():
        if spoiler is not None:
            first.setdefault(spoiler, mark)
    if len(first) < MANY:
        return ()
    best = (next(_possible(ground, mark), None) for mark in first.values())
    return tuple(dict.fromkeys(one for one in best if one is not None))


def _helps(before: State, after: State | None) -> bool:
    return after is None or (after.spoiler, after.pending) != (before.spoiler, before.pending)


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
    """Give the places for a call before a start, the best first; each can carry its text."""
    nested = mark.nested
    outer = [one for one in candidates(mark) if _in_script(ground, one) and _spot(ground, (one, Side.BEFORE))]
    inner = [mark.step.statement] if nested is not None and _inner_spot(ground, mark.step.statement) else []
    order = [*inner, *outer] if nested is not None and nested.kind == "trap" else [*outer, *inner]
    return ((one, Side.BEFORE) for one in order)


def _in_script(ground: Ground, statement: Statement) -> bool:
    """Say whether a statement stands in the script itself: offsets in a text inside it are other ones."""
    *_, outermost = ancestors(statement)
    return outermost.siblings is ground.boot.script.statements


def _at_end(ground: Ground, end: State) -> Iterator[Place]:
    """Give the places for a call that the next boot needs: before kubelet is enabled, or after the last write."""
    if end.enabled is not None and not end.pending:
        yield from _possible(ground, end.enabled)
    if end.spoiler is not None:
        for one in outer_ends(end.spoiler):
            if _spot(ground, (one, Side.AFTER)) is not None:
                yield one, Side.AFTER
        if end.pending and end.spoiler.kind in _MAY_WRITE:
            yield from _possible(ground, end.spoiler)


def _spot(ground: Ground, place: Place) -> Spot | None:
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
    """Give the place of a call inside a nested text."""
    mark = next((one for one in ground.boot.marks if one.step.statement is statement and one.nested), None)
    if mark is None or mark.nested is None:
        return None
    offset = texts.inner_place(mark.nested, statement.span.start)
    form = {"and": Form.AND, "or": Form.OR}.get(statement.role, Form.PIECE)
    if statement.role not in ("list", "and", "or") or offset is None:
        return None
    return Spot(offset, form)


def _calls(ground: Ground, places: tuple[Place, ...], seen: _Seen) -> tuple[tuple[Call, ...], list[Mark]]:
    """Give the calls with their words; marks for which no text could be placed come second."""
    calls, lost = [], []
    for place in places:
        covered = seen.coverage.of(place)
        inner = _inner_spot(ground, place[0]) if place[1] is Side.BEFORE else None
        nested = inner is not None
        spot = inner or _spot(ground, place)
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
