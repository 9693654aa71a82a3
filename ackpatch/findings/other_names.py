"""The node's name where something other than kubelet is given it: kube-proxy, the CNI."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import WARNING, Seen, looks, rule
from ackpatch.model import Finding, Span
from ackpatch.node.mark import STARTS

_LINE = r"(?:[^\n\\]|\\\n|\\\\\n|\\.)*?"  # one command line, with its continued ones
_VALUE = r"[= ][\"']?(?P<value>[^\s\"'\\]+)"
_NEAR = r"[\s\S]{0,2000}?"
_KEY = r"\bhostnameOverride: *[\"']?(?P<value>(?![.*\[])[^\s\"']+)"
_KEY_BEFORE = _KEY.replace("<value>", "<before>")
# Who is named, a word that must be there, and the form.
_PLACES = (
    ("kube-proxy", "kube-proxy", re.compile(rf"\bkube-proxy\b{_LINE}--hostname-override{_VALUE}")),
    ("kube-proxy", "KUBE_PROXY_", re.compile(rf"\bKUBE_PROXY_\w*={_LINE}--hostname-override{_VALUE}")),
    ("kube-proxy", "hostnameOverride", re.compile(rf"kube-proxy{_NEAR}{_KEY}|{_KEY_BEFORE}[^\n]*kube-proxy")),
    ("kube-proxy", "KubeProxyConfiguration", re.compile(rf"\bKubeProxyConfiguration\b{_NEAR}{_KEY}")),
    ("kube-proxy", "KubeProxyConfiguration", re.compile(rf"{_KEY}{_NEAR}\bKubeProxyConfiguration\b")),
    ("the CNI", "/var/lib/calico/nodename", re.compile(r"(?P<value>\S+) *>+ *\"?/var/lib/calico/nodename\b")),
    ("the CNI", "CALICO_NODENAME", re.compile(rf"\bCALICO_NODENAME{_VALUE}")),
)  # fmt: skip


ACK231 = rule(
    "ACK231",
    WARNING,
    "another node name is given to something beside kubelet",
    "kubelet registers under the injected name; what looks for a Node of another name does not find it.",
    "Give it ${ALIBABA_CLOUD_NODE_NAME:-and the name of today}, or no name of its own.",
)


@looks
def other_node_name(seen: Seen) -> Iterator[Finding]:
    """A node name of the script's own for kube-proxy or the CNI: it looks for a Node that is not there."""
    boot = seen.boot
    text = boot.script.text
    if not any(mark.kind in STARTS for mark in boot.marks):
        return
    told: set[str] = set()
    for who, word, form in _PLACES:
        for match in form.finditer(text) if word in text else ():
            named = "value" if match["value"] is not None else "before"
            span, value = Span(*match.span(named)), match[named]
            in_comment = any(one.contains(span) for one in boot.script.comments)
            if in_comment or who in told or _is_injected(value, text):
                continue
            told.add(who)
            yield ACK231(span, f"{who} gets {value[:40]}")


def _is_injected(value: str, text: str) -> bool:
    """Say whether a value is the injected name, through a variable too, or one that each node fills in itself."""
    names = re.findall(r"\$\{?([A-Za-z_]\w*)", value)
    held = [one for name in names for one in re.findall(rf"\b{name}=([^\n]*)", text)]
    return value.startswith(("$(NODE_NAME", "__")) or any("ALIBABA_CLOUD_NODE_NAME" in one for one in (value, *held))
