"""What stays without the values, and why."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.findings.rule import APPLY, ERROR, NOTE, Seen, looks, rule
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.splice.ground import Cover, Gap
from ackpatch.splice.texts import Why, runs_something_else

ACK101 = rule(
    "ACK101",
    ERROR,
    "kubelet is started without the four values",
    "The node would register without its provider ID, name, labels and taints, and never work in the node pool.",
    APPLY,
)
ACK102 = rule(
    "ACK102",
    ERROR,
    "kubeadm does not use the injected node name",
    "kubeadm waits for a node of another name than kubelet registers, and fails after two minutes.",
    "Run ackpatch apply; it adds --node-name.",
)
ACK103 = rule(
    "ACK103",
    ERROR,
    "kubelet's configuration is written without the four values",
    "The next start of kubelet, also one after a reboot, reads this configuration.",
    APPLY,
)
ACK110 = rule(
    "ACK110",
    ERROR,
    "an inner script writes kubelet's configuration, and a call from outside comes too early",
    "It starts kubelet itself, or runs later; nothing can be put into it.",
    "Move the write out of the inner script, or make the inner script a file of its own and patch that.",
)
ACK111 = rule(
    "ACK111",
    ERROR,
    "--node-name cannot be added to this join",
    "The text of the command is not where it could be changed without a guess.",
    "Write kubeadm join as a plain command, read its file without quotes, as in $(cat FILE), or add --node-name there "
    "yourself.",
)
ACK112 = rule(
    "ACK112",
    ERROR,
    "the flags cannot be put on this kubelet command line",
    "The flags go to the end of a command line that runs kubelet itself; the end of this one is not kubelet's.",
    "Let ExecStart= run kubelet itself, without a shell, a container or a wrapper, and with no taints of its own.",
)


@looks
def gaps(seen: Seen) -> Iterator[Finding]:
    """What the plan finds no place for."""
    return (_gap(one, seen.boot.script.text) for one in seen.plan.gaps)


def _gap(gap: Gap, text: str) -> Finding:
    mark = gap.mark
    if gap.at_end:
        return ACK103(mark.span, mark.what)
    if gap.why is Why.SENT:
        return ACK101(mark.span, f"{mark.what}: {gap.why.value}")
    if gap.why is not None:
        which = ACK111 if mark.kind in (Kind.JOIN, Kind.INIT) else ACK112
        return which(_written_at(mark, text), gap.why.value)
    if mark.nested is not None:
        return ACK110(mark.span, mark.what)
    return ACK101(mark.span, f"{mark.what}: no call can stand between it and what is written before")


@looks
def written_later(seen: Seen) -> Iterator[Finding]:
    """A job, or what runs at the next boot, that writes kubelet's configuration after every call."""
    told = {gap.mark.span for gap in seen.plan.gaps}
    for mark in {one.span: one for one in _too_late(seen)}.values():
        if mark.span not in told:
            yield ACK110(mark.span, mark.what)


def _too_late(seen: Seen) -> Iterator[Mark]:
    """The writes of what runs later; a script of its own has its call inside."""
    inside = [call.spot.offset for call in seen.plan.calls if call.kept]
    for mark in seen.marks:
        other = mark.kind is not Kind.WRITE or mark.file in ("package", "join-config", "kubelet-config")
        if other or mark.nested is None or not mark.nested.later:
            continue
        body = mark.nested.document.body if mark.nested.document is not None else None
        if body is None or not any(body.start <= one <= body.end for one in inside):
            yield mark


def _written_at(mark: Mark, text: str) -> Span:
    """Where a command stands that has to be changed: in the one place where its text is written, if another one runs
    it.
    """
    inner = mark.nested.rendered.text.strip() if mark.nested is not None else ""
    if not inner or "\n" in inner or text.count(inner) != 1:
        return mark.span
    start = text.index(inner)
    return Span(start, start + len(inner))


@looks
def mended(seen: Seen) -> Iterator[Finding]:
    """What the plan mends."""
    boot, plan = seen.boot, seen.plan
    unplaced = {one.mark for one in plan.gaps}
    found = [
        ACK101(mark.span, mark.what, fixable=True)
        for mark in boot.marks
        if mark.kind in STARTS and plan.cover_of(mark) in (Cover.CALL, Cover.WORDS) and mark not in unplaced
    ]
    found += [ACK102(mark.span, mark.what, fixable=True) for mark in plan.named]
    yield from found
    if boot.marks and not plan.is_empty and not found:
        writes = [mark for mark in boot.marks if mark.kind is Kind.WRITE and mark.file != "package"]
        alive = [mark for mark in boot.marks if mark.kind in STARTS or mark.kind is Kind.ENABLE]
        last = (writes or alive or list(boot.marks))[-1]
        at = next((mark for mark in writes if plan.cover_of(mark) is Cover.TEXT), last)
        if at in unplaced or any(True for _ in _too_late(seen)):
            return  # its gap is told
        later = " (kubelet starts with the next boot)" if at.kind is Kind.ENABLE else ""
        yield ACK103(at.span, f"{at.what}{later}", fixable=True)


@looks
def another_program(seen: Seen) -> Iterator[Finding]:
    """A unit of kubelet's that runs something else, and that no later write puts another in the place of."""
    for mark in seen.marks:
        if mark.kind is Kind.WRITE and runs_something_else(mark) and not _overridden(mark, seen.boot):
            yield ACK112(mark.span, "the program in ExecStart= is not kubelet itself")


def _overridden(mark: Mark, boot: Boot) -> bool:
    later = boot.marks[boot.marks.index(mark) + 1 :]
    return any(one.kind is Kind.WRITE and one.file in ("unit", "drop-in") for one in later)


ACK121 = rule(
    "ACK121",
    ERROR,
    "the node name is changed after its value was taken",
    "kubelet and kubeadm get the name as it is at the top of the script, the same one for both.",
    "Change ALIBABA_CLOUD_NODE_NAME at the top of the script, outside of functions.",
)


@looks
def late_names(seen: Seen) -> Iterator[Finding]:
    """A node name that is changed after the call has taken it."""
    return (ACK121(one.span) for one in seen.plan.late)


ACK303 = rule(
    "ACK303",
    NOTE,
    "ignored",
    "A comment in the script asks for it.",
    "Take the comment away to have it covered.",
)


@looks
def left_alone(seen: Seen) -> Iterator[Finding]:
    """What a comment asks to be left alone."""
    return (ACK303(mark.span, mark.what) for mark in seen.boot.marks if mark in seen.ignored)
