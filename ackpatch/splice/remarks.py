"""What a person should know beside the edits: starts elsewhere, unseen code, raw variables, defects of the recipe."""

from __future__ import annotations

import re

from ackpatch.findings import finding
from ackpatch.model import Finding, Span
from ackpatch.node.advice import advice
from ackpatch.node.boot import Boot, Mark
from ackpatch.shell.bashlex_reader import agrees
from ackpatch.shell.tree import Simple
from ackpatch.splice.handmade import VARIABLE, WRONG_NAME

_TEMPLATE = re.compile(r"%\{~? *(?:if|else|for|endif|endfor)\b|\{% *\w+|<%[=-]? ")
_NODE_IP = re.compile(r"--node-ip[= ]\"?\$\{?ALIBABA_CLOUD_NODE_NAME\b")


def remarks(boot: Boot, replaced: list[Span], ignored: set[int]) -> list[Finding]:
    """Give the warnings and notes of a script, and the errors that make it refused."""
    found = [one for mark in boot.marks if id(mark) not in ignored for one in _of_mark(mark, boot)]
    found += [finding("ACK206", span) for span in replaced]
    text = boot.script.text
    for pattern, code in ((VARIABLE, "ACK207"), (WRONG_NAME, "ACK208"), (_NODE_IP, "ACK209")):
        for match in pattern.finditer(text):
            span = Span(match.start(), match.end())
            kept = any(one.contains(span) for one in (*replaced, *boot.script.comments))
            if not kept:
                found.append(finding(code, span, text[span.start : span.end] if code == "ACK207" else ""))
                break
    template = _TEMPLATE.search(text)
    if template is not None:
        found.append(finding("ACK212", Span(template.start(), template.end())))
    found += advice(boot, replaced)
    for nested, message in boot.walker.refused:
        found.append(finding("ACK202", nested.statement.span, f"the inner script cannot be parsed ({message})"))
    if boot.walker.too_long:
        found.append(
            finding("ACK202", Span(0, 0), "the script calls its functions too often to be followed to the end")
        )
    return found


def _of_mark(mark: Mark, boot: Boot) -> list[Finding]:
    if mark.kind == "self-read":
        return [finding("ACK905", mark.span, mark.what)]
    if mark.kind == "remote":
        return [finding("ACK201", mark.span, mark.what)]
    if mark.kind == "unseen":
        return [finding("ACK202", mark.span, mark.what)]
    if mark.kind == "init":
        return [finding("ACK204", mark.span)]
    found = []
    if mark.kind in ("start", "join", "direct") and agrees(mark.step.script, mark.step.command) is False:
        found.append(finding("ACK211", mark.span))
    if mark.meant is not None and mark.meant.assumed and mark.kind == "start":
        found.append(finding("ACK302", mark.span, mark.what))
    if mark.kind == "join" and isinstance(mark.step.command, Simple) and _config_from_elsewhere(mark, boot):
        found.append(finding("ACK205", mark.span))
    return found


def _config_from_elsewhere(mark: Mark, boot: Boot) -> bool:
    words = [one.text for one in mark.fields]
    has_config = any(word == "--config" or word.startswith("--config=") for word in words)
    return has_config and not any(one.file == "join-config" for one in boot.marks)
