"""Values of the node pool that the script itself replaces or throws away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import ERROR, Seen, looks, rule
from ackpatch.model import Finding
from ackpatch.node.assigned import invents_an_id, replaced_by
from ackpatch.node.flags import VARIABLES
from ackpatch.node.mark import STARTS, Kind
from ackpatch.shell.plain import everything, parts_of
from ackpatch.shell.tree import Function, Literal, Parameter, Script, SingleQuoted, Statement, Word, ancestors

ACK122 = rule(
    "ACK122",
    ERROR,
    "the script makes a provider ID of its own",
    "A run outside of a node pool would register with it, and the ID of a registered node can never be changed.",
    "Leave ALIBABA_CLOUD_PROVIDER_ID to the node pool.",
)
ACK123 = rule(
    "ACK123",
    ERROR,
    "a value of the node pool is thrown away before kubelet starts",
    "The script's own value counts from there on, and what the pool gave reaches no kubelet.",
    'Add to the value (NAME="$NAME,rack=r1"), give a default (NAME=${NAME:-…}), or move it after the last start.',
)


@looks
def invented_ids(seen: Seen) -> Iterator[Finding]:
    """A provider ID of the script's own."""
    for mark in seen.marks:
        if mark.kind is Kind.ASSIGN and invents_an_id(mark.step.script.source(mark.step.statement.span)):
            yield ACK122(mark.span)


@looks
def thrown_away(seen: Seen) -> Iterator[Finding]:
    """One of the four that is unset, emptied, or given a value that does not come from the pool's."""
    script = seen.boot.script
    if not any(one in script.text for one in VARIABLES):
        return
    last = max((mark.place.span.start for mark in seen.marks if mark.kind in STARTS), default=-1)
    for statement in everything(script.statements):
        whole = _outermost(statement)
        if whole.span.start > last and whole.parent is None:
            continue
        for name, value in replaced_by(statement):
            own = script.source(statement.span)
            asked = script.source(whole.span).count(name) > (own.count(name) if value else 1)
            if not (asked or invents_an_id(own) or _from_the_pool(value, script)):
                yield ACK123(statement.span, name)


def _outermost(statement: Statement) -> Statement:
    """The command of a text or of a function's body that a statement is part of."""
    for one in ancestors(statement):
        if isinstance(one.command, Function):
            break
        statement = one
    return statement


def _from_the_pool(value: Word | None, script: Script) -> bool:
    """Say whether a value can come from the pool's: it names what is not known, or what is made of one of the four."""
    for part in parts_of(value.parts if value else ()):
        if isinstance(part, Parameter):
            own = re.findall(rf"\b{re.escape(part.name)}=([^\n]*)", script.text) if part.name.isidentifier() else []
            if part.name in VARIABLES or not own or any("ALIBABA_CLOUD_" in one for one in own):
                return True
        elif not isinstance(part, Literal | SingleQuoted) and getattr(part, "parts", None) is None:
            return True
    return False
