"""The four variables used by hand where they do not arrive, or where an unset one ends the script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import WARNING, Seen, looks, rule
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.node.flags import VARIABLES
from ackpatch.node.handmade import VARIABLE, WRONG_NAME
from ackpatch.shell.plain import all_parts, everything, plain_words, simple_commands
from ackpatch.shell.programs import REMOTE, SHELLS, basename, drops_environment, skip_prefixes
from ackpatch.shell.tree import Parameter, Simple, SingleQuoted, Statement

_VARIABLE = re.compile(r"\$\{?(?:" + "|".join(VARIABLES) + r")\b")
_NOUNSET = re.compile(r"-[a-zA-Z]*u[a-zA-Z]*$")
_NOUNSET_OFF = re.compile(r"\+[a-zA-Z]*u[a-zA-Z]*$")
_NODE_IP = re.compile(r"--node-ip[= ]\"?\$\{?ALIBABA_CLOUD_NODE_NAME\b")
_SHEBANG = re.compile(r"#!.*\s-[a-zA-Z]*u")


ACK223 = rule(
    "ACK223",
    WARNING,
    "an injected variable is used where it does not arrive",
    "sudo, su -, env -i and ssh drop the environment, and the quotes keep this shell from filling the value in.",
    "Use sudo -E, or leave the variable to ackpatch apply.",
)


@looks
def lost_on_the_way(seen: Seen) -> Iterator[Finding]:
    """A text that runs under ``sudo``, ``env -i``, ``su -`` or on another machine, and uses a variable that this shell
    does not fill in.
    """
    boot = seen.boot
    if not _VARIABLE.search(boot.script.text):
        return
    for statement, _, words in simple_commands(boot.script.statements):
        handed = {word.partition("=")[0] for word in _as_written(statement, boot) if "=" in word}
        if _runs_without_them(words) and not handed & set(VARIABLES):
            for span in _left_as_text(statement):
                match = _VARIABLE.search(boot.script.text, span.start, span.end)
                if match is not None:
                    yield ACK223(Span(match.start(), match.end()), match[0])
                    break


def _runs_without_them(words: list[str]) -> bool:
    first = skip_prefixes(words)
    names = {basename(word) for word in words[first:]}
    remote = first < len(words) and basename(words[first]) in REMOTE
    return remote or (drops_environment(words) and bool(names & (SHELLS | {"su"})))


def _as_written(statement: Statement, boot: Boot) -> list[str]:
    """The words of a simple command with all that stands in them."""
    assert isinstance(statement.command, Simple)
    return [boot.script.source(word.span) for word in statement.command.words]


def _left_as_text(statement: Statement) -> Iterator[Span]:
    for part in all_parts(statement):
        if isinstance(part, SingleQuoted):
            yield part.span
    for redirection in statement.redirections:
        if redirection.document is not None and redirection.document.quoted:
            yield redirection.document.body


ACK224 = rule(
    "ACK224",
    WARNING,
    "an injected variable is used without a default under set -u",
    "A run without that variable ends here; empty taints are normal, and a run by hand has none of the four.",
    "Write ${NAME:-}, or leave the variable to ackpatch apply.",
)


@looks
def bare_under_nounset(seen: Seen) -> Iterator[Finding]:
    """``set -u`` and a variable without a default: a run on a machine that has none of them ends there."""
    boot = seen.boot
    replaced = seen.replaced
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
                yield ACK224(part.span, part.name)


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


ACK207 = rule(
    "ACK207",
    WARNING,
    "an injected variable is used without a check",
    "A value with a newline, a quote or a semicolon changes the unit or runs as root.",
    "Let ackpatch check the values.",
)
ACK208 = rule(
    "ACK208",
    WARNING,
    "ALIBABA_CLOUD_PROVIDE_ID is not a variable that is injected",
    "Old documents lack the R: the provider ID stays empty.",
    "Write ALIBABA_CLOUD_PROVIDER_ID.",
)
ACK209 = rule(
    "ACK209",
    WARNING,
    "--node-ip is set to the node name",
    "A node name is no IP address: kubelet ignores it, and loses a good --node-ip before it.",
    "Run ackpatch apply; a call then gives the address that is in the name.",
)
_USES = ((VARIABLE, ACK207), (WRONG_NAME, ACK208), (_NODE_IP, ACK209))


@looks
def used_by_hand(seen: Seen) -> Iterator[Finding]:
    """The first use of an injected variable by hand, a wrong name of it, the name as an address."""
    text = seen.boot.script.text
    passed = (*seen.replaced, *seen.boot.script.comments)
    for pattern, told in _USES:
        for match in pattern.finditer(text):
            span = Span(match.start(), match.end())
            if not any(one.contains(span) for one in passed):
                yield told(span, match[0] if told is ACK207 else "")
                break
