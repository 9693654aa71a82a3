"""kubelet ended in a way after which systemd starts it again."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.findings.rule import WARNING, Seen, looks, rule
from ackpatch.model import Finding
from ackpatch.node.mark import STARTS, Kind

ACK233 = rule(
    "ACK233",
    WARNING,
    "kubelet is ended here, and systemd starts it again",
    "A unit with Restart= comes back by itself, with the configuration that is there at that moment.",
    "Write systemctl stop kubelet to end it, or systemctl restart kubelet to start it anew.",
)


@looks
def comes_back(seen: Seen) -> Iterator[Finding]:
    """A kill that neither a stop comes before nor a start of the script's own after."""
    marks = list(seen.marks)
    for number, mark in enumerate(marks):
        if mark.kind is Kind.KILL and mark.nested is None:
            stopped = any(one.kind is Kind.STOP for one in marks[:number])
            started = any(one.kind in STARTS for one in marks[number + 1 :])
            if not (stopped or started):
                yield ACK233(mark.span, mark.what)
