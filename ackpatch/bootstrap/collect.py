"""Reads from a running cluster what a new node's script needs: versions, runtime, and a join command."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, replace

from ackpatch.bootstrap.join import join_words
from ackpatch.bootstrap.values import Values
from ackpatch.errors import AckpatchError, UsageError
from ackpatch.kubectl import Kubectl

# Kubernetes 1.20 brought the first label; 1.24 took the second away.
LABELS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
RUNTIMES = ("containerd", "docker")
SECONDS = 60
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Node:
    """A control-plane node: its name, kubelet's version, its runtime with version."""

    name: str
    kubelet: str
    runtime: str
    runtime_version: str


def cluster_values(kubectl: Kubectl) -> Values:
    """Ask the cluster for the versions; raises AckpatchError with what to do where it cannot tell."""
    nodes = _control_plane(kubectl)
    if not nodes:
        raise AckpatchError(
            "the cluster shows no control-plane node (its control plane may be managed): give ackpatch new "
            "the versions of a worker, from: kubectl get nodes -o wide"
        )
    runtimes = {one.runtime for one in nodes}
    if len(runtimes) > 1:
        listed = ", ".join(f"{one.name}: {one.runtime} {one.runtime_version}" for one in nodes)
        raise AckpatchError(f"the control-plane nodes run different container runtimes ({listed}): choose one by hand")
    oldest = min(nodes, key=lambda one: _key(one.kubelet))
    if oldest.runtime not in RUNTIMES:
        raise AckpatchError(
            f"the container runtime {oldest.runtime} of {oldest.name} is none that ackpatch new installs"
        )
    runtime = min((one.runtime_version for one in nodes), key=_key)
    return Values(_plain(oldest.kubelet), oldest.runtime, _plain(runtime))


def _control_plane(kubectl: Kubectl) -> list[Node]:
    for label in LABELS:
        items = kubectl.json("get", "nodes", "--selector", label, "--output", "json").get("items", [])
        if not isinstance(items, list):
            raise AckpatchError("kubectl printed a list of nodes of another shape than the API's")
        if items:
            return [_node(item) for item in items]
    return []


def _node(item: object) -> Node:
    try:
        assert isinstance(item, dict)
        name, info = str(item["metadata"]["name"]), dict(item["status"]["nodeInfo"])
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise AckpatchError("kubectl printed a node of another shape than the API's") from error
    runtime, _, version = str(info.get("containerRuntimeVersion", "")).partition("://")
    return Node(name, str(info.get("kubeletVersion", "")), runtime, version)


def _plain(version: str) -> str:
    """A version without what its builder added: v1.28.2+k3s1, 1.6.20~ds1."""
    match = re.match(r"v?(\d+\.\d+\.\d+)", version)
    return match[1] if match is not None else version


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", _plain(version)))


def seconds_of(ttl: str) -> int:
    """The seconds of a duration such as ``24h``, ``30m`` or ``0`` (for ever); raises UsageError."""
    if ttl == "0":
        return 0
    number, unit = ttl[:-1], ttl[-1:]
    if not number.isdigit() or unit not in _UNITS or int(number) == 0:
        raise UsageError(f"--ttl {ttl}: give 0, or a number with s, m, h or d, as in 24h")
    return int(number) * _UNITS[unit]


def token_command(ttl: str) -> list[str]:
    """The command that makes a join command on a control-plane node."""
    seconds = seconds_of(ttl)
    return ["kubeadm", "token", "create", "--print-join-command", "--ttl", f"{seconds}s" if seconds else "0"]


def make_join_command(ttl: str, kubeconfig: str = "") -> str:
    """Run kubeadm here and give the join command that it prints; raises AckpatchError."""
    command = [*token_command(ttl), *([f"--kubeconfig={kubeconfig}"] if kubeconfig else [])]
    if shutil.which(command[0]) is None:
        raise AckpatchError(f"{command[0]} is not here: run this on the control plane: {' '.join(token_command(ttl))}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise AckpatchError(f"kubeadm did not answer within {SECONDS} seconds") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise AckpatchError(f"kubeadm gave no join command: {last}")
    return done.stdout


def with_join(values: Values, printed: str) -> Values:
    """The values with the join command of what kubeadm printed; raises UsageError."""
    text = printed.replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("kubeadm join")]
    if len(lines) != 1:
        raise UsageError("there is no join command in what was given; it begins with: kubeadm join")
    join_words(lines[0])
    return replace(values, join_command=" ".join(lines[0].split()))
