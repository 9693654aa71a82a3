"""Is the script a template of one? Words that only a renderer would read, outside quotes or where we act.

Ordinary scripts are full of ``curl -w '%{http_code}'`` and ``docker ps --format '{{.Names}}'``: these never count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ackpatch.model import Span
from ackpatch.node.boot import Boot
from ackpatch.node.mark import STARTS, Kind
from ackpatch.shell.plain import all_parts, everything
from ackpatch.shell.tree import Literal, Parameter, Part, Simple, Statement

_RENDERED = re.compile(r"\{\{-? *[.$\w].*?\}\}|%\{~? *\w[^}]*\}|\$\$\{")
# A comment that says how the file is rendered.
_SAID = re.compile(
    r"\benvsubst\b[^\n]*<[^\n]*\.(?:sh|tpl|tmpl|in|template)\b|"
    r"\b(?:this|script|file|template|user.?data)\b[^\n:(]*\brendered by\b|^#+ *rendered by\b",
    re.IGNORECASE,
)
_DOUBLED = re.compile(r"\$\$\{\w")
_FORMATS = re.compile(
    r"(?:-[fowt]|--(?:format|output|write-out|template|qf|queryformat|go-template)(?:=.*)?|go-template=.*|.*jsonpath.*|-E|--eval)"
)


def template_part(boot: Boot) -> Span | None:
    """The first place that makes the script a template; None for a script."""
    spans = [*_bare(boot), *_acted_on(boot)]
    spans += [one for one in boot.script.comments if _SAID.search(boot.script.source(one))]
    return min(spans, default=None)


def _bare(boot: Boot) -> Iterator[Span]:
    text = boot.script.text
    if not _RENDERED.search(text):
        return
    for statement in everything(boot.script.statements):
        words = _words(statement)
        for number, parts in enumerate(words):
            before = text[slice(*_ends(words[number - 1]))] if number else ""
            if _FORMATS.fullmatch(before) or _FORMATS.match(text[slice(*_ends(parts))]):
                continue
            yield from _unquoted(parts, text)
        yield from _unquoted([part for part in all_parts(statement) if isinstance(part, Parameter)], text)


def _words(statement: Statement) -> list[Sequence[Part]]:
    command = statement.command
    found = [word.parts for word in command.words] if isinstance(command, Simple) else []
    return [parts for parts in found if parts]


def _ends(parts: Sequence[Part]) -> tuple[int, int]:
    return parts[0].span.start, parts[-1].span.end


def _unquoted(parts: Sequence[Part], text: str) -> Iterator[Span]:
    for part in parts:
        if isinstance(part, Literal) and ("{{" in part.text or "%{" in part.text) and _RENDERED.search(part.text):
            yield part.span
        if isinstance(part, Literal) and part.text in ("{{", "}}"):
            yield part.span
        if isinstance(part, Parameter) and part.name == "$" and _DOUBLED.match(text, part.span.start):
            yield Span(part.span.start, part.span.end)


def _acted_on(boot: Boot) -> Iterator[Span]:
    """A directive in what kubelet will get: a file of its own, a join, a start."""
    for mark in boot.marks:
        if mark.kind is Kind.WRITE and mark.written is not None and mark.written.document is not None:
            span = mark.written.document.body
            match = _RENDERED.search(boot.script.text, span.start, span.end) if mark.nested is None else None
            if match is not None:
                yield Span(match.start(), match.end())
        elif mark.kind in STARTS and _RENDERED.search(boot.script.source(mark.span)):
            yield mark.span
