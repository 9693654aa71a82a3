"""Labels of the script's own on which kubelet exits: keys below kubernetes.io and k8s.io that are none of its own."""

from __future__ import annotations

from ackpatch.node.flags import flag_uses
from ackpatch.node.label_rules import is_reserved
from ackpatch.node.mark import Kind, Mark
from ackpatch.shell.environment import UNKNOWN


def reserved_label(mark: Mark) -> str:
    """The first label in a place of the script's own on which kubelet (from 1.16 on) exits, or ""."""
    if mark.kind is Kind.DIRECT:
        text = " ".join(one.text for one in mark.fields)
    elif mark.kind is Kind.WRITE and mark.written is not None and mark.written.content is not None:
        text = mark.written.content.resolved().text
    else:
        return ""
    for use in flag_uses(text):
        if use.name == "node-labels":
            for label in text[use.start : use.end].split(","):
                key = label.partition("=")[0]
                if UNKNOWN not in key and is_reserved(key):
                    return key
    return ""
