"""Tools that bring a kubelet of their own, and those that make nodes from a machine of control."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ackpatch.shell.environment import shown
from ackpatch.shell.programs import basename, program, skip_prefixes

# Tools that bring a kubelet of their own, or make nodes from a machine of control: what each does, and what to do.
TOOLS = {
    "microk8s": "microk8s makes kubelet's arguments and takes the host's name: join with kubeadm, k3s or RKE2 instead",
    "microk8s.join": "microk8s makes kubelet's arguments: join with kubeadm, k3s or RKE2 instead",
    "bootstrap.sh": "EKS takes name and provider ID from EC2: such a node is none of a registered cluster's pool",
    "nodeadm": "EKS takes name and provider ID from EC2: such a node is none of a registered cluster's pool",
}
CONTROL = {
    "k3sup": "k3sup",
    "autok3s": "AutoK3s",
    "kk": "KubeKey",
    "kubekey": "KubeKey",
    "sealos": "sealos",
    "ezctl": "kubeasz",
    "easzctl": "kubeasz",
    "k0sctl": "k0sctl",
    "talosctl": "talosctl",
    "kind": "kind",
    "k3d": "k3d",
    "rke": "RKE1",
    "crc": "CRC",
    "kubeone": "KubeOne",
    "eksctl": "eksctl",
}
_OF_ITS_OWN = frozenset({"kind", "k3d", "crc"})
MAKES_NODES = r"create|add|join|run|apply|setup|scale|start|install|bootstrap|\bup\b"
_PLAYBOOKS = re.compile(r"(?:^|/)(?:cluster|scale|upgrade-cluster|add-node|0\d[\w.-]*kube[\w.-]*)\.ya?ml$")


def control_tool(words: Sequence[str]) -> str:
    """Say of a command that makes nodes from another machine what it does; "" for any other."""
    first, name = program(words)
    rest = words[first + 1 :]
    if name == "ansible-playbook" and any(_PLAYBOOKS.search(word) for word in rest):
        return "kubespray starts kubelet on the machines of its inventory: patch what runs on the node"
    if name in CONTROL and rest and "--local" not in rest and re.search(MAKES_NODES, " ".join(rest)):
        where = "in containers or machines of its own" if name in _OF_ITS_OWN else "on other machines"
        return f"{CONTROL[name]} starts kubelet {where}: patch what runs on the node"
    return ""


def is_first_rke(words: Sequence[str]) -> bool:
    """Say whether a command runs RKE1's agent, a container."""
    first = skip_prefixes(words)
    return (
        first < len(words)
        and basename(words[first]) in ("docker", "podman", "nerdctl")
        and "run" in words
        and "--entrypoint" not in " ".join(words)
        and any("rancher/rancher-agent" in word for word in words)
    )


FIRST_RKE = (
    "RKE1's agent has no option for a provider ID, and Rancher makes kubelet's arguments; it has been past its end of "
    "life since 2025-07: move the cluster to RKE2"
)


def tool(words: Sequence[str]) -> str:
    """Say what a tool that runs kubelet in its own way does, and what to do instead; "" for any other command."""
    first, name = program(words)
    return f"{shown(' '.join(words[first:])[:40])}: {TOOLS[name]}" if name in TOOLS else ""
