"""Runs of the script itself to which the four variables do not come."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.findings.rule import ERROR, NOTE, Seen, looks, rule
from ackpatch.model import Finding
from ackpatch.node.mark import STARTS, Kind

ACK126 = rule(
    "ACK126",
    ERROR,
    "the script runs itself where the four variables are not",
    "A run without them leaves kubelet as it was: what it starts there is bare.",
    "Start kubelet in the first run, or hand the four variables on.",
)
ACK308 = rule(
    "ACK308",
    NOTE,
    "the script runs itself by sudo, which takes the four variables away",
    "An instance runs it as root, where such a command is mostly not reached; else kubelet would start bare.",
    "Write sudo -E.",
)


@looks
def runs_itself(seen: Seen) -> Iterator[Finding]:
    """``$0`` by sudo, env -i, systemd-run, at or cron, in a script that starts kubelet."""
    starts = any(mark.kind in STARTS for mark in seen.marks)
    for mark in seen.marks if starts else ():
        if mark.kind is Kind.AGAIN:
            yield (ACK308 if "sudo" in mark.what.split() else ACK126)(mark.span, mark.what)
