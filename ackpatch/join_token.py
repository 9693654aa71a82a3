"""Join tokens: kubeadm's has six characters that are public, a dot, and sixteen that are the secret; those of k3s, RKE2
and Rancher are known by the setting that they are the value of, or by their form.
"""

from __future__ import annotations

import re

# After a slash stands a host or a file of that shape; a sentence may end after a token.
TOKEN = re.compile(r"(?:(?<![\w./@-])|(?<=\\[nt]))([a-z0-9]{6})\.[a-z0-9]{16}(?!\w|[./]\w)")


# A value that is no variable; an agent's own form begins with K10 and the hash of a certificate.
_VALUE = r"(?![\"'$<{])(?P<%s>[^\s\"'$;&|)]{8,})"
AGENT_TOKEN = re.compile(
    r"(?P<whole>\bK10[0-9a-f]{16,}::[\w-]+:[\w.-]+)|"
    r"\b(?:(?:K3S|RKE2)_(?:AGENT_)?TOKEN|K3S_CLUSTER_SECRET|CATTLE_TOKEN)=[\"']?" + _VALUE % "setting" + "|"
    r"(?:k3s|rke2|rancher)[^\n]{0,300}[ \t]--(?:agent-)?token[= ][\"']?" + _VALUE % "option" + "|"
    r"^[ \t]*(?:agent-)?token:[ \t]*[\"']?" + _VALUE % "file",
    re.MULTILINE,
)


def secrets_in(text: str) -> list[tuple[int, int, str]]:
    """Where join tokens stand in a text, and what may be shown of each."""
    found = [(one.start(), one.end(), f"{one[1]}.…") for one in TOKEN.finditer(text)]
    taken = {start for start, _, _ in found}
    if re.search("k3s|rke2|rancher", text, re.IGNORECASE):
        for one in AGENT_TOKEN.finditer(text):
            start, end = one.span(one.lastgroup or 0)
            found += [] if start in taken else [(start, end, f"{text[start : start + 3]}…")]
    return sorted(found)


def tokens_in(script: bytes) -> list[str]:
    """The different tokens of a script, in the order in which they stand there."""
    return list(dict.fromkeys(match[0] for match in TOKEN.finditer(script.decode("latin-1"))))
