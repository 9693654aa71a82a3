"""What the script does to its own shell, or to the four variables as a whole, so that a call cannot work after it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import ERROR, Seen, looks, rule
from ackpatch.model import Finding
from ackpatch.shell.plain import simple_commands

_ALL_FUNCTIONS = re.compile(r"\bcompgen\b[^\n]*\bfunction\b|\bdeclare[ \t]+-F\b|\btypeset[ \t]+-F\b")
_KEYWORDS = re.compile(r"-[a-z]*k[a-z]*")
_ALL_VARIABLES = re.compile(r"unset\b.*\$\{!ALI\w*[@*]\}")

ACK125 = rule(
    "ACK125",
    ERROR,
    "after this command no call can work",
    "It takes away the functions of the script or the variables of the node pool, or changes how words are read.",
    "Leave it out, or name what is to be unset.",
)


@looks
def breaks_the_call(seen: Seen) -> Iterator[Finding]:
    """``unset -f`` of all functions, ``unset`` of all variables of a name, ``set -k``."""
    script = seen.boot.script
    if not seen.plan.calls or not re.search(r"\bunset\b|\bset[ \t]+-", script.text):
        return
    for statement, _, words in simple_commands(script.statements):
        source = script.source(statement.span)
        unsets = words[:2] == ["unset", "-f"] and "" in words[2:] and _ALL_FUNCTIONS.search(script.text) is not None
        keywords = words[:1] == ["set"] and any(map(_KEYWORDS.fullmatch, words[1:2]))
        if unsets or keywords or words[1:3] == ["-o", "keyword"] or _ALL_VARIABLES.match(source):
            yield ACK125(statement.span, source[:60])
