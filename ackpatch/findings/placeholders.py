"""Texts that stand for a value in a manual, and were left as they are: ``<KUBE_VERSION>``, ``YOUR_TOKEN``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import WARNING, Seen, looks, rule
from ackpatch.model import Finding, Span
from ackpatch.shell.plain import everything, parts_of
from ackpatch.shell.programs import program
from ackpatch.shell.tree import Declaration, Literal, Simple, SingleQuoted, Statement, Word

_LEFT_IN = re.compile(r"(?<![<\w])<[A-Za-z][\w.-]*>|(?<!\$)\{[A-Z][A-Z0-9]*_[A-Z0-9_]+\}|\bYOUR[-_][A-Z][A-Z_-]+\b")
# One of small letters may be a text for people, where no program is given it.
_LARGE = re.compile(r"[^a-z]+")
# What programs print for a value that is not there.
_PRINTED = frozenset({"<none>", "<unknown>", "<nil>", "<unset>", "<null>", "<invalid>", "<pending>", "<error>"})
# Programs to which such a text is a value, never a text for people or a pattern.
_TAKES_VALUES = frozenset(
    "kubeadm kubelet k3s rke2 k0s yum dnf apt apt-get zypper apk curl wget systemctl hostnamectl".split()
)

ACK235 = rule(
    "ACK235",
    WARNING,
    "a placeholder was left in",
    "It is used as it stands, and is no value that the program can take.",
    "Put the value of your cluster in its place.",
)


@looks
def placeholders(seen: Seen) -> Iterator[Finding]:
    """Placeholders in values that the script sets, and in the words of programs that take values."""
    script = seen.boot.script
    if not _LEFT_IN.search(script.text):
        return
    for statement in everything(script.statements):
        for word, given in _values(statement, script.text):
            for part in parts_of(word.parts):
                if isinstance(part, Literal | SingleQuoted) and not any(one.isspace() for one in part.text):
                    for found in _LEFT_IN.finditer(part.text):
                        if found[0].lower() not in _PRINTED and (given or _LARGE.fullmatch(found[0])):
                            start = part.span.start + script.text[part.span.start : part.span.end].find(found[0])
                            yield ACK235(Span(start, start + len(found[0])), found[0])


def _values(statement: Statement, text: str) -> Iterator[tuple[Word, bool]]:
    """The values in a statement, and whether a program is given them."""
    command = statement.command
    if isinstance(command, Simple | Declaration):
        yield from ((one.value, False) for one in command.assignments if one.value is not None)
    if isinstance(command, Simple):
        words = [text[word.span.start : word.span.end] for word in command.words]
        first, name = program(words)
        if name in _TAKES_VALUES:
            yield from ((word, True) for word in command.words[first + 1 :])
