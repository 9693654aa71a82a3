"""kubelet as the command of a container that is run here."""

from __future__ import annotations

from collections.abc import Sequence

from ackpatch.node.mentions import start_in
from ackpatch.shell.programs import CONTAINERS, basename, program

_COMPOSES = frozenset({"docker-compose", "podman-compose"})


def enters_the_node(words: Sequence[str]) -> str:
    """The start in a command that a container runs in the namespaces of the node's process 1; "" for none."""
    _, name = program(words)
    if name not in CONTAINERS or "nsenter" not in words or not {"1", "-t1", "--target=1"} & set(words):
        return ""
    return start_in(" ".join(words[list(words).index("nsenter") :]))


def contained(words: Sequence[str]) -> str:
    """What a command runs in a container: "kubelet in a container"; "" for nothing that concerns kubelet."""
    first, name = program(words)
    rest = list(words[first + 1 :])
    if name in _COMPOSES or (name in CONTAINERS and "compose" in rest[:1]):
        named = rest if {"up", "run", "start"} & set(rest) else []
    elif (name in CONTAINERS and "run" in rest[:2]) or (name == "ctr" and "run" in rest):
        at = rest.index("run")
        named = [one for before, one in zip(rest[at:], rest[at + 1 :], strict=False) if not before.startswith("-")]
    else:
        return ""
    if {"--version", "version", "--help"} & set(named):
        return ""
    found = next((basename(one) for one in named if basename(one) in ("kubelet", "kubeadm")), "")
    if not found and {"agent", "server"} & set(named):
        found = next((made for one in named if (made := basename(one).partition(":")[0]) in ("k3s", "rke2")), "")
    return f"{found} in a container" if found else ""
