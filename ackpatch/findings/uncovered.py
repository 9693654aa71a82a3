"""What stays without the values, and why: ACK1."""

from __future__ import annotations

from ackpatch.findings.rule import APPLY, ERROR, Rule

RULES: dict[str, Rule] = {
    "ACK101": Rule(
        ERROR,
        "kubelet is started without the four values",
        "The node would register without its provider ID, name, labels and taints, and never work in the node pool.",
        APPLY,
    ),
    "ACK102": Rule(
        ERROR,
        "kubeadm join does not use the injected node name",
        "kubeadm waits for a node of another name than kubelet registers, and fails after two minutes.",
        "Run ackpatch apply; it adds --node-name.",
    ),
    "ACK103": Rule(
        ERROR,
        "kubelet's configuration is written without the four values",
        "The next start of kubelet, also one after a reboot, reads this configuration.",
        APPLY,
    ),
    "ACK110": Rule(
        ERROR,
        "an inner script writes kubelet's configuration and starts kubelet",
        "Nothing can be put between the two from outside.",
        "Move the start after the inner script, or make the inner script a file of its own and patch that.",
    ),
    "ACK111": Rule(
        ERROR,
        "--node-name cannot be added to this join",
        "The text of the command is not where it could be changed without a guess.",
        "Write kubeadm join as a plain command, or add --node-name there yourself.",
    ),
    "ACK112": Rule(
        ERROR,
        "the flags cannot be put on this kubelet command line",
        "The flags go to the end of a command line that runs kubelet itself; the end of this one is not kubelet's.",
        "Let ExecStart= run kubelet itself, without a shell, a container or a wrapper, and with no taints of its own.",
    ),
    "ACK114": Rule(
        ERROR,
        "kubelet or a join is named in a command that is not understood",
        "It may start kubelet, and then without the four values.",
        "Write the start as systemctl or kubeadm run it. If it starts none: # ackpatch: ignore. If it does, and "
        "systemd runs kubelet: # ackpatch: here above the line puts a call before it.",
    ),
    "ACK115": Rule(
        ERROR,
        "a limit was reached",
        "What comes after it was not looked at, and may start kubelet.",
        "Make the script simpler there, or patch the part that starts kubelet as a script of its own.",
    ),
    "ACK116": Rule(
        ERROR,
        "kubelet is run in a way that ackpatch does not configure",
        "The values go to kubelet through its systemd unit; what runs it here does not read that unit.",
        "Let systemd run kubelet.service, or give the four values by the means of that tool.",
    ),
    "ACK117": Rule(
        ERROR,
        "the unit would have two ExecStart=",
        "systemd refuses a service with more than one command line: kubelet does not start.",
        "Write an empty ExecStart= before the second one.",
    ),
    "ACK118": Rule(
        ERROR,
        "kubelet exits on a label of the script's own",
        "Since 1.16 kubelet takes no label below kubernetes.io or k8s.io that is not one of its own.",
        "Set that label with kubectl after the join, or use a key of another domain.",
    ),
    "ACK119": Rule(
        ERROR,
        "no start of kubelet was seen in a bootstrap script",
        "The script of a node pool has to start kubelet with the four values; what it runs unseen is not known here.",
        "Patch the script that starts kubelet, and register that one.",
    ),
    "ACK120": Rule(
        ERROR,
        "the values cannot be given to this agent",
        "k3s and RKE2 agents read them from a file; an option of the script's own would beat it, or the file is not "
        "read.",
        "Do what the finding says; then run ackpatch apply.",
    ),
    "ACK122": Rule(
        ERROR,
        "the script makes a provider ID of its own",
        "A run outside of a node pool would register with it, and the ID of a registered node can never be changed.",
        "Leave ALIBABA_CLOUD_PROVIDER_ID to the node pool.",
    ),
    "ACK121": Rule(
        ERROR,
        "the node name is changed after its value was taken",
        "kubelet and kubeadm get the name as it is at the top of the script, the same one for both.",
        "Change ALIBABA_CLOUD_NODE_NAME at the top of the script, outside of functions.",
    ),
}
