"""Values of the owner's own that the injected ones take the place of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings import finding
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.node.flags import STAND_FOR, flag_uses
from ackpatch.node.mark import Mark
from ackpatch.shell.values import UNKNOWN

_CODES = {"hostname-override": "ACK304", "provider-id": "ACK305"}


def own_node_name(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """A join that names the node itself."""
    for mark in boot.marks:
        words = [one.text for one in mark.fields]
        if mark.kind != "join" or "ALIBABA_CLOUD_NODE_NAME" in boot.script.source(mark.place.span):
            continue
        injected = any(one in word for word in words for one in STAND_FOR.values())
        if not injected and any(word == "--node-name" or word.startswith("--node-name=") for word in words):
            yield finding("ACK215", mark.span)


def own_identity(boot: Boot, replaced: list[Span]) -> Iterator[Finding]:
    """A node name or provider ID in kubelet's own flags, in a file that the script writes or on its command line."""
    told: set[str] = set()
    for mark in boot.marks:
        text = _flags_text(mark, boot)
        for use in flag_uses(text) if text else ():
            code = _CODES.get(use.name)
            value = text[use.start : use.end]
            injected = any(one in value for one in STAND_FOR.values()) or (
                UNKNOWN in value and _from_injected(mark, boot)
            )
            if code and code not in told and not injected:
                told.add(code)
                yield finding(code, mark.span, f"--{use.name}")


def _from_injected(mark: Mark, boot: Boot) -> bool:
    """Say whether a variable that the place uses got its value from an injected one."""
    names = set(re.findall(r"\$\{?(\w+)", boot.script.source(mark.place.span)))
    return any(re.search(rf"\b{name}=[^\n]*ALIBABA_CLOUD_", boot.script.text) for name in names)


def _flags_text(mark: Mark, boot: Boot) -> str:
    if mark.kind == "direct":
        return " ".join(one.text for one in mark.fields)
    if mark.kind != "write" or mark.written is None or mark.file in (None, "package", "join-config"):
        return ""
    if mark.written.content is not None:
        return mark.written.content.resolved().text
    return "" if "ALIBABA_CLOUD" in (source := boot.script.source(mark.place.span)) else source
