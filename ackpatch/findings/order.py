"""Things done in the wrong order: an injection after the start, a later overwrite, a forgotten daemon-reload."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.findings.rule import WARNING, Seen, looks, rule
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.node.flags import STAND_FOR, VARIABLES
from ackpatch.node.mark import Mark
from ackpatch.shell.tree import Compound, Statement, within_function

_STARTS = ("start", "join", "direct")
_SYSTEMD_FILES = ("unit", "drop-in")
_READ_AT_START = ("unit", "drop-in", "environment", "flags")


ACK213 = rule(
    "ACK213",
    WARNING,
    "kubelet is started before the injection by hand",
    "The first start registers the node; labels, taints and provider ID count only then.",
    "Run ackpatch apply, or move the injection before this start.",
)


@looks
def injection_too_late(seen: Seen) -> Iterator[Finding]:
    """An injection by hand that only comes when kubelet has been started: the first start registers the node."""
    boot = seen.boot
    replaced = seen.replaced
    for mark in boot.marks:
        if _injects(mark, boot):
            break
        if mark.kind in _STARTS:
            by_marks = not replaced or _is_after(replaced[0], mark)
            if by_marks and (replaced or any(_injects(one, boot) for one in boot.marks)):
                yield ACK213(mark.span, mark.what)
            return


ACK214 = rule(
    "ACK214",
    WARNING,
    "a file that the injection by hand has changed is written again",
    "What was injected is gone when kubelet starts.",
    "Run ackpatch apply, or move the injection after this write.",
)


@looks
def written_again(seen: Seen) -> Iterator[Finding]:
    """A write of the same file that comes after an injection by hand, and before a start, and takes it away."""
    boot = seen.boot
    replaced = seen.replaced
    paths: dict[str, Mark | None] = {path: None for span in replaced for path in _paths_in(boot.script.source(span))}
    for number, mark in enumerate(boot.marks):
        if mark.kind != "write" or mark.written is None:
            continue
        if _injects(mark, boot):
            paths[mark.written.path] = mark
        elif mark.written.path in paths and _overwrites(mark) and all(_is_before(span, mark) for span in replaced):
            injection = paths[mark.written.path]
            if injection is not None and _exclusive(injection, mark):
                continue
            is_read = any(later.kind in _STARTS for later in boot.marks[number:])
            yield from [ACK214(mark.span, mark.what)] if is_read else []
            return


ACK219 = rule(
    "ACK219",
    WARNING,
    "kubelet is started without a daemon-reload after its unit was changed",
    "systemd has read the unit before and starts kubelet with the old one.",
    "Put systemctl daemon-reload between the two.",
)


@looks
def no_reload(seen: Seen) -> Iterator[Finding]:
    """A unit or drop-in that is changed after systemd has read it, and a start with no daemon-reload between."""
    boot = seen.boot
    read, pending = False, None
    for mark in boot.marks:
        if mark.kind == "write" and mark.file == "package":
            read, pending = True, None
        elif mark.kind == "write" and mark.file in _SYSTEMD_FILES and read:
            # systemctl edit makes systemd read the unit again.
            pending = None if mark.written is not None and mark.written.how == "systemctl edit" else mark
        elif mark.kind in ("reload", "enable", "join", "init", "unseen"):
            read, pending = True, None
        elif mark.kind == "start":
            if pending is not None and "--now" not in mark.what and not _exclusive(pending, mark):
                yield ACK219(mark.span, pending.what)
                return
            read, pending = True, None


ACK220 = rule(
    "ACK220",
    WARNING,
    "systemctl start does nothing to a kubelet that runs already",
    "What was written since the first start is not read.",
    "Write systemctl restart kubelet.",
)


@looks
def started_already(seen: Seen) -> Iterator[Finding]:
    """``systemctl start`` on a kubelet that runs already does nothing: what was written since is not read."""
    boot = seen.boot
    running: Mark | None = None
    written: Mark | None = None
    for mark in boot.marks:
        if mark.kind == "stop":
            running = None
        elif mark.kind == "write" and mark.file in _READ_AT_START and running is not None:
            written = mark
        elif mark.kind in ("start", "join"):
            does_nothing = mark.what.endswith(" start") or "--now" in mark.what
            if running and written and does_nothing and not any(_exclusive(one, mark) for one in (running, written)):
                yield ACK220(mark.span, written.what)
                return
            running, written = mark, None


def _injects(mark: Mark, boot: Boot) -> bool:
    """Say whether a write takes one of the injected variables into a file of kubelet's."""
    if mark.kind != "write" or mark.file in (None, "package", "join-config"):
        return False
    content = mark.written.content.text if mark.written and mark.written.content else ""
    source = boot.script.source(mark.place.span)
    return any(one in content for one in STAND_FOR.values()) or any(one in source for one in VARIABLES)


def _overwrites(mark: Mark) -> bool:
    assert mark.written is not None
    return not mark.written.appends and not mark.written.how.endswith("-i") and mark.written.how != "rm"


def _paths_in(text: str) -> list[str]:
    return [path for path in ("/etc/sysconfig/kubelet", "/etc/default/kubelet") if path in text]


def _is_before(span: Span, mark: Mark) -> bool:
    """Say whether a range of the script runs before a mark; only told for what stands at the top level."""
    return not within_function(mark.place) and span.end <= mark.place.span.start


def _is_after(span: Span, mark: Mark) -> bool:
    return not within_function(mark.place) and mark.place.span.end <= span.start


def _exclusive(one: Mark, other: Mark) -> bool:
    """Say whether two marks stand in different arms of one branch, so that no run reaches both."""
    mine = dict(_arms(one.place))
    return any(mine.get(branch, arm) != arm for branch, arm in _arms(other.place))


def _arms(statement: Statement) -> Iterator[tuple[int, int]]:
    """Each branch around a statement with the number of the arm that it is in."""
    child, parent = statement, statement.parent
    while parent is not None:
        command = parent.command
        if isinstance(command, Compound) and command.kind in ("if", "case"):
            for number, body in enumerate(command.bodies):
                if any(one is child for one in body):
                    yield id(parent), number
        child, parent = parent, parent.parent
