"""What one command does, or may do: elsewhere, unseen, in a way that the values do not reach."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import ERROR, NOTE, WARNING, Rule, Seen, looks, rule
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.node.config_taints import has_unknown_taints
from ackpatch.node.labels import reserved_label
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.node.unit import read_unit
from ackpatch.shell.bashlex_reader import agrees
from ackpatch.splice.edits import block_offset

ACK114 = rule(
    "ACK114",
    ERROR,
    "kubelet or a join is named in a command that is not understood",
    "It may start kubelet, and then without the four values.",
    "Write the start as systemctl or kubeadm run it. If it starts none: # ackpatch: ignore. If it does, and "
    "systemd runs kubelet: # ackpatch: here above the line puts a call before it.",
)
ACK116 = rule(
    "ACK116",
    ERROR,
    "kubelet is run in a way that ackpatch does not configure",
    "The values go to kubelet through its systemd unit; what runs it here does not read that unit.",
    "Let systemd run kubelet.service, or give the four values by the means of that tool.",
)
ACK201 = rule(
    "ACK201",
    WARNING,
    "kubelet is started on another machine, in another root or in a container",
    "The four variables exist on the new instance only.",
    "If that machine is a new node of the pool too, patch the script that it runs.",
)
ACK202 = rule(
    "ACK202",
    WARNING,
    "code that is not in this script runs here",
    "It may start kubelet or write its configuration; a start after it is treated as not covered yet.",
    "Patch that script too if it starts kubelet.",
)
ACK203 = rule(
    "ACK203",
    WARNING,
    "the script is not written for the shell that its first line names",
    "It was read as a bash script.",
    "Change the first line to #!/bin/bash.",
)
ACK905 = rule(
    "ACK905",
    ERROR,
    "the script reads itself by line or byte number",
    "An insertion would move what it reads.",
    "Look the place up by a marker line instead of a number.",
)
_OF_KIND: dict[Kind, Rule] = {
    Kind.MENTION: ACK114,
    Kind.OTHER: ACK116,
    Kind.REMOTE: ACK201,
    Kind.UNSEEN: ACK202,
    Kind.SELF_READ: ACK905,
}


@looks
def by_kind(seen: Seen) -> Iterator[Finding]:
    """Commands of which the kind alone says what is to be told; a file that runs more than once is told once."""
    unseen: set[str | Span] = set()
    others: set[Span] = set()
    for mark in seen.marks:
        if mark.kind is Kind.UNSEEN:
            key = mark.span if mark.what.startswith(("runs what", "runs …")) else mark.what
            if key in unseen:
                continue
            unseen |= {key, mark.span}
        if mark.kind is Kind.OTHER:
            if mark.span in others:
                continue
            others.add(mark.span)
        told = _OF_KIND.get(mark.kind)
        # Where nothing is put in, nothing moves that a script reads of itself.
        at_rest = mark.kind is Kind.SELF_READ and (seen.plan.is_empty or _reads_above(mark, seen))
        if told is not None and not at_rest:
            yield told(mark.span, mark.what)


def _reads_above(mark: Mark, seen: Seen) -> bool:
    """Say whether the lines of itself that a script reads by number stand above all that is put in."""
    lines = re.search(r"'?(\d+)(?:,(\d+))?p'?(?=\s)", mark.what)
    offsets = [one.spot.offset for one in seen.plan.calls] + [one.offset for one, _ in seen.plan.pieces]
    if not mark.what.startswith("sed -n ") or lines is None:
        return False
    first = block_offset(seen.boot.script, min(offsets, default=0))
    return int(lines[2] or lines[1]) <= seen.boot.script.text.count("\n", 0, first)


ACK120 = rule(
    "ACK120",
    ERROR,
    "the values cannot be given to this agent",
    "k3s and RKE2 agents read them from a file; an option of the script's own would beat it, or the file is not read.",
    "Do what the finding says; then run ackpatch apply.",
)
ACK204 = rule(
    "ACK204",
    WARNING,
    "a control plane is made here",
    "A node that a pool adds has to join, not to make a cluster.",
    "Register a script that joins.",
)
ACK230 = rule(
    "ACK230",
    WARNING,
    "this agent has taints of the script's own",
    "One that is equal to a taint of the node pool in key and effect stops kubelet.",
    "Give the taint in one of the two places only.",
)


@looks
def agents(seen: Seen) -> Iterator[Finding]:
    """k3s, RKE2 and k0s: what does not reach them, and servers; ``kubeadm init`` makes a control plane too."""
    for mark in seen.marks:
        if mark.kind is Kind.INIT or (mark.agent is not None and mark.agent.server):
            yield ACK204(mark.span, mark.what)
        if mark.agent is not None and mark.agent.problem:
            yield ACK120(mark.span, f"{mark.what}: {mark.agent.problem}")
        if mark.agent is not None and mark.agent.taints:
            yield ACK230(mark.span, mark.what)


ACK117 = rule(
    "ACK117",
    ERROR,
    "the unit would have two ExecStart=",
    "systemd refuses a service with more than one command line: kubelet does not start.",
    "Write an empty ExecStart= before the second one.",
)


@looks
def two_command_lines(seen: Seen) -> Iterator[Finding]:
    """A unit or drop-in with a second ExecStart."""
    return (ACK117(mark.span, mark.what) for mark in seen.marks if mark.kind is Kind.WRITE and _starts_twice(mark))


def _starts_twice(mark: Mark) -> bool:
    content = mark.written.content if mark.written else None
    if content is None or mark.file not in ("unit", "drop-in"):
        return False
    text = content.resolved().text
    unit = read_unit(text)
    # A drop-in adds to the ExecStart of the unit, unless it empties it first.
    appended = mark.written is not None and mark.written.appends  # after what stands there already
    emptied = appended or re.search(r"(?m)^\s*ExecStart\s*=\s*$", text) is not None
    adds = mark.file == "drop-in" and bool(unit.exec_starts) and not emptied
    oneshot = re.search(r"(?m)^\s*Type\s*=\s*oneshot", text)
    return (len(unit.exec_starts) > 1 or adds) and not oneshot


ACK118 = rule(
    "ACK118",
    ERROR,
    "kubelet exits on a label of the script's own",
    "Since 1.16 kubelet takes no label below kubernetes.io or k8s.io that is not one of its own.",
    "Set that label with kubectl after the join, or use a key of another domain.",
)


@looks
def refused_labels(seen: Seen) -> Iterator[Finding]:
    """A label of the script's own with which kubelet would exit."""
    for mark in seen.marks:
        label = reserved_label(mark)
        if label and mark.agent is None and mark.kind is not Kind.INIT and mark.kind not in _OF_KIND:
            yield ACK118(mark.span, label)


ACK205 = rule(
    "ACK205",
    WARNING,
    "the join's configuration file comes from elsewhere",
    "The injected taints replace those that kubeadm takes from a file which this script does not write.",
    "Give those taints in the node pool too, or let the script write the file.",
)


@looks
def unknown_configuration(seen: Seen) -> Iterator[Finding]:
    """A join whose configuration the script does not write."""
    return (ACK205(m.span) for m in seen.marks if m.kind is Kind.JOIN and _config_not_known(m, seen.boot))


def _config_not_known(mark: Mark, boot: Boot) -> bool:
    words = [one.text for one in mark.fields]
    has_config = any(word == "--config" or word.startswith("--config=") for word in words)
    configs = [one for one in boot.marks if one.file == "join-config"]
    return has_config and (not configs or any(has_unknown_taints(one) for one in configs))


ACK211 = rule(
    "ACK211",
    WARNING,
    "two parsers read this command differently",
    "ackpatch acts on a command only as both shfmt and bashlex read it; here one of them may be wrong.",
    "Write the command in a plainer way, and look at the diff with care.",
)
ACK302 = rule(
    "ACK302",
    NOTE,
    "this is taken for a start of kubelet, and only a run can tell",
    "A word of the command is not known here, or it is a helper that is not in this script.",
    "Nothing to do: where kubelet has no unit, the call does nothing. Or mark the line with # ackpatch: ignore.",
)
ACK306 = rule(
    "ACK306",
    NOTE,
    "kubeadm upgrade writes kubelet's flags anew",
    "It restarts nothing; kubelet reads them at its next start.",
    "Nothing to do: the injected flags come after them.",
)


@looks
def odd_starts(seen: Seen) -> Iterator[Finding]:
    """A start that is read in two ways, one that is told by a helper's name, an upgrade."""
    for mark in seen.marks:
        own = mark.kind in STARTS and mark.kind is not Kind.INIT and mark.agent is None
        if own and agrees(mark.step.script, mark.step.command) is False:
            yield ACK211(mark.span)
        if mark.meant is not None and mark.meant.assumed and mark.kind is Kind.START:
            yield ACK302(mark.span, mark.what)
        if mark.kind is Kind.ENABLE and mark.what.startswith("kubeadm"):
            yield ACK306(mark.span, mark.what)
