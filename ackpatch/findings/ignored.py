"""Comments that ask ackpatch to leave a finding alone, by a code that none has."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.findings.rule import KNOWN, WARNING, Seen, looks, rule
from ackpatch.model import Finding

ACK234 = rule(
    "ACK234",
    WARNING,
    "a comment ignores a finding that does not exist",
    "It ignores nothing: what it was meant for is reported as before.",
    "Write the code as the finding has it; ackpatch explain lists them all.",
)


@looks
def unknown_codes(seen: Seen) -> Iterator[Finding]:
    """``# ackpatch: ignore[ACK999]``."""
    for span, code in seen.codes:
        if code not in KNOWN:
            yield ACK234(span, code)
