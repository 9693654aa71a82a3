"""What is always true of a finding with one code."""

from __future__ import annotations

from dataclasses import dataclass

from ackpatch.model import Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Rule:
    """What is always true of a finding with one code."""

    severity: Severity
    title: str
    why: str
    remedy: str


APPLY = "Run ackpatch apply."
# Where apply finds no place by itself.
BY_HAND = (
    "Put the comment '# ackpatch: here' on a line of its own, after what writes kubelet's configuration and before "
    "what starts it, or move the two apart; then run ackpatch apply."
)
