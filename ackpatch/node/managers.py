"""Managers other than systemd, and tools that bring a kubelet of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ackpatch.shell.programs import basename, skip_prefixes

# What to look for in their words.
_MANAGERS = {
    "supervisorctl": r"kubelet",
    "monit": r"kubelet",
    "initctl": r"kubelet",
    "sv": r"kubelet",
    "s6-svc": r"kubelet",
    "s6-rc": r"kubelet",
    "rc-service": r"kubelet",
    "rc-update": r"kubelet",
    "snap": r"kubele?t|kubelite|microk8s",
    "microk8s": r"join|start",
    "microk8s.join": r"",
    "microk8s.start": r"",
    "bootstrap.sh": r"",
    "nodeadm": r"init",
    "kk": r"create|add|upgrade|init",
    "sealos": r"run|apply|join|add",
    "kubekey": r"create|add|upgrade|init",
    "microshift": r"",
    "edgecore": r"",
    "k8s": r"join-cluster|bootstrap",
    "yurtadm": r"join|init",
    "yurtctl": r"join|init",
    "k3sup": r"--local\b",
    "keadm": r"join",
    "nodeup": r"",
    "minikube": r"start",
    "hyperkube": r"kubelet",
    "elemental-register": r"",
    "rancherd": r"bootstrap",
    "ezctl": r"",
}
# Those of which no word speaks of kubelet.
TOOLS = tuple(name for name, form in _MANAGERS.items() if "kubele" not in form)
_ACTS = re.compile(
    r"start|restart|add|default|join|agent|bootstrap|server|worker|controller|set|up|enable|init|run|apply|install"
)


_ASKS = frozenset({"--version", "version", "--help", "-h", "help", "--minconfig", "--defaultconfig"})
_STARTS = frozenset({"start", "restart", "enable", "reload-or-restart"})
# Units that others bring, which start a kubelet; names that are cut off stand for all that begin so.
UNITS = tuple(
    """microshift edgecore edged kops-configuration nodeadm- rancher-system-agent rancherd origin-node
    atomic-openshift-node snap.microk8s. snap.k8s. snap.kubelet.""".split()
)
_SUPERVISED = re.compile(r"/(?:sv|service|runsvdir/\w+)/kubelet/?$")


def _is_of_others(word: str) -> bool:
    name = word.removesuffix(".service")
    return name in UNITS or name.startswith(tuple(one for one in UNITS if one[-1] in ".-"))


def other_manager(words: Sequence[str]) -> str:
    """Say what runs kubelet in another way than systemd's kubelet.service, or "" for nothing of the kind."""
    first = skip_prefixes(words)
    if first >= len(words):
        return ""
    name = basename(words[first])
    if name == "ln" and any(_SUPERVISED.search(word) for word in words):
        return "a link by which a supervisor runs kubelet"
    given = words[first + 1 :]
    if name in ("service", "rc-service") and given and _is_of_others(given[0]) and _STARTS & set(given):
        return f"{name} {given[0]}"
    if name == "systemctl" and _STARTS & set(words):
        unit = next(filter(_is_of_others, words), "")
        return f"systemctl … {unit}" if unit else ""
    form = _MANAGERS.get(name)
    if _ASKS & set(given):
        return ""
    if form is None or (name == "bootstrap.sh" and "/eks/" not in words[first]):
        return ""
    rest = " ".join(given)
    if form and not (re.search(form, rest) and _ACTS.search(rest)):
        return ""
    return f"{name} {rest}".strip()[:60]
