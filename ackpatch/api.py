"""The library's verbs in a row: parse, understand, plan, apply; each result is checked before anybody sees it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Generic, TypeVar

from ackpatch.errors import SyntaxRefusedError
from ackpatch.findings import finding
from ackpatch.model import Edit, Event, EventKind, Finding, Severity, Span, Understanding
from ackpatch.node.boot import Boot, Mark, understand
from ackpatch.shell.dialect import dialect_of
from ackpatch.shell.syntax import parse, parses
from ackpatch.shell.tree import Script, walk
from ackpatch.splice import markers
from ackpatch.splice.draft import Draft, apply_edits
from ackpatch.splice.handmade import blanked, marked_blocks
from ackpatch.splice.mode import decide_mode
from ackpatch.splice.plan import Plan, Planner
from ackpatch.splice.remarks import remarks

_MENTIONS = re.compile(rb"kubelet|kubeadm")
_WISH = re.compile(r"#[ \t]*ackpatch:[ \t]*(ignore|here)\b")
Text = TypeVar("Text", bytes, str)


@dataclass(frozen=True, slots=True)
class Options:
    """How to patch. ``mode``: auto, kubeadm or binary; the others are the options of the same name."""

    mode: str = "auto"
    with_node_ip: bool = False
    keep_existing: bool = False
    partial: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class PatchResult(Generic[Text]):
    """A patched script. ``patched`` equals ``source`` where nothing had to be done or something was refused."""

    source: Text
    patched: Text
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]
    mode: str = "auto"
    why: str = ""
    events: tuple[Event, ...] = ()

    @property
    def changed(self) -> bool:
        """Say whether ``patched`` differs from ``source``."""
        return self.source != self.patched

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The errors that ackpatch cannot mend."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR and not one.fixable)

    def diff(self, path: str = "script.sh") -> bytes:
        """Give the unified diff as bytes; ``git apply`` takes it."""
        from ackpatch.report.diff import unified_diff

        return unified_diff(to_bytes(self.source), to_bytes(self.patched), path)


def to_bytes(source: bytes | str) -> bytes:
    """Give the bytes of a script; text is encoded as UTF-8, lone surrogates as the bytes they stand for."""
    return source if isinstance(source, bytes) else source.encode("utf-8", "surrogateescape")


def _like(source: Text, data: bytes) -> Text:
    if isinstance(source, bytes):
        return data
    return data.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class _Done:
    """The result on bytes."""

    patched: bytes
    edits: list[Edit]
    findings: list[Finding]
    mode: str = "auto"
    why: str = ""
    events: tuple[Event, ...] = ()


def patch(
    source: Text,
    *,
    mode: str = "auto",
    with_node_ip: bool = False,
    keep_existing: bool = False,
    partial: bool = False,
    force: bool = False,
) -> PatchResult[Text]:
    """Give a script with the injection spliced in.

    The result is all or nothing: with an error that cannot be mended ``patched`` is ``source``, unless ``partial``.
    Offsets of edits and findings are byte offsets into the script. Raises nothing for any input.
    """
    data = to_bytes(source)
    done = _patch(data, Options(mode, with_node_ip, keep_existing, partial, force))
    return PatchResult(
        source, _like(source, done.patched), tuple(done.edits), tuple(done.findings), done.mode, done.why, done.events
    )


def check(source: bytes | str, *, mode: str = "auto", with_node_ip: bool = False) -> tuple[Finding, ...]:
    """Give the findings of a script; those that ``patch`` would mend are marked ``fixable``."""
    return patch(to_bytes(source), mode=mode, with_node_ip=with_node_ip).findings


def inspect(source: bytes | str, *, mode: str = "auto") -> Understanding:
    """Give what is understood of a script: its events in execution order, whether each is covered and by what."""
    result = patch(to_bytes(source), mode=mode, partial=True)
    return Understanding(result.mode, result.why, result.events, result.findings, to_bytes(source))


def revert(source: Text, *, force: bool = False) -> PatchResult[Text]:
    """Take ackpatch's edits out of a script, edit by edit; what the owner changed elsewhere since is kept."""
    data = to_bytes(source)
    undone = markers.revert(data.decode("latin-1"), force)
    findings = tuple(finding("ACK906", one.span, one.message) for one in undone.damages)
    if findings:
        return PatchResult(source, source, (), findings)
    plain = undone.text.encode("latin-1")
    return PatchResult(source, _like(source, plain), tuple(_one_edit(data, plain)), ())


def _one_edit(old: bytes, new: bytes) -> list[Edit]:
    """Give the difference of two texts as one edit."""
    if old == new:
        return []
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return [Edit(Span(start, len(old) - end), old[start : len(old) - end], new[start : len(new) - end], "ackpatch")]


def _refused(data: bytes, *findings: Finding) -> _Done:
    return _Done(data, [], list(findings))


def _patch(data: bytes, options: Options) -> _Done:
    start = Span(0, 0)
    if b"\0" in data:
        offset = data.index(b"\0")
        return _refused(data, finding("ACK903", Span(offset, offset + 1)))
    if data.startswith(b"\xef\xbb\xbf"):
        return _refused(data, finding("ACK902", Span(0, 3)))
    if not _MENTIONS.search(data):
        return _refused(data, finding("ACK301", start))
    if data.split(b"\n", 1)[0].endswith(b"\r"):
        offset = data.index(b"\r")
        return _refused(data, finding("ACK901", Span(offset, offset + 1)))
    undone = markers.revert(data.decode("latin-1"), options.force)
    if undone.damages:
        return _refused(data, *(finding("ACK906", one.span, one.message) for one in undone.damages))
    base = undone.text.encode("latin-1")
    try:
        script, told = _parse(base)
    except SyntaxRefusedError as refusal:
        offset = _offset(base, refusal.line, refusal.column)
        return _refused(data, finding("ACK904", Span(offset, offset), str(refusal)))
    done = _plan(base, script, options)
    findings = told + done.findings
    if base == data:
        return _Done(done.patched, done.edits, findings, done.mode, done.why, done.events)
    if done.patched == data:
        findings = [one for one in findings if not one.fixable]
    return _Done(done.patched, _one_edit(data, done.patched), findings, done.mode, done.why, done.events)


def _offset(data: bytes, line: int, column: int) -> int:
    lines = data.split(b"\n")
    return min(sum(len(one) + 1 for one in lines[: line - 1]) + column - 1, len(data))


def _parse(data: bytes) -> tuple[Script, list[Finding]]:
    dialect = dialect_of(data)
    try:
        return parse(data, dialect), []
    except SyntaxRefusedError:
        if dialect == "bash":
            raise
    return parse(data, "bash"), [finding("ACK203", Span(0, data.find(b"\n") % (len(data) + 1)))]


def _plan(base: bytes, script: Script, options: Options) -> _Done:
    carriage = _stray_return(script)
    if carriage is not None:
        return _refused(base, finding("ACK901", Span(carriage, carriage + 1)))
    replaced = [] if options.keep_existing else marked_blocks(script)
    if replaced:
        try:
            script = parse(blanked(script.text, replaced).encode("latin-1"), script.dialect)
            script.text = base.decode("latin-1")
        except SyntaxRefusedError:
            replaced = []
    boot = understand(script)
    mode = decide_mode(boot, options.mode)
    planner = Planner(boot, mode, options.with_node_ip, _ignored(boot), Draft(script), replaced)
    _wished(script, planner)
    plan = planner.plan()
    findings = _findings(boot, plan, planner)
    events = _events(boot, plan, planner)
    if _hopeless(findings) and not options.partial:
        return _Done(base, [], findings, mode.name, mode.why, events)
    patched, problem = _checked(base, plan, script)
    if problem is not None:
        return _Done(base, [], [*findings, problem], mode.name, mode.why, events)
    return _Done(patched, plan.edits, findings, mode.name, mode.why, events)


def _hopeless(findings: list[Finding]) -> bool:
    return any(one.severity is Severity.ERROR and not one.fixable for one in findings)


def _stray_return(script: Script) -> int | None:
    """Give the offset of a carriage return at the end of a line of code; in strings and here-documents it may stay."""
    if "\r\n" not in script.text:
        return None
    from ackpatch.shell.tree import Function, Simple

    for statement in walk(script.statements):
        end = statement.span.end
        # The parser counts a carriage return to the word before it.
        at = script.text.find("\r", end - 1, end + 1)
        if isinstance(statement.command, Simple | Function) and at >= 0 and script.text[at + 1 : at + 2] == "\n":
            return at
    return None


def _ignored(boot: Boot) -> set[int]:
    """Find the marks on whose line, or above whose line, a comment asks to ignore them."""
    text = boot.script.text
    lines = {
        text.count("\n", 0, span.start)
        for span in boot.script.comments
        if (wish := _WISH.match(text, span.start)) and wish[1] == "ignore"
    }
    return {id(mark) for mark in boot.marks if text.count("\n", 0, mark.span.start) in lines} if lines else set()


def _wished(script: Script, planner: Planner) -> None:
    for span in script.comments:
        wish = _WISH.match(script.text, span.start)
        if wish and wish[1] == "here":
            behind = [one for one in walk(script.statements) if one.span.start > span.start and one.role == "list"]
            if behind:
                planner.want_call(min(behind, key=lambda one: (one.span.start, -one.span.end)))


def _checked(base: bytes, plan: Plan, script: Script) -> tuple[bytes, Finding | None]:
    """Carry the plan out and prove the result: it parses, and without our edits it is the original."""
    patched = apply_edits(base, plan.edits)
    if patched == base:
        return patched, None
    at = plan.edits[0].span
    undone = markers.revert(patched.decode("latin-1"))
    if undone.damages or undone.text.encode("latin-1") != base:
        return base, finding("ACK907", at, "the original would not come back")
    if not parses(patched, script.dialect):
        return base, finding("ACK907", at, "the result does not parse")
    if not _bash_agrees(base, patched):
        return base, finding("ACK907", at, "bash -n refuses the result")
    return patched, None


def _bash_agrees(base: bytes, patched: bytes) -> bool:
    """Say whether ``bash -n`` finds the result no worse than the original (where bash is there)."""
    bash = shutil.which("bash")
    if bash is None:
        return True

    def accepts(data: bytes) -> bool:
        return subprocess.run([bash, "-n"], input=data, capture_output=True, check=False).returncode == 0

    return accepts(patched) or not accepts(base)


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
    if not boot.marks or all(mark.kind in ("exit", "remote", "reboot", "unseen") for mark in boot.marks):
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
        covered = bool(by) or mark.kind in ("enable", "reboot") or (mark.kind == "write" and bool(planner.placements))
        return Event(_KINDS[mark.kind], mark.span, mark.what, covered, by)

    return tuple(event(mark) for mark in boot.marks if mark.kind in _KINDS)
