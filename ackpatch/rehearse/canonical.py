"""Makes the calls of two runs comparable although the members of a pipeline race."""

from collections import Counter

from ackpatch.rehearse import programs
from ackpatch.rehearse.result import Call, Rehearsal

# What changes the node or kubelet; these never run side by side in a sane script, so their order counts.
NODE_TOOLS = frozenset(
    {"systemctl", "service", "kubeadm", "kubelet", "reboot", "shutdown", "sudo", "su", "hostnamectl"}
    | {name for names in programs.MANAGERS.values() for name in names}
)

Canonical = tuple[tuple[tuple[str, ...], ...], tuple[tuple[tuple[str, ...], int], ...]]


def canonical_calls(rehearsal: Rehearsal) -> Canonical:
    """The calls of node tools in order, and all calls as a sorted multiset; equal for equal runs."""
    ordered = tuple(call.argv for call in rehearsal.calls if _is_node_tool(call))
    counted = Counter(call.argv for call in rehearsal.calls)
    return ordered, tuple(sorted(counted.items()))


def _is_node_tool(call: Call) -> bool:
    return call.argv[0] in NODE_TOOLS
