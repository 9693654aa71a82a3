"""The four variables used by hand where they do not arrive, or where an unset one ends the script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings import finding
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.node.flags import VARIABLES
from ackpatch.shell.nested import REMOTE, SHELLS, basename, drops_environment, skip_prefixes
from ackpatch.shell.plain import all_parts, everything, plain_words, simple_commands
from ackpatch.shell.tree import Parameter, Simple, SingleQuoted, Statement

_VARIABLE = re.compile(r"\$\{?(?:" + "|".join(VARIABLES) + r")\b")
_NOUNSET = re.compile(r"-[a-zA-Z]*u[a-zA-Z]*$")
_SHEBANG = re.compile(r"#!.*\s-[a-zA-Z]*u")


def lost_on_the_way(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """A text that runs under ``sudo``, ``env -i``, ``su -`` or on another machine, and uses a variable that this shell
    does not fill in.
    """
    if not _VARIABLE.search(boot.script.text):
        return
    for statement, _, words in simple_commands(boot.script.statements):
        if _runs_without_them(words):
            for span in _left_as_text(statement):
                match = _VARIABLE.search(boot.script.text, span.start, span.end)
                if match is not None:
                    yield finding("ACK223", Span(match.start(), match.end()), match[0])
                    break


def _runs_without_them(words: list[str]) -> bool:
    first = skip_prefixes(words)
    names = {basename(word) for word in words[first:]}
    remote = first < len(words) and basename(words[first]) in REMOTE
    return remote or (drops_environment(words) and bool(names & (SHELLS | {"su"})))


def _left_as_text(statement: Statement) -> Iterator[Span]:
    for part in all_parts(statement):
        if isinstance(part, SingleQuoted):
            yield part.span
    for redirection in statement.redirections:
        if redirection.document is not None and redirection.document.quoted:
            yield redirection.document.body


def bare_under_nounset(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """``set -u`` and a variable without a default: a run on a machine that has none of them ends there."""
    if not _VARIABLE.search(boot.script.text):
        return
    active = _SHEBANG.match(boot.script.text) is not None
    guarded: set[str] = set()
    for statement in everything(boot.script.statements):
        command = statement.command
        if isinstance(command, Simple):
            words = plain_words(command)
            if words[:1] == ["set"]:
                active = active or any(_NOUNSET.match(word) for word in words[1:]) or "nounset" in words
            guarded |= {one.name for one in command.assignments}
        for part in all_parts(statement):
            if not isinstance(part, Parameter) or part.name not in VARIABLES or part.name in guarded:
                continue
            if part.plain and active and not any(span.contains(part.span) for span in replaced):
                yield finding("ACK224", part.span, part.name)
            guarded.add(part.name)
