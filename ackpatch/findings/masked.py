"""A unit that was made impossible to start."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.findings.rule import WARNING, Seen, looks, rule
from ackpatch.model import Finding
from ackpatch.node.words import is_kubelet_unit
from ackpatch.shell.plain import simple_commands
from ackpatch.shell.programs import basename
from ackpatch.shell.tree import Statement

ACK232 = rule(
    "ACK232",
    WARNING,
    "kubelet's unit is masked",
    "systemd refuses to start a masked unit, also at the next boot.",
    "Write systemctl unmask kubelet before the start.",
)


@looks
def stays_masked(seen: Seen) -> Iterator[Finding]:
    """``systemctl mask kubelet`` that no ``unmask`` takes back."""
    if "mask" not in seen.boot.script.text:
        return
    masked: Statement | None = None
    for statement, _, words in simple_commands(seen.boot.script.statements):
        verbs = {"mask", "unmask"} & set(words)
        if verbs and any(basename(one) == "systemctl" for one in words) and any(map(is_kubelet_unit, words)):
            masked = statement if "mask" in verbs else None
    if masked is not None:
        yield ACK232(masked.span)
