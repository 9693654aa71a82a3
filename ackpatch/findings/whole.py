"""The script as a whole: nothing to do, nothing seen, a limit, a template, an injection by hand."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.findings.marks import ACK202
from ackpatch.findings.rule import ERROR, NOTE, WARNING, Seen, looks, rule
from ackpatch.model import Finding, Span
from ackpatch.node.mark import STARTS, Kind
from ackpatch.node.templates import template_part

# What starts nothing and writes nothing of kubelet's.
_IDLE = frozenset(
    {
        Kind.EXIT,
        Kind.REMOTE,
        Kind.REBOOT,
        Kind.RELOAD,
        Kind.STOP,
        Kind.BARRIER,
        Kind.HARMLESS,
        Kind.ASSIGN,
        Kind.SELF_READ,
        Kind.AGAIN,
    }
)


ACK115 = rule(
    "ACK115",
    ERROR,
    "a limit was reached",
    "What comes after it was not looked at, and may start kubelet.",
    "Make the script simpler there, or patch the part that starts kubelet as a script of its own.",
)


@looks
def limits(seen: Seen) -> Iterator[Finding]:
    """A limit of what is followed."""
    return (ACK115(statement.span, limit.value) for limit, statement in seen.boot.walker.limits.items())


@looks
def unreadable_inside(seen: Seen) -> Iterator[Finding]:
    """A text inside the script that the parser refuses."""
    for nested, message in seen.boot.walker.refused:
        yield ACK202(nested.statement.span, f"the inner script cannot be parsed ({message})")


ACK119 = rule(
    "ACK119",
    ERROR,
    "no start of kubelet was seen in a bootstrap script",
    "The script of a node pool has to start kubelet with the four values; what it runs unseen is not known here.",
    "Patch the script that starts kubelet, and register that one.",
)


@looks
def no_start(seen: Seen) -> Iterator[Finding]:
    """A script that is meant to start kubelet, and does not."""
    if seen.options.bootstrap and not any(m.kind in STARTS or m.kind is Kind.ENABLE for m in seen.boot.marks):
        yield ACK119(Span(0, 0))


ACK206 = rule(
    "ACK206",
    WARNING,
    "an older injection of the four values is in the script",
    "The documented block loses or breaks values in common cases, and runs a label as a command in one.",
    "Run ackpatch apply; where the values are set that block then rests.",
)


@looks
def injected_by_hand(seen: Seen) -> Iterator[Finding]:
    """The documented block, in any of its forms."""
    for one in seen.plan.asides:
        yield ACK206(one.span, fixable=not seen.boot.marks)


ACK212 = rule(
    "ACK212",
    ERROR,
    "the script is a template",
    "What renders it would read the spliced text in its own way, and what it renders is not known here.",
    "Render it first, and patch the result.",
)


@looks
def template(seen: Seen) -> Iterator[Finding]:
    """A part of the script that something else renders first."""
    part = template_part(seen.boot)
    if part is not None:
        yield ACK212(part, seen.boot.script.text[part.start : part.end][:40])


ACK301 = rule(
    "ACK301",
    NOTE,
    "the script starts no kubelet and configures none",
    "There is nothing to inject.",
    "Nothing to do; if another script starts kubelet, patch that one.",
)


@looks
def nothing_to_do(seen: Seen) -> Iterator[Finding]:
    """No start and no write of kubelet's."""
    idle = all(mark.kind in _IDLE or mark.file == "package" for mark in seen.boot.marks)
    if idle and seen.plan.is_empty and not (seen.plan.gaps or seen.boot.walker.limits or seen.boot.walker.refused):
        yield ACK301(Span(0, 0))
