"""A script of a node pool runs alone: no input, no arguments, a log that others may read, and on a new machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings import finding
from ackpatch.join_token import TOKEN
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.shell.nested import basename, skip_prefixes
from ackpatch.shell.plain import all_parts, everything, plain_words, simple_commands
from ackpatch.shell.tree import Compound, Parameter, Simple, Statement, ancestors, within_function

_TRACE_ON = re.compile(r"-[a-zA-Z]*x[a-zA-Z]*$")
_TRACE_OFF = re.compile(r"\+[a-zA-Z]*x[a-zA-Z]*$")
_SHEBANG_TRACE = re.compile(r"#!.*\s-[a-zA-Z]*x")
_CERTIFICATES = re.compile(r"/var/lib/kubelet/pki(/|$)")
# Texts without a match are not looked at more closely.
_READ = re.compile(r"\bread\b")
_ARGUMENT = re.compile(r"\$\{?[1-9]")
_TRACES = re.compile(r"\bset\b[^\n]*x|^#![^\n]*-[a-z]*x")
_BRINGS = frozenset({"cp", "mv", "tar", "rsync", "scp", "ln", "install", "unzip", "curl", "wget", "tee"})


def reads_input(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """``read`` and ``select`` from a terminal that is not there."""
    if not _READ.search(boot.script.text):
        return
    for statement, _, words in simple_commands(boot.script.statements):
        first = skip_prefixes(words)
        if words[first : first + 1] != ["read"] or any(word.startswith("-u") for word in words):
            continue
        # In a function its caller may feed it; a prompt says that a person is asked.
        prompts = any(re.fullmatch(r"-[a-zA-Z]*p.*", word) for word in words[first + 1 :])
        if not _is_fed(statement) and (prompts or not within_function(statement)):
            yield finding("ACK225", statement.span)
            return


def _is_fed(statement: Statement) -> bool:
    """Say whether a redirection or a pipe around a command gives it input."""
    for one in ancestors(statement):
        if any(redirection.operator.startswith("<") for redirection in one.redirections):
            return True
        pipe = one.parent.command if one.role == "pipe" and one.parent is not None else None
        if isinstance(pipe, Compound) and any(one is last for last in pipe.bodies[-1]):
            return True
    return False


def reads_arguments(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """``$1`` and the like outside of functions, with no default: the script gets no arguments."""
    if not _ARGUMENT.search(boot.script.text):
        return
    for statement in everything(boot.script.statements, functions=False):
        command = statement.command
        if isinstance(command, Simple) and plain_words(command)[:2] == ["set", "--"]:
            return
        if _counts_arguments(statement, boot):
            continue
        for part in all_parts(statement):
            if isinstance(part, Parameter) and part.plain and part.name.isdigit() and part.name != "0":
                yield finding("ACK226", part.span, f"${part.name}")
                return


def _counts_arguments(statement: Statement, boot: Boot) -> bool:
    """Say whether a loop or branch around a statement asks first whether there are arguments."""
    for one in ancestors(statement):
        if isinstance(one.command, Compound) and one.command.conditions:
            asked = "".join(boot.script.source(s.span) for condition in one.command.conditions for s in condition)
            if "$#" in asked or re.search(r"\$\{?[1-9]", asked):
                return True
        if one.role in ("and", "or") and one.parent is not None and "$#" in boot.script.source(one.parent.span):
            return True
    return False


def literal_token(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """A join token in the text; only its public half is told."""
    match = TOKEN.search(boot.script.text)
    if match is not None:
        yield finding("ACK227", Span(match.start(), match.end()), f"{match[0][:6]}.…")


def traced_token(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """``set -x`` while a join with its token runs: the token goes into the log."""
    if not _TRACES.search(boot.script.text):
        return
    on: Span | None = Span(0, 2) if _SHEBANG_TRACE.match(boot.script.text) else None
    for statement, _, words in simple_commands(boot.script.statements):
        if words[:1] == ["set"]:
            if any(_TRACE_ON.match(word) for word in words[1:]) or "-o xtrace" in " ".join(words):
                on = statement.span
            elif any(_TRACE_OFF.match(word) for word in words[1:]) or "+o xtrace" in " ".join(words):
                on = None
        elif on is not None and ("--token" in " ".join(words) or TOKEN.search(boot.script.source(statement.span))):
            yield finding("ACK228", on)
            return


def foreign_certificate(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """Something is put into kubelet's folder of certificates: the node would come up as another one."""
    if "/var/lib/kubelet/pki" not in boot.script.text:
        return
    for statement, _, words in simple_commands(boot.script.statements):
        first = skip_prefixes(words)
        targets = [words[-1]] if words else []
        if words[first : first + 1] and basename(words[first]) in ("tar", "unzip", "curl", "wget", "tee"):
            targets = words[first + 1 :]
        brings = first < len(words) and basename(words[first]) in _BRINGS and not _packs(words[first:])
        redirected = [r.word for r in statement.redirections if r.operator.startswith(">")]
        written = any(_CERTIFICATES.search(boot.script.source(word.span)) for word in redirected)
        if written or (brings and any(_CERTIFICATES.search(word) for word in targets)):
            yield finding("ACK229", statement.span)
            return


def _packs(words: list[str]) -> bool:
    return basename(words[0]) == "tar" and any(re.fullmatch(r"-?[a-zA-Z]*c[a-zA-Z]*|--create", w) for w in words[1:2])
