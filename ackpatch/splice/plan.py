"""From what was understood to a plan: which texts are spliced, where calls go, what stays uncovered and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ackpatch.inserted import insertions
from ackpatch.node.assigned import changes_the_name
from ackpatch.node.boot import Boot
from ackpatch.node.handmade import gives_by_hand, injections
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.options import Options
from ackpatch.shell.flow import Contained, Flow, Sequence, all_parts
from ackpatch.shell.programs import program
from ackpatch.shell.sent import shipped
from ackpatch.shell.tree import Simple, Statement, ancestors, within_function
from ackpatch.splice import texts
from ackpatch.splice.calls import find_places, in_script, make_calls, only_agents, spot_of
from ackpatch.splice.cover import Coverage, Side
from ackpatch.splice.ground import Call, Cover, Gap, Ground, Plan, Reason
from ackpatch.splice.places import at_hand
from ackpatch.splice.texts import Insertion, Joined, Why

Made = TypeVar("Made")
# Where one of these stands, no text is spliced: what comes out in the end is not known, or not by then.
_UNSETTLED = (Kind.UNSEEN, Kind.BARRIER, Kind.MENTION, Kind.ASSIGN)


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


def _in_processes_of_their_own(flow: Flow[Mark]) -> Iterator[Statement]:
    for contained in all_parts(flow):
        if isinstance(contained, Contained):
            for part in all_parts(contained.child):
                if isinstance(part, Sequence) and part.statement is not None:
                    yield part.statement


def _spliced_units(ground: Ground, by_hand: Mapping[Mark, Cover]) -> dict[Mark, Insertion]:
    """Find the one text that sets ExecStart, if it is the only thing that decides kubelet's command line."""
    writes = [mark for mark in ground.of(Kind.WRITE) if mark.file != "join-config"]
    if len(writes) != 1 or by_hand or any(True for _ in ground.of(*_UNSETTLED)):
        return {}
    if writes[0].step.statement in ground.boot.mixed:
        return {}
    insertion = texts.splice_unit(writes[0])
    return {writes[0]: insertion} if insertion is not None else {}


def _with(ground: Ground, giving: Mapping[Mark, Cover], spliced: Mapping[Mark, Insertion]) -> Plan:
    """Plan calls for what the texts that give the values do not cover, then the joins' names."""
    places, given_up, seen = find_places(ground, giving)
    calls, placed = make_calls(ground, places, seen)
    gaps = [Gap(mark) for mark in given_up] + [Gap(mark, at_end=True) for mark in seen.unplaced]
    gaps += [Gap(mark) for mark in placed]
    pieces = [(one, Reason.FLAGS) for one in spliced.values()]
    covered: dict[Mark, Cover] = {**giving, **_covered(ground, seen.coverage, giving, given_up)}
    own = any(True for _ in ground.of(Kind.ASSIGN))
    # What no path comes to, data after the end of the script among it, is left as it is.
    live = replace(ground, ignored=ground.ignored | {one for one in ground.of() if one not in seen.coverage.reached})
    parts = (_on_lines(live, own), _names(live), _agents(live))
    calls = tuple({one.spot: one for part in (_Part(calls=calls), *parts) for one in part.calls}.values())
    pieces += [one for part in parts for one in part.pieces]
    gaps += [one for part in parts for one in part.gaps]
    covered |= {mark: cover for part in parts for mark, cover in part.covered}
    keeps = any(one.kept for one in calls) or any(part.keeps for part in parts)
    exports = any(_from_another_shell(mark) for mark in covered if mark.kind in STARTS)
    for sent in shipped(ground.boot.script, [one.spot.offset for one in calls if one.name == insertions.CALL]):
        exports = exports or sent.here
        if sent.away and not sent.all:
            pieces.append((Insertion(sent.offset, insertions.SHIPPED), Reason.SHIPPED))
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
    if any(mark.file == "kubelet-config" for mark in ground.of(Kind.WRITE)):
        return _Part(gaps=tuple(Gap(mark, Why.OWN_TAINTS) for mark in splice))
    made = {mark: Why.ASSIGNED if own else _unless_shared(ground, mark, way) for mark, way in splice.items()}
    return _Part(
        pieces=tuple((one, Reason.FLAGS) for one in made.values() if isinstance(one, Insertion)),
        gaps=tuple(Gap(mark, one) for mark, one in made.items() if isinstance(one, Why)),
        covered=tuple((mark, Cover.WORDS) for mark, one in made.items() if isinstance(one, Insertion)),
    )


def _names(ground: Ground) -> _Part:
    """The node's name for each join."""
    wanted = [mark for mark in ground.of(Kind.JOIN, Kind.INIT) if not _named_by_hand(ground, mark)]
    splice = partial(texts.splice_join, script=ground.boot.script)
    made = {mark: _unless_shared(ground, mark, splice) for mark in wanted}
    return _Part(
        pieces=tuple((one.insertion, Reason.NAME) for one in made.values() if isinstance(one, Joined)),
        gaps=tuple(Gap(mark, one) for mark, one in made.items() if isinstance(one, Why)),
        named=tuple(mark for mark, one in made.items() if isinstance(one, Joined)),
        keeps=any(isinstance(one, Joined) and one.kept for one in made.values()),
    )


def _agents(ground: Ground) -> _Part:
    """A call right before the start of each agent that reads a file."""
    reading = [one for one in ground.of(Kind.AGENT) if one.agent and not (one.agent.on_line or one.agent.problem)]
    made = {mark: _agent_call(ground, mark, mark.agent.folders) for mark in reading if mark.agent}
    if reading and only_agents(ground):
        folders = tuple(dict.fromkeys(one for mark in reading if mark.agent for one in mark.agent.folders))
        made |= {mark: _agent_call(ground, mark, folders) for mark in ground.of(Kind.START)}
    calls = {one.place[0]: one for one in made.values() if one is not None}
    return _Part(
        calls=tuple(one for one in calls.values() if not _is_still_given(ground, one, calls)),
        gaps=tuple(Gap(mark) for mark, one in made.items() if one is None),
        covered=tuple((mark, Cover.CALL) for mark, one in made.items() if one is not None),
    )


def _is_still_given(ground: Ground, call: Call, calls: Mapping[Statement, Call]) -> bool:
    """Say whether an agent has its settings from a call just before, with no more than systemctl run since."""
    statement = call.place[0]
    for earlier in reversed(statement.siblings[: statement.index] if statement.role == "list" else []):
        command = earlier.command
        words = command.words if isinstance(command, Simple) else []
        if program([ground.boot.script.source(one.span) for one in words])[1] != "systemctl":
            return False
        if earlier in calls:
            return calls[earlier].words == call.words
    return False


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


def _agent_call(ground: Ground, mark: Mark, folders: tuple[str, ...]) -> Call | None:
    """The call right before the start of an agent, after whatever took its settings away."""
    for statement in at_hand(mark):
        spot = spot_of(ground, (statement, Side.BEFORE)) if in_script(ground, statement) else None
        if spot is not None:
            return Call((statement, Side.BEFORE), spot, folders, name=insertions.AGENT)
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
