"""Every finding: code, severity, reason and remedy, a file for a family; ``docs/findings.md`` is made from these."""

from __future__ import annotations

from collections.abc import Iterable

from ackpatch.errors import UsageError
from ackpatch.findings import advice, notes, refused, uncovered
from ackpatch.findings.rule import APPLY, BY_HAND, Rule
from ackpatch.model import Finding, Span

__all__ = ["APPLY", "BY_HAND", "RULES", "Rule", "codes", "finding"]

RULES: dict[str, Rule] = {**uncovered.RULES, **advice.RULES, **notes.RULES, **refused.RULES}


def codes(given: Iterable[str]) -> tuple[str, ...]:
    """Give codes, or the beginnings of some, in capitals; raises UsageError for one that fits no finding."""
    found = []
    for one in given:
        code = one.strip().upper()
        if code and not any(known.startswith(code) for known in RULES):
            from difflib import get_close_matches

            close = get_close_matches(code, RULES, 1)
            raise UsageError(f"there is no finding {one}" + (f"; do you mean {close[0]}?" if close else ""))
        found += [code] if code else []
    return tuple(found)


def finding(code: str, span: Span, detail: str = "", fixable: bool = False) -> Finding:
    """Make a finding; ``detail`` says what is special here."""
    rule = RULES[code]
    message = f"{rule.title}: {detail}" if detail else rule.title
    by_hand = not fixable and rule.remedy == APPLY
    return Finding(code, rule.severity, span, message, BY_HAND if by_hand else rule.remedy, fixable)
