"""Every finding: each module here defines rules and looks for them; ``docs/findings.md`` is made from these."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module

from ackpatch.errors import UsageError
from ackpatch.findings.rule import APPLY, BY_HAND, KNOWN, LOOKS, Rule, Seen
from ackpatch.model import Finding, Span

__all__ = ["APPLY", "BY_HAND", "RULES", "Rule", "Seen", "codes", "finding", "findings_of"]

for _name in sorted(os.listdir(os.path.dirname(__file__))):
    if _name.endswith(".py") and not _name.startswith("_"):
        import_module(f"{__name__}.{_name.removesuffix('.py')}")
RULES: dict[str, Rule] = dict(sorted(KNOWN.items()))


def codes(given: Iterable[str]) -> tuple[str, ...]:
    """Codes, or the beginnings of some, in capitals; raises UsageError for one that fits no finding."""
    alone = given is None or isinstance(given, str | bytes)
    several = [] if alone else list(given)
    if alone or not all(isinstance(one, str) for one in several):
        raise UsageError(f'codes have to be a list of texts, such as ["ACK1", "ACK202"], not {given!r}')
    found = []
    for one in several:
        code = one.strip().upper()
        if code and not any(known.startswith(code) for known in RULES):
            from difflib import get_close_matches

            close = get_close_matches(code, RULES, 1)
            raise UsageError(f"there is no finding {one}" + (f"; do you mean {close[0]}?" if close else ""))
        found += [code] if code else []
    return tuple(found)


def finding(code: str, span: Span, detail: str = "", fixable: bool = False) -> Finding:
    """Make a finding; ``detail`` says what is special here."""
    return RULES[code](span, detail, fixable)


def findings_of(seen: Seen) -> list[Finding]:
    """All findings of a script, each once, in the order of their places."""
    unique = {(one.code, one.span, one.message): one for look in LOOKS for one in look(seen)}
    return sorted(unique.values(), key=lambda one: (one.span, one.code))
