"""From a parsed script to a checked result: understand, plan, apply, prove, and say what there is to say."""

from __future__ import annotations

from dataclasses import dataclass

from ackpatch.errors import SyntaxRefusedError
from ackpatch.findings import finding
from ackpatch.model import Edit, Event, EventKind, Finding, Severity, Span
from ackpatch.node.boot import Boot, Mark, understand
from ackpatch.shell.process import Running
from ackpatch.shell.syntax import Shfmt, parse
from ackpatch.shell.tree import Function, Script, Simple, walk
from ackpatch.splice import markers
from ackpatch.splice.draft import Draft, apply_edits
from ackpatch.splice.handmade import blanked, marked_blocks
from ackpatch.splice.mode import decide_mode
from ackpatch.splice.plan import Plan, Planner
from ackpatch.splice.remarks import remarks
from ackpatch.wishes import Wishes, kept, read_wishes


@dataclass(frozen=True, slots=True)
class Options:
    """How to patch. ``mode``: auto, kubeadm or binary; the others are the options of the same name."""

    mode: str = "auto"
    with_node_ip: bool = False
    keep_existing: bool = False
    partial: bool = False
    force: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """The result on bytes."""

    patched: bytes
    edits: list[Edit]
    findings: list[Finding]
    mode: str = "auto"
    why: str = ""
    events: tuple[Event, ...] = ()


def refused(data: bytes, *findings: Finding) -> Done:
    """Give the result of a script that stays as it is because of what was found."""
    return Done(data, [], list(findings))


def plan_and_check(base: bytes, script: Script, options: Options) -> Done:
    """Plan the edits of a parsed script and prove the result; ``base`` are its bytes without older edits of ours."""
    carriage = _stray_return(script)
    if carriage is not None:
        return refused(base, finding("ACK901", Span(carriage, carriage + 1)))
    replaced = [] if options.keep_existing else marked_blocks(script)
    if replaced:
        try:
            script = parse(blanked(script.text, replaced).encode("latin-1"), script.dialect)
            script.text = base.decode("latin-1")
        except SyntaxRefusedError:
            replaced = []
    boot = understand(script)
    mode = decide_mode(boot, options.mode)
    wishes = read_wishes(script)
    planner = Planner(boot, mode, options.with_node_ip, _ignored(boot, wishes), Draft(script), replaced)
    _wished(script, wishes, planner)
    plan = planner.plan()
    checking = _Checking(base, plan, script)
    findings = kept(_findings(boot, plan, planner), script.text, wishes, options.select, options.ignore)
    events = _events(boot, plan, planner)
    patched, problem = checking.result()
    if _hopeless(findings) and not options.partial:
        return Done(base, [], findings, mode.name, mode.why, events)
    if problem is not None:
        return Done(base, [], [*findings, problem], mode.name, mode.why, events)
    return Done(patched, plan.edits, findings, mode.name, mode.why, events)


def _hopeless(findings: list[Finding]) -> bool:
    return any(one.severity is Severity.ERROR and not one.fixable for one in findings)


def _stray_return(script: Script) -> int | None:
    """Give the offset of a carriage return at the end of a line of code; in strings and here-documents it may stay."""
    if "\r\n" not in script.text:
        return None
    for statement in walk(script.statements):
        end = statement.span.end
        # The parser counts a carriage return to the word before it.
        at = script.text.find("\r", end - 1, end + 1)
        if isinstance(statement.command, Simple | Function) and at >= 0 and script.text[at + 1 : at + 2] == "\n":
            return at
    return None


def _ignored(boot: Boot, wishes: Wishes) -> set[int]:
    """Find the marks on lines that are to be left alone."""
    if not wishes.lines:
        return set()
    text = boot.script.text
    return {
        id(mark)
        for mark in boot.marks
        if wishes.leaves_alone(text.count("\n", 0, mark.span.start), mark.kind in (*_STARTS, "enable", "write"))
    }


def _wished(script: Script, wishes: Wishes, planner: Planner) -> None:
    for span in wishes.here:
        behind = [one for one in walk(script.statements) if one.span.start > span.start and one.role == "list"]
        if behind:
            planner.want_call(min(behind, key=lambda one: (one.span.start, -one.span.end)))


class _Checking:
    """Carries a plan out and proves the result: it parses, and without our edits it is the original.

    shfmt and bash look at the result while the findings are made.
    """

    def __init__(self, base: bytes, plan: Plan, script: Script) -> None:
        self._base = base
        self._at = plan.edits[0].span if plan.edits else Span(0, 0)
        self._patched = apply_edits(base, plan.edits)
        if self._patched != base:
            self._shfmt = Shfmt(self._patched, script.dialect)
            self._bash = _bash(self._patched)

    def result(self) -> tuple[bytes, Finding | None]:
        """Wait for the verdicts; gives the patched bytes, or the original's with what is wrong."""
        problem = self._problem() if self._patched != self._base else ""
        return (self._base, finding("ACK907", self._at, problem)) if problem else (self._patched, None)

    def _problem(self) -> str:
        undone = markers.revert(self._patched.decode("latin-1"))
        try:
            self._shfmt.output()
        except SyntaxRefusedError:
            return "the result does not parse"
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


_STARTS = ("start", "join", "init", "direct")


def _findings(boot: Boot, plan: Plan, planner: Planner) -> list[Finding]:
    found = list(plan.findings)
    found += remarks(boot, planner.replaced, planner.ignored)
    given_up = planner.given_up
    for mark in boot.marks:
        if id(mark) in planner.ignored:
            found.append(finding("ACK303", mark.span, mark.what))
        elif id(mark) in planner.covered and id(mark) not in given_up and mark.kind in _STARTS:
            found.append(finding("ACK101", mark.span, mark.what, fixable=True))
    if plan.edits and not any(one.fixable for one in found):
        found.append(finding("ACK103", plan.edits[-1].span, fixable=True))
    if all(mark.kind in ("exit", "remote", "reboot", "reload", "stop", "unseen") for mark in boot.marks):
        found.append(finding("ACK301", Span(0, 0)))
    unique = {(one.code, one.span, one.message): one for one in found}
    return sorted(unique.values(), key=lambda one: (one.span, one.code))


_KINDS = {
    "start": EventKind.START,
    "init": EventKind.START,
    "direct": EventKind.START,
    "join": EventKind.JOIN,
    "enable": EventKind.BOOT,
    "reboot": EventKind.BOOT,
    "write": EventKind.WRITE,
    "unseen": EventKind.UNSEEN,
    "remote": EventKind.UNSEEN,
    "self-read": EventKind.UNSEEN,
}


def _events(boot: Boot, plan: Plan, planner: Planner) -> tuple[Event, ...]:
    def event(mark: Mark) -> Event:
        by = plan.covered.get(id(mark), "")
        if by == "by hand":
            return Event(EventKind.INJECTION, mark.span, mark.what, True, by)
        covered = bool(by) or mark.kind in ("enable", "reboot") or (mark.kind == "write" and bool(planner.placements))
        return Event(_KINDS[mark.kind], mark.span, mark.what, covered, by)

    events = [event(mark) for mark in boot.marks if mark.kind in _KINDS]
    older = [
        Event(EventKind.INJECTION, span, "an older injection", True, "kept as comments") for span in planner.replaced
    ]
    return (*older, *events)
