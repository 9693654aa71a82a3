"""Values of the owner's own that the injected ones take the place of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import NOTE, WARNING, Seen, looks, rule
from ackpatch.model import Finding
from ackpatch.node.boot import Boot
from ackpatch.node.flags import STAND_FOR, flag_uses
from ackpatch.node.mark import Mark
from ackpatch.shell.environment import UNKNOWN

ACK215 = rule(
    "ACK215",
    WARNING,
    "kubeadm join names the node itself",
    "kubelet gets the injected name; kubeadm would wait for a node of another one and fail after two minutes.",
    "Run ackpatch apply: the injected name is added at the end, where it counts.",
)


@looks
def own_node_name(seen: Seen) -> Iterator[Finding]:
    """A join that names the node itself."""
    boot = seen.boot
    for mark in boot.marks:
        words = [one.text for one in mark.fields]
        if mark.kind != "join" or "ALIBABA_CLOUD_NODE_NAME" in boot.script.source(mark.place.span):
            continue
        injected = any(one in word for word in words for one in STAND_FOR.values())
        if not injected and any(word == "--node-name" or word.startswith("--node-name=") for word in words):
            yield ACK215(mark.span)


ACK304 = rule(
    "ACK304",
    NOTE,
    "kubelet has a node name of the script's own",
    "Of two names kubelet takes the last.",
    "Nothing to do: the injected name comes after it.",
)

ACK305 = rule(
    "ACK305",
    NOTE,
    "kubelet has a provider ID of the script's own",
    "The ID of a registered node can never be changed.",
    "Nothing to do: the injected ID comes after it.",
)
_OWN = {"hostname-override": ACK304, "provider-id": ACK305}


@looks
def own_identity(seen: Seen) -> Iterator[Finding]:
    """A node name or provider ID in kubelet's own flags, in a file that the script writes or on its command line."""
    boot = seen.boot
    told: set[str] = set()
    for mark in boot.marks:
        text = _flags_text(mark, boot)
        for use in flag_uses(text) if text else ():
            own = _OWN.get(use.name)
            value = text[use.start : use.end]
            injected = any(one in value for one in STAND_FOR.values()) or (
                UNKNOWN in value and _from_injected(mark, boot)
            )
            if own and use.name not in told and not injected:
                told.add(use.name)
                yield own(mark.span, f"--{use.name}")


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
