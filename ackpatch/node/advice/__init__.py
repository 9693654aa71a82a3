"""Advice: what is wrong or fragile in a script besides a start without the four values. One module for one subject.

Each rule is a function from what was understood of a script to findings; a new one is one new row in ``RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ackpatch.model import Finding, Span
from ackpatch.node.advice import order, other_names, own_flags, unattended, units, variables
from ackpatch.node.boot import Boot

# ``Span``s are older injections between marks of their own: they are not in what was understood.
Rule = Callable[[Boot, list[Span]], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    order.injection_too_late,
    order.written_again,
    order.no_reload,
    order.started_already,
    own_flags.own_node_name,
    own_flags.own_identity,
    other_names.other_node_name,
    units.quoted_document,
    units.comment_in_command_line,
    units.reset_command_line,
    units.other_family,
    units.environment_loses,
    variables.lost_on_the_way,
    variables.bare_under_nounset,
    unattended.reads_input,
    unattended.reads_arguments,
    unattended.literal_token,
    unattended.traced_token,
    unattended.foreign_certificate,
)


def advice(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """Give the findings of all rules; ``replaced`` are older injections that the script has between their own marks."""
    for rule in RULES:
        yield from rule(boot, replaced)
