"""Rules: what is always true of a finding with one code, and the functions that look for findings.

A rule is defined where it is looked for: a new file in this folder registers itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ackpatch.model import Finding, Severity, Span
from ackpatch.node.boot import Boot
from ackpatch.node.mark import Mark
from ackpatch.options import Options
from ackpatch.splice.ground import Plan

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
APPLY = "Run ackpatch apply."
# Where apply finds no place by itself.
BY_HAND = (
    "Put the comment '# ackpatch: here' on a line of its own, after what writes kubelet's configuration and before "
    "what starts it, or move the two apart; then run ackpatch apply."
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is always true of a finding with one code; called, it makes one."""

    code: str
    severity: Severity
    title: str
    why: str
    remedy: str

    def __call__(self, span: Span, detail: str = "", fixable: bool = False) -> Finding:
        """Make a finding; ``detail`` says what is special here."""
        message = f"{self.title}: {detail}" if detail else self.title
        by_hand = not fixable and self.remedy == APPLY
        return Finding(self.code, self.severity, span, message, BY_HAND if by_hand else self.remedy, fixable)


@dataclass(frozen=True, slots=True)
class Seen:
    """What rules look at: what was understood of a script, the plan for it, the marks that are left alone.

    ``codes``: those that the script's comments name, each with its comment.
    """

    boot: Boot
    plan: Plan
    ignored: frozenset[Mark]
    options: Options
    codes: tuple[tuple[Span, str], ...] = ()

    @property
    def replaced(self) -> list[Span]:
        """The lines of injections by hand that are set aside."""
        return [one.lines for one in self.plan.asides]

    @property
    def marks(self) -> Iterator[Mark]:
        """The marks that are not left alone."""
        return (mark for mark in self.boot.marks if mark not in self.ignored)


Look = Callable[[Seen], Iterator[Finding]]
KNOWN: dict[str, Rule] = {}
LOOKS: list[Look] = []


def rule(code: str, severity: Severity, title: str, why: str, remedy: str) -> Rule:
    """Define and register a rule."""
    KNOWN[code] = Rule(code, severity, title, why, remedy)
    return KNOWN[code]


def looks(look: Look) -> Look:
    """Register a function that looks for findings."""
    LOOKS.append(look)
    return look
