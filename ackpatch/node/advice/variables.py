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
_NOUNSET_OFF = re.compile(r"\+[a-zA-Z]*u[a-zA-Z]*$")
_SHEBANG = re.compile(r"#!.*\s-[a-zA-Z]*u")


def lost_on_the_way(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """A text that runs under ``sudo``, ``env -i``, ``su -`` or on another machine, and uses a variable that this shell
    does not fill in.
    """
    if not _VARIABLE.search(boot.script.text):
        return
    for statement, _, words in simple_commands(boot.script.statements):
        handed = {word.partition("=")[0] for word in _as_written(statement, boot) if "=" in word}
        if _runs_without_them(words) and not handed & set(VARIABLES):
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


def _as_written(statement: Statement, boot: Boot) -> list[str]:
    """Give the words of a simple command with all that stands in them."""
    assert isinstance(statement.command, Simple)
    return [boot.script.source(word.span) for word in statement.command.words]


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
    assigned: set[str] = set()
    for statement in everything(boot.script.statements):
        command = statement.command
        if isinstance(command, Simple):
            words = plain_words(command)
            if words[:1] == ["set"]:
                active = _after_set(words[1:], active)
            assigned |= {one.name for one in command.assignments}
        for part in all_parts(statement):
            bare = isinstance(part, Parameter) and part.name in VARIABLES and part.plain and part.name not in assigned
            if not bare or not active or any(span.contains(part.span) for span in replaced):
                continue
            assert isinstance(part, Parameter)
            # Told once for each variable, and not where the script has asked for it before.
            assigned.add(part.name)
            if not _asked_for(part.name, boot.script.text[: part.span.start]):
                yield finding("ACK224", part.span, part.name)


def _after_set(words: list[str], active: bool) -> bool:
    """Say whether unset variables end the script after a ``set``."""
    for word, before in zip(words, ["", *words], strict=False):
        if _NOUNSET.match(word) or (word == "nounset" and before == "-o"):
            active = True
        elif _NOUNSET_OFF.match(word) or (word == "nounset" and before == "+o"):
            active = False
    return active


def _asked_for(name: str, text: str) -> bool:
    """Say whether a text tests a variable: ``-v NAME``, or ``${NAME:-}`` and the like in a test."""
    return re.search(rf"-v[ \t]+{name}\b|(?:\[|\btest[ \t])[^\n]*\$\{{{name}:?[-+]", text) is not None
