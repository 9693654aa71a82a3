"""From bytes to a checked result: parse, understand, plan, apply, prove, and say what there is to say."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import accumulate
from threading import Lock

from ackpatch.concerns import unreadable
from ackpatch.errors import SyntaxRefusedError, TooDeepError
from ackpatch.findings import Seen, finding, findings_of
from ackpatch.inserted import removal
from ackpatch.inserted.blocks import without_layout
from ackpatch.model import Edit, Event, EventKind, Finding, Severity, Span
from ackpatch.node.boot import Boot, understand
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.options import Options
from ackpatch.shell.dialect import dialect_of
from ackpatch.shell.process import Running
from ackpatch.shell.syntax import Parsing, Shfmt
from ackpatch.shell.tree import Function, Script, Simple, Statement, walk
from ackpatch.source import equal_ends
from ackpatch.splice.edits import apply_edits, edits_of
from ackpatch.splice.ground import Cover, Plan
from ackpatch.splice.plan import plan
from ackpatch.wishes import Wishes, kept, read_wishes

# Only a call that was asked for --node-ip has this word.
_NODE_IP = re.compile(rb"ackpatch_kubelet(?: [\w./:=-]+)* node-ip\b")
RECURSION = 6000  # frames; the deepest script that the parser lets pass needs less
# What ends a mend of a script: it cannot be patched as a whole.
_HURT = "the result does not parse"
_ONCE = "Fix the errors that ackpatch cannot mend; then run ackpatch apply."


@dataclass(frozen=True, slots=True)
class Done:
    """The result on bytes."""

    patched: bytes
    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()


def process(data: bytes, options: Options, parsing: Callable[[bytes, str], Parsing]) -> Done:
    """Patch a script, or an already patched one anew; ``parsing`` starts a parse. Raises nothing for any script."""
    try:
        with _room():
            return _process(data, options, parsing)
    except (RecursionError, MemoryError):
        return Done(data, findings=(finding("ACK115", Span(0, 0), "the script is nested too deeply, or too large"),))


_DEEP = Lock()  # around the count of the threads that need room, and the limit that they found
_threads: list[int] = []


@contextmanager
def _room() -> Iterator[None]:
    """Let functions call each other as deeply as a script may nest its commands; the limit is that of all threads."""
    with _DEEP:
        _threads.append(_threads[0] if _threads else sys.getrecursionlimit())
        sys.setrecursionlimit(max(_threads[0], RECURSION))
    try:
        yield
    finally:
        with _DEEP:
            before = _threads.pop()
            if not _threads:
                with suppress(RecursionError):
                    sys.setrecursionlimit(before)


def _process(data: bytes, options: Options, parsing: Callable[[bytes, str], Parsing]) -> Done:
    known = unreadable(data, options)
    if known is not None:
        return Done(data, findings=(known,))
    undone = removal.revert(data.decode("latin-1"), options.force)
    if undone.damages:
        return Done(data, findings=tuple(finding("ACK906", one.span, one.message) for one in undone.damages))
    base = undone.text.encode("latin-1")
    if base != data and _NODE_IP.search(data):  # it was patched with that option, and keeps it
        options = replace(options, with_node_ip=True)
    try:
        script, told = _script(parsing(base, dialect_of(base)), base)
    except SyntaxRefusedError as refusal:
        offset = _offset(base, refusal.line, refusal.column)
        if isinstance(refusal, TooDeepError):
            return Done(data, findings=(finding("ACK115", Span(offset, offset), refusal.message),))
        return Done(data, findings=(finding("ACK904", Span(offset, offset), str(refusal)),))
    done = plan_and_check(base, script, options)
    if base == data:
        return replace(done, findings=(*told, *done.findings))
    if done.patched == base and not options.partial:
        # It is refused now, and its text stays: with all that can be covered it is current.
        partial = plan_and_check(base, script, replace(options, partial=True))
        done = partial if partial.patched == data else replace(done, patched=data)
    current = without_layout(done.patched) == without_layout(data) and done.edits != ()
    done = replace(done, patched=data if current else done.patched, findings=(*told, *done.findings))
    return _on_top(data, done, undone.removed, current)


def _on_top(data: bytes, done: Done, removed: tuple[Span, ...], current: bool) -> Done:
    """Lead a result for a script without our edits to the script that has them; ``current``: they are the planned."""
    place = _places(removed, len(data))
    findings = tuple(replace(one, span=place(one.span)) for one in done.findings if not (current and one.fixable))
    events = tuple(
        replace(one, span=place(one.span), covered=one.covered_after if current else one.covered) for one in done.events
    )
    return Done(done.patched, tuple(one_edit(data, done.patched)), findings, events)


def _places(removed: tuple[Span, ...], size: int) -> Callable[[Span], Span]:
    """Lead the spans of a script without our edits to the same text in the script that has them."""
    grown = [0, *accumulate(one.end - one.start for one in removed)]
    starts = [one.start - before for one, before in zip(removed, grown, strict=False)]

    def place(span: Span) -> Span:
        start = span.start + grown[bisect_right(starts, span.start)]
        end = span.end + grown[bisect_left(starts, span.end)]
        return Span(min(start, size), min(max(start, end), size))

    return place


def one_edit(old: bytes, new: bytes) -> list[Edit]:
    """The difference of two texts as one edit."""
    if old == new:
        return []
    start, end = equal_ends(old, new)
    return [Edit(Span(start, len(old) - end), old[start : len(old) - end], new[start : len(new) - end], "ackpatch")]


def _offset(data: bytes, line: int, column: int) -> int:
    lines = data.split(b"\n")
    return min(sum(len(one) + 1 for one in lines[: line - 1]) + column - 1, len(data))


def _script(parsing: Parsing, data: bytes) -> tuple[Script, list[Finding]]:
    """Wait for the parser; what is no script of the named shell is tried as one of bash."""
    try:
        return parsing.script(), []
    except SyntaxRefusedError as refusal:
        if parsing.dialect == "bash" or isinstance(refusal, TooDeepError):
            raise
    span = Span(0, data.find(b"\n") % (len(data) + 1))
    return Parsing(data, "bash").script(), [finding("ACK203", span)]


# --- plan and proof


def plan_and_check(base: bytes, script: Script, options: Options) -> Done:
    """Plan the edits of a parsed script and prove the result; ``base`` are its bytes without older edits of ours."""
    carriage = _stray_return(script)
    if carriage is not None:
        return Done(base, findings=(finding("ACK901", Span(carriage, carriage + 1)),))
    boot = understand(script)
    wishes = read_wishes(script)
    ignored = _ignored(boot, wishes)
    made = plan(boot, options, ignored, _asked(script, wishes))
    edits = edits_of(made, script)
    checking = _Checking(base, edits, script)
    found = findings_of(Seen(boot, made, ignored, options, wishes.codes))
    findings = tuple(kept(found, script.text, wishes, options.select, options.ignore))
    events = _events(boot, made)
    patched, problem = checking.result()
    if problem is not None:
        findings = (*findings, problem)
    if problem is not None or (_hopeless(findings) and not options.partial):
        # Nothing is written, so nothing becomes better.
        findings = tuple(replace(one, remedy=_ONCE, blocked=True) if one.fixable else one for one in findings)
        return Done(base, findings=findings, events=tuple(replace(one, covered_after=one.covered) for one in events))
    return Done(patched, edits, findings, events)


def _hopeless(findings: Sequence[Finding]) -> bool:
    return any(one.severity is Severity.ERROR and not one.fixable for one in findings)


def _stray_return(script: Script) -> int | None:
    """The offset of a carriage return at the end of a line of code; in strings and here-documents it may stay."""
    if "\r\n" not in script.text:
        return None
    for statement in walk(script.statements):
        end = statement.span.end
        # The parser counts a carriage return to the word before it.
        at = script.text.find("\r", end - 1, end + 1)
        if isinstance(statement.command, Simple | Function) and at >= 0 and script.text[at + 1 : at + 2] == "\n":
            return at
    return None


def _ignored(boot: Boot, wishes: Wishes) -> frozenset[Mark]:
    """Find the marks on lines that are to be left alone."""
    if not wishes.lines:
        return frozenset()
    text = boot.script.text
    needy = (*STARTS, Kind.ENABLE, Kind.WRITE)
    return frozenset(
        mark for mark in boot.marks if wishes.leaves_alone(text.count("\n", 0, mark.span.start), mark.kind in needy)
    )


def _asked(script: Script, wishes: Wishes) -> tuple[Statement, ...]:
    """The statements before which a comment asks for a call."""
    found = []
    for span in wishes.here:
        after = [one for one in walk(script.statements) if one.span.start > span.start and one.role == "list"]
        if after:
            found.append(min(after, key=lambda one: (one.span.start, -one.span.end)))
    return tuple(found)


class _Checking:
    """Carries a plan out and proves the result: it parses, and without our edits it is the original.

    shfmt and bash look at the result while the findings are made.
    """

    def __init__(self, base: bytes, edits: tuple[Edit, ...], script: Script) -> None:
        self._base = base
        self._at = edits[0].span if edits else Span(0, 0)
        self._patched = apply_edits(base, edits)
        if self._patched != base:
            self._shfmt = Shfmt(self._patched, script.dialect)
            self._bash = _bash(self._patched)

    def result(self) -> tuple[bytes, Finding | None]:
        """Wait for the verdicts; gives the patched bytes, or the original's with what is wrong."""
        problem = self._problem() if self._patched != self._base else ""
        return (self._base, finding("ACK907", self._at, problem)) if problem else (self._patched, None)

    def _problem(self) -> str:
        undone = removal.revert(self._patched.decode("latin-1"))
        try:
            self._shfmt.output()
        except SyntaxRefusedError:
            return _HURT
        if not _accepts(self._bash) and _accepts(_bash(self._base)):
            return "bash -n refuses the result"
        if undone.damages or undone.text.encode("latin-1") != self._base:
            return "the original would not come back"
        return ""


def _bash(data: bytes) -> Running | None:
    """Start ``bash -n`` (where bash is there)."""
    try:
        return Running(["bash", "-n"], data)
    except FileNotFoundError:
        return None


def _accepts(bash: Running | None) -> bool:
    return bash is None or bash.wait()[0] == 0


# --- events

_KINDS = {
    Kind.START: EventKind.START,
    Kind.INIT: EventKind.START,
    Kind.AGENT: EventKind.START,
    Kind.DIRECT: EventKind.START,
    Kind.JOIN: EventKind.JOIN,
    Kind.ENABLE: EventKind.BOOT,
    Kind.REBOOT: EventKind.BOOT,
    Kind.WRITE: EventKind.WRITE,
    Kind.UNSEEN: EventKind.UNSEEN,
    Kind.REMOTE: EventKind.UNSEEN,
    Kind.SELF_READ: EventKind.UNSEEN,
    Kind.AGAIN: EventKind.UNSEEN,
}


def _events(boot: Boot, made: Plan) -> tuple[Event, ...]:
    gaps = {one.mark for one in made.gaps}

    def event(mark: Mark) -> Event:
        cover = None if mark in gaps else made.cover_of(mark)
        if mark.kind is Kind.WRITE and cover is Cover.BY_HAND:
            return Event(EventKind.INJECTION, mark.span, mark.what, True, True, cover.value)
        waits = mark.kind is Kind.START and mark.nested is not None and mark.nested.later  # as an enabled unit does
        after = cover is not None if mark.kind in STARTS and not waits else not gaps
        kind = EventKind.BOOT if waits else _KINDS[mark.kind]
        return Event(kind, mark.span, mark.what, cover is Cover.BY_HAND, after, cover.value if cover else "")

    events = [event(mark) for mark in boot.marks if mark.kind in _KINDS]
    older = [
        Event(EventKind.INJECTION, one.span, "an injection by hand", False, True, "set aside") for one in made.asides
    ]
    return tuple(sorted([*older, *events], key=lambda one: one.span.start) if older else events)
