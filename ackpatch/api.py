"""The library's verbs in a row: parse, understand, plan, apply; each result is checked before anybody sees it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, product
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ackpatch.errors import SyntaxRefusedError
from ackpatch.findings import finding
from ackpatch.model import Edit, Event, Finding, Severity, Span, Understanding
from ackpatch.shell.dialect import dialect_of
from ackpatch.shell.syntax import Parsing, start
from ackpatch.splice import markers

if TYPE_CHECKING:
    from ackpatch.pipeline import Done, Options
    from ackpatch.rehearse.proof import Proof
    from ackpatch.shell.tree import Script

# Only a prologue that was asked for --node-ip assigns this.
_NODE_IP = b"ackpatch_node_ip=$"
_MENTIONS = re.compile(rb"kubelet|kubeadm")
Text = TypeVar("Text", bytes, str)


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


def patch(
    source: Text,
    *,
    mode: str = "auto",
    with_node_ip: bool = False,
    keep_existing: bool = False,
    partial: bool = False,
    force: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> PatchResult[Text]:
    """Give a script with the injection spliced in.

    The result is all or nothing: with an error that cannot be mended ``patched`` is ``source``, unless ``partial``.
    ``select`` and ``ignore`` are codes of findings or their beginnings (``ACK2``); the longest that fits decides.
    Offsets of edits and findings are byte offsets into the script. Raises nothing for any script, and UsageError for a
    code that does not exist.
    """
    from ackpatch.findings import codes

    data = to_bytes(source)
    options = {"mode": mode, "with_node_ip": with_node_ip, "keep_existing": keep_existing}
    chosen = {"select": codes(select), "ignore": codes(ignore)}
    done = _patch(data, {**options, **chosen, "partial": partial, "force": force})
    return PatchResult(
        source, _like(source, done.patched), tuple(done.edits), tuple(done.findings), done.mode, done.why, done.events
    )


def check(
    source: bytes | str,
    *,
    mode: str = "auto",
    with_node_ip: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Give the findings of a script; those that ``patch`` would mend are marked ``fixable``."""
    return patch(to_bytes(source), mode=mode, with_node_ip=with_node_ip, select=select, ignore=ignore).findings


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


def prove(
    source: bytes | str,
    *,
    values: Mapping[str, str] | None,
    image: str = "auto",
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    systemd: int = 252,
    timeout: float = 20.0,
) -> Proof:
    """Rehearse a script, patched or not, in a throw-away root, and judge what kubelet would get at each start.

    ``values`` are the injected variables; the script runs with them and without. None leaves the run with them out.
    ``image`` is ``auto``, ``rpm``, ``deb`` or ``binary``; ``args`` are the script's arguments, ``env`` other variables
    that it needs; ``files`` lie on the node before the run, by absolute path or by the URL that fetches them;
    ``systemd`` is the version whose rules apply; ``timeout`` is in seconds and for each run. A patched script is
    compared with its original too. Raises RehearsalError where a rehearsal cannot be run: not on Linux, or without
    user namespaces.
    """
    from ackpatch.rehearse.proof import prove as rehearsed

    data = to_bytes(source)
    undone = markers.revert(data.decode("latin-1"), True)
    plain = undone.text.encode("latin-1")
    original = plain if plain != data else None
    return rehearsed(
        data,
        original,
        _clean,
        values=values,
        image=image,
        binary=image == "auto" and inspect(plain).mode == "binary",
        args=args,
        env=env,
        files=files,
        systemd=systemd,
        timeout=timeout,
    )


def _clean(data: bytes) -> bytes:
    """Take our edits out of a script that a script wrote; the mark of a call spliced into a line stands outside it."""
    return revert(data, force=True).patched.replace(b"ackpatch_kubelet; ", b"")


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


def _patch(data: bytes, options: Mapping[str, Any]) -> Done:
    """Refuse what is no script, take older edits out, and parse; the rest is loaded while the parser runs."""
    known = _unreadable(data)
    undone = markers.revert(data.decode("latin-1"), options["force"])
    base = undone.text.encode("latin-1")
    parsing = start(base, dialect_of(base)) if known is None and not undone.damages else None
    from ackpatch.pipeline import Done, Options, plan_and_check, refused

    if known is not None:
        return refused(data, known)
    if parsing is None:
        return refused(data, *(finding("ACK906", one.span, one.message) for one in undone.damages))
    try:
        script, told = _script(parsing, base)
    except SyntaxRefusedError as refusal:
        offset = _offset(base, refusal.line, refusal.column)
        return refused(data, finding("ACK904", Span(offset, offset), str(refusal)))
    chosen = Options(**options)
    if base != data and _NODE_IP in data:
        # It was patched with that option, and keeps it.
        chosen = replace(chosen, with_node_ip=True)
    done = plan_and_check(base, script, chosen)
    if base != data and done.patched != data and chosen.mode == "auto":
        done = _as_it_was_patched(base, data, script.dialect, chosen) or done
    findings = told + done.findings
    if base == data:
        return Done(done.patched, done.edits, findings, done.mode, done.why, done.events)
    if done.patched == data:
        findings = [one for one in findings if not one.fixable]
    place = _places(base, data, done)
    findings = [replace(one, span=place(one.span)) for one in findings]
    events = tuple(replace(one, span=place(one.span)) for one in done.events)
    return Done(done.patched, _one_edit(data, done.patched), findings, done.mode, done.why, events)


def _as_it_was_patched(base: bytes, data: bytes, dialect: str, options: Options) -> Done | None:
    """Give the result of the options that a person had asked for, where just they give the script as it stands."""
    from ackpatch.pipeline import plan_and_check

    for mode, keep in product(("auto", "kubeadm", "binary"), (False, True)):
        asked = replace(options, mode=mode, keep_existing=keep or options.keep_existing)
        if asked != options:
            done = plan_and_check(base, Parsing(base, dialect).script(), asked)
            if done.patched == data:
                return done
    return None


def _places(base: bytes, data: bytes, done: Done) -> Callable[[Span], Span]:
    """Lead the spans of a script without our edits to the same text in the script that has them."""
    edits = done.edits if done.patched == data else _line_edits(base, data)
    starts = [edit.span.start for edit in edits]
    grown = [0, *accumulate(len(edit.new) - len(edit.old) for edit in edits)]

    def place(span: Span) -> Span:
        start = span.start + grown[bisect_right(starts, span.start)]
        end = span.end + grown[bisect_left(starts, span.end)]
        return Span(min(start, len(data)), min(max(start, end), len(data)))

    return place


def _line_edits(base: bytes, data: bytes) -> list[Edit]:
    """Give the difference of two texts as edits of whole lines."""
    from difflib import SequenceMatcher

    old, new = base.splitlines(keepends=True), data.splitlines(keepends=True)
    offsets = [0, *accumulate(map(len, old))]
    return [
        Edit(Span(offsets[a], offsets[b]), b"".join(old[a:b]), b"".join(new[c:d]), "")
        for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes()
        if kind != "equal"
    ]


def _unreadable(data: bytes) -> Finding | None:
    """Give the finding for what is not a script of bash, or has nothing to do with kubelet; None for all others."""
    if b"\0" in data:
        offset = data.index(b"\0")
        return finding("ACK903", Span(offset, offset + 1))
    if data.startswith(b"\xef\xbb\xbf"):
        return finding("ACK902", Span(0, 3))
    if not _MENTIONS.search(data):
        return finding("ACK301", Span(0, 0))
    if data.split(b"\n", 1)[0].endswith(b"\r"):
        offset = data.index(b"\r")
        return finding("ACK901", Span(offset, offset + 1))
    return None


def _offset(data: bytes, line: int, column: int) -> int:
    lines = data.split(b"\n")
    return min(sum(len(one) + 1 for one in lines[: line - 1]) + column - 1, len(data))


def _script(parsing: Parsing, data: bytes) -> tuple[Script, list[Finding]]:
    """Wait for the parser; what is no script of the named shell is tried as one of bash."""
    try:
        return parsing.script(), []
    except SyntaxRefusedError:
        if parsing.dialect == "bash":
            raise
    span = Span(0, data.find(b"\n") % (len(data) + 1))
    return Parsing(data, "bash").script(), [finding("ACK203", span)]
