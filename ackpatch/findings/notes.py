"""What is good to know: ACK3."""

from __future__ import annotations

from ackpatch.findings.rule import NOTE, Rule

RULES: dict[str, Rule] = {
    "ACK301": Rule(
        NOTE,
        "the script starts no kubelet and configures none",
        "There is nothing to inject.",
        "Nothing to do; if another script starts kubelet, patch that one.",
    ),
    "ACK302": Rule(
        NOTE,
        "this start was told by the name of a helper",
        "The helper is not in this script.",
        "Nothing to do if it starts kubelet; else mark the line with # ackpatch: ignore.",
    ),
    "ACK303": Rule(
        NOTE, "ignored", "A comment in the script asks for it.", "Take the comment away to have it covered."
    ),
    "ACK304": Rule(
        NOTE,
        "kubelet has a node name of the script's own",
        "Of two names kubelet takes the last.",
        "Nothing to do: the injected name comes after it.",
    ),
    "ACK305": Rule(
        NOTE,
        "kubelet has a provider ID of the script's own",
        "The ID of a registered node can never be changed.",
        "Nothing to do: the injected ID comes after it.",
    ),
    "ACK306": Rule(
        NOTE,
        "kubeadm upgrade writes kubelet's flags anew",
        "It restarts nothing; kubelet reads them at its next start.",
        "Nothing to do: the injected flags come after them.",
    ),
}
