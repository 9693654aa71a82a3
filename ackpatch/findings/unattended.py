"""A script of a node pool runs alone: no input, no arguments, a log that others may read, and on a new machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import WARNING, Seen, looks, rule
from ackpatch.join_token import TOKEN, secrets_in
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.shell.plain import all_parts, everything, plain_words, simple_commands
from ackpatch.shell.programs import basename, skip_prefixes
from ackpatch.shell.tree import Compound, Parameter, Simple, Statement, ancestors, within_function

_TRACE_ON = re.compile(r"-[a-zA-Z]*x[a-zA-Z]*$")
_TRACE_OFF = re.compile(r"\+[a-zA-Z]*x[a-zA-Z]*$")
_SHEBANG_TRACE = re.compile(r"#!.*\s-[a-zA-Z]*x")
_CERTIFICATES = re.compile(r"/var/lib/kubelet/pki(/|$)")
# Texts without a match are not looked at more closely.
_READ = re.compile(r"\bread\b")
_ASKED = re.compile(r"\$(?:#|\{?[1-9])")
_ARGUMENT = re.compile(r"\$\{?[1-9]")
_TRACES = re.compile(r"\bset\b[^\n]*x|^#![^\n]*-[a-z]*x|\bshopt\b[^\n]*xtrace")
_BRINGS = frozenset({"cp", "mv", "tar", "rsync", "scp", "ln", "install", "unzip", "curl", "wget", "tee"})


ACK225 = rule(
    "ACK225",
    WARNING,
    "the script asks for input",
    "On a new instance nobody answers: read fails, or takes the next line of the script.",
    "Take the value from a variable or a file.",
)


@looks
def reads_input(seen: Seen) -> Iterator[Finding]:
    """``read`` from a terminal that is not there."""
    boot = seen.boot
    if not _READ.search(boot.script.text):
        return
    for statement, _, words in simple_commands(boot.script.statements):
        first = skip_prefixes(words)
        if words[:1] == ["exec"] and any(one.operator.startswith("<") for one in statement.redirections):
            return  # from here on input comes from there
        if words[first : first + 1] != ["read"] or any(word.startswith("-u") for word in words):
            continue
        # In a function its caller may feed it; a prompt says that a person is asked.
        prompts = any(re.fullmatch(r"-[a-zA-Z]*p.*", word) for word in words[first + 1 :])
        if not _is_fed(statement) and (prompts or not within_function(statement)):
            yield ACK225(statement.span)


def _is_fed(statement: Statement) -> bool:
    """Say whether a redirection or a pipe around a command gives it input."""
    for one in ancestors(statement):
        if any(redirection.operator.startswith("<") for redirection in one.redirections):
            return True
        pipe = one.parent.command if one.role == "pipe" and one.parent is not None else None
        if isinstance(pipe, Compound) and any(one is last for last in pipe.bodies[-1]):
            return True
    return False


ACK226 = rule(
    "ACK226",
    WARNING,
    "the script takes a positional argument",
    "A node pool runs it without arguments: the value is empty, and under set -u the script ends.",
    "Write a default, as in ${1:-value}.",
)


@looks
def reads_arguments(seen: Seen) -> Iterator[Finding]:
    """``$1`` and the like outside of functions, with no default: the script gets no arguments."""
    boot = seen.boot
    if not _ARGUMENT.search(boot.script.text):
        return
    for statement in everything(boot.script.statements, functions=False):
        command = statement.command
        words = plain_words(command) if isinstance(command, Simple) else []
        if words[:1] == ["set"] and any(not word.startswith(("-", "+")) or word == "--" for word in words[1:]):
            return  # the script gives itself arguments
        if words[:1] in (["["], ["test"]) or _counts_arguments(statement, boot):
            continue
        for part in all_parts(statement):
            needed = isinstance(part, Parameter) and (part.plain or part.operator in ("?", ":?"))
            if needed and isinstance(part, Parameter) and part.name.isdigit() and part.name != "0":
                yield ACK226(part.span, f"${part.name}")
                break


def _counts_arguments(statement: Statement, boot: Boot) -> bool:
    """Say whether a loop or branch around a statement asks first whether there are arguments."""
    for one in ancestors(statement):
        if isinstance(one.command, Compound) and one.command.conditions:
            asked = "".join(boot.script.source(s.span) for condition in one.command.conditions for s in condition)
            if _ASKED.search(asked):
                return True
        chain = one.parent.command if one.role in ("and", "or") and one.parent is not None else None
        first = chain.bodies[0][0] if isinstance(chain, Compound) else one
        if first is not one and _ASKED.search(boot.script.source(first.span)):
            return True
    return False


ACK227 = rule(
    "ACK227",
    WARNING,
    "a join token stands in the script",
    "Whoever reads the script can join any machine under any name; a token without an end never expires.",
    "Keep the script where only the nodes can read it, and give the token an end that you renew.",
)


@looks
def literal_token(seen: Seen) -> Iterator[Finding]:
    """A join token in the text; only its public half is told."""
    boot = seen.boot
    told: set[str] = set()
    for start, end, shown in secrets_in(boot.script.text):
        if boot.script.text[start:end] not in told:
            told.add(boot.script.text[start:end])
            yield ACK227(Span(start, end), shown)


ACK228 = rule(
    "ACK228",
    WARNING,
    "the join token goes into the log",
    "set -x writes each command with its words; the output of a bootstrap script is kept on the instance.",
    "Write set +x before the join.",
)


@looks
def traced_token(seen: Seen) -> Iterator[Finding]:
    """``set -x`` while a join with its token runs: the token goes into the log."""
    boot = seen.boot
    if not _TRACES.search(boot.script.text):
        return
    on: Span | None = Span(0, 2) if _SHEBANG_TRACE.match(boot.script.text) else None
    for statement, _, words in simple_commands(boot.script.statements):
        if words[:1] == ["shopt"] and {"-s", "xtrace"} <= set(words):
            on = statement.span
        elif words[:1] == ["set"] and (statement.role in ("and", "or") or _is_chosen(statement)):
            continue  # only when somebody asks for it
        elif words[:1] == ["set"]:
            if any(_TRACE_ON.match(word) for word in words[1:]) or "-o xtrace" in " ".join(words):
                on = statement.span
            elif any(_TRACE_OFF.match(word) for word in words[1:]) or "+o xtrace" in " ".join(words):
                on = None
        elif on is not None and ("--token" in " ".join(words) or TOKEN.search(boot.script.source(statement.span))):
            yield ACK228(on)
            return


def _is_chosen(statement: Statement) -> bool:
    """Say whether a statement stands in an arm of a branch."""
    return any(isinstance(one.command, Compound) and one.command.kind in ("if", "case") for one in ancestors(statement))


ACK229 = rule(
    "ACK229",
    WARNING,
    "kubelet's certificates are brought from elsewhere",
    "With another node's certificate in /var/lib/kubelet/pki kubelet comes up as that node, or not at all.",
    "Let each node make its own: remove /var/lib/kubelet/pki before the join, and from images.",
)


@looks
def foreign_certificate(seen: Seen) -> Iterator[Finding]:
    """Something is put into kubelet's folder of certificates: the node would come up as another one."""
    boot = seen.boot
    if "/var/lib/kubelet/pki" not in boot.script.text:
        return
    for statement, _, words in simple_commands(boot.script.statements):
        first = skip_prefixes(words)
        targets = [words[-1]] if words else []
        program = basename(words[first]) if first < len(words) else ""
        if program in ("tar", "unzip", "curl", "wget", "tee") or "-t" in words:
            targets = words[first + 1 :]
        if program == "install" and "-d" in words:
            continue  # only makes the folder
        brings = first < len(words) and basename(words[first]) in _BRINGS and not _packs(words[first:])
        redirected = [r.word for r in statement.redirections if r.operator.startswith(">")]
        written = any(_CERTIFICATES.search(boot.script.source(word.span)) for word in redirected)
        if written or (brings and any(_CERTIFICATES.search(word) for word in targets)):
            yield ACK229(statement.span)


def _packs(words: list[str]) -> bool:
    return basename(words[0]) == "tar" and any(re.fullmatch(r"-?[a-zA-Z]*c[a-zA-Z]*|--create", w) for w in words[1:2])
