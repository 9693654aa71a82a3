"""The library's verbs: patch, check, inspect, revert, prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ackpatch.errors import UsageError
from ackpatch.findings import codes, finding
from ackpatch.model import Edit, Event, Finding, Severity, Span, Understanding
from ackpatch.options import Options
from ackpatch.shell.syntax import start
from ackpatch.source import Lines

if TYPE_CHECKING:
    from ackpatch.rehearse.proof import Proof

Text = TypeVar("Text", bytes, str)


@dataclass(frozen=True, slots=True)
class PatchResult(Generic[Text]):
    """A patched script. ``patched`` equals ``source`` where nothing had to be done or something was refused."""

    source: Text
    patched: Text
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]
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
        """The unified diff as bytes; ``git apply`` takes it."""
        from ackpatch.hunks import git_diff

        plain = PatchResult(to_bytes(self.source), to_bytes(self.patched), self.edits, self.findings, self.events)
        return git_diff(plain, path)


def to_bytes(source: bytes | str) -> bytes:
    """The bytes of a script; text is encoded as UTF-8, lone surrogates as the bytes they stand for."""
    if not isinstance(source, bytes | str):
        raise UsageError(f"the script has to be text or bytes, not {type(source).__name__}")
    return source if isinstance(source, bytes) else source.encode("utf-8", "surrogateescape")


def _like(source: Text, data: bytes) -> Text:
    if isinstance(source, bytes):
        return data
    return data.decode("utf-8", "surrogateescape")


def patch(
    source: Text,
    *,
    with_node_ip: bool = False,
    partial: bool = False,
    force: bool = False,
    bootstrap: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    name: str = "",
) -> PatchResult[Text]:
    """A script with the injection spliced in.

    The result is all or nothing: with an error that cannot be mended ``patched`` is ``source``, unless ``partial``.
    ``bootstrap``: the script is meant as the bootstrap script, so that no start of kubelet is an error.
    ``select`` and ``ignore`` are codes of findings or their beginnings (``ACK2``); the longest that fits decides.
    ``name`` is the script's file name: it tells templates and files of other kinds, which are refused.
    Offsets of edits and findings are byte offsets into the script. Raises nothing for any script, and UsageError for a
    code that does not exist.
    """
    if not isinstance(name, str):
        raise UsageError(f"name has to be text, not {type(name).__name__}")
    return patch_with(source, Options(with_node_ip, partial, force, bootstrap, codes(select), codes(ignore), name))


def patch_with(source: Text, options: Options) -> PatchResult[Text]:
    """The same with the options in one value; the codes in it are taken as they are."""
    # Loaded here, so that the parser of an early parse is at work already.
    from ackpatch.pipeline import process

    try:
        data = to_bytes(source)
    except UnicodeEncodeError as error:
        return _no_bytes(source, error)
    done = process(data, options, start)
    return PatchResult(source, _like(source, done.patched), done.edits, _placed(data, done.findings), done.events)


def _no_bytes(source: Text, error: UnicodeEncodeError) -> PatchResult[Text]:
    """The result for a text with a character that no bytes of a file stand for."""
    before = error.object[: error.start].encode("utf-8", "surrogateescape")
    found = finding("ACK903", Span(len(before), len(before)), "a character is no text")
    return PatchResult(source, source, (), _placed(before, (found,)))


def _placed(data: bytes, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings with their lines and columns."""
    if not findings:
        return ()
    lines = Lines(data)
    found = []
    for one in findings:
        line, column = lines.shown(one.span.start)
        found.append(replace(one, line=line, column=column))
    return tuple(found)


def check(
    source: bytes | str,
    *,
    with_node_ip: bool = False,
    bootstrap: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """The findings of a script; those that ``patch`` would mend are marked ``fixable``."""
    result = patch(to_bytes(source), with_node_ip=with_node_ip, bootstrap=bootstrap, select=select, ignore=ignore)
    return result.findings


def inspect(source: bytes | str) -> Understanding:
    """What is understood of a script: its events in execution order, whether each is covered and by what."""
    result = patch(to_bytes(source), partial=True)
    return Understanding(result.events, result.findings, to_bytes(source))


def revert(source: Text, *, force: bool = False) -> PatchResult[Text]:
    """Take ackpatch's edits out of a script, edit by edit; what the owner changed elsewhere since is kept."""
    from ackpatch.inserted import removal
    from ackpatch.pipeline import one_edit

    try:
        data = to_bytes(source)
    except UnicodeEncodeError as error:
        return _no_bytes(source, error)
    undone = removal.revert(data.decode("latin-1"), force)
    findings = tuple(finding("ACK906", one.span, one.message) for one in undone.damages)
    if findings:
        return PatchResult(source, source, (), _placed(data, findings))
    plain = undone.text.encode("latin-1")
    return PatchResult(source, _like(source, plain), tuple(one_edit(data, plain)), ())


def prove(
    source: bytes | str,
    *,
    values: Mapping[str, str] | None,
    image: str = "auto",
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    systemd: str = "model",
    systemd_version: int = 252,
    timeout: float = 20.0,
) -> Proof:
    """Rehearse a script, patched or not, in a throw-away root, and judge what kubelet would get at each start.

    ``values`` are the injected variables; the script runs with them and without. None leaves the run with them out.
    ``image`` is ``auto``, ``rpm``, ``deb`` or ``binary``; ``args`` are the script's arguments, ``env`` other variables
    that it needs; ``files`` lie on the node before the run, by absolute path or by the URL that fetches them;
    ``systemd`` is ``model``, ``real`` (a container that boots: root and systemd-nspawn are needed) or ``auto``, the
    real one where it can be had; ``systemd_version`` is the one whose rules the model follows. ``timeout`` is in
    seconds and for each run. A patched script is compared with its original too. Raises RehearsalError where a
    rehearsal cannot be run: not on Linux, or without user namespaces; UsageError for a variable that is none of the
    four.
    """
    from ackpatch.inserted import removal
    from ackpatch.rehearse.proof import prove as rehearsed

    data = to_bytes(source)
    plain = removal.revert(data.decode("latin-1"), True).text.encode("latin-1")
    original = plain if plain != data else None
    return rehearsed(
        data,
        original,
        without_edits,
        values=values,
        image=image,
        binary=image == "auto" and _installs_by_hand(plain),
        args=args,
        env=env,
        files=files,
        systemd=systemd,
        systemd_version=systemd_version,
        timeout=timeout,
    )


def without_edits(data: bytes) -> bytes:
    """Take our insertions out of any text that a patched script wrote."""
    from ackpatch.inserted import removal

    return removal.without_insertions(data.decode("latin-1")).encode("latin-1")


def _installs_by_hand(data: bytes) -> bool:
    """Say whether a script brings kubelet without a package: the image of a rehearsal then has the programs only."""
    from ackpatch.errors import SyntaxRefusedError
    from ackpatch.node.boot import installs_by_hand, understand
    from ackpatch.shell.dialect import dialect_of
    from ackpatch.shell.syntax import parse

    try:
        return installs_by_hand(understand(parse(data, dialect_of(data))))
    except SyntaxRefusedError:
        return False
