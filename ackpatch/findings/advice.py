"""What is wrong or fragile besides: ACK2."""

from __future__ import annotations

from ackpatch.findings.rule import ERROR, WARNING, Rule

RULES: dict[str, Rule] = {
    "ACK201": Rule(
        WARNING,
        "kubelet is started on another machine, in another root or in a container",
        "The four variables exist on the new instance only.",
        "If that machine is a new node of the pool too, patch the script that it runs.",
    ),
    "ACK202": Rule(
        WARNING,
        "code that is not in this script runs here",
        "It may start kubelet or write its configuration; a start after it is treated as not covered yet.",
        "Patch that script too if it starts kubelet.",
    ),
    "ACK203": Rule(
        WARNING,
        "the script is not written for the shell that its first line names",
        "It was read as a bash script.",
        "Change the first line to #!/bin/bash.",
    ),
    "ACK204": Rule(
        WARNING,
        "a control plane is made here",
        "A node that a pool adds has to join, not to make a cluster.",
        "Register a script that joins.",
    ),
    "ACK205": Rule(
        WARNING,
        "the join's configuration file comes from elsewhere",
        "The injected taints replace those that kubeadm takes from a file which this script does not write.",
        "Give those taints in the node pool too, or let the script write the file.",
    ),
    "ACK206": Rule(
        WARNING,
        "an older injection of the four values is in the script",
        "The documented block loses or breaks values in common cases, and runs a label as a command in one.",
        "Run ackpatch apply; where the values are set that block then rests.",
    ),
    "ACK207": Rule(
        WARNING,
        "an injected variable is used without a check",
        "A value with a newline, a quote or a semicolon changes the unit or runs as root.",
        "Let ackpatch check the values.",
    ),
    "ACK208": Rule(
        WARNING,
        "ALIBABA_CLOUD_PROVIDE_ID is not a variable that is injected",
        "Old documents lack the R: the provider ID stays empty.",
        "Write ALIBABA_CLOUD_PROVIDER_ID.",
    ),
    "ACK209": Rule(
        WARNING,
        "--node-ip is set to the node name",
        "A node name is no IP address: kubelet ignores it, and loses a good --node-ip before it.",
        "Run ackpatch apply; a call then gives the address that is in the name.",
    ),
    "ACK211": Rule(
        WARNING,
        "two parsers read this command differently",
        "ackpatch acts on a command only as both shfmt and bashlex read it; here one of them may be wrong.",
        "Write the command in a plainer way, and look at the diff with care.",
    ),
    "ACK212": Rule(
        ERROR,
        "the script is a template",
        "What renders it would read the spliced text in its own way, and what it renders is not known here.",
        "Render it first, and patch the result.",
    ),
    "ACK213": Rule(
        WARNING,
        "kubelet is started before the injection by hand",
        "The first start registers the node; labels, taints and provider ID count only then.",
        "Run ackpatch apply, or move the injection before this start.",
    ),
    "ACK214": Rule(
        WARNING,
        "a file that the injection by hand has changed is written again",
        "What was injected is gone when kubelet starts.",
        "Run ackpatch apply, or move the injection after this write.",
    ),
    "ACK215": Rule(
        WARNING,
        "kubeadm join names the node itself",
        "kubelet gets the injected name; kubeadm would wait for a node of another one and fail after two minutes.",
        "Run ackpatch apply: the injected name is added at the end, where it counts.",
    ),
    "ACK216": Rule(
        WARNING,
        "an injected variable stands in a here-document in which nothing expands",
        "The delimiter is quoted: the file gets the variable's name, not its value.",
        "Write the delimiter without quotes, or leave the variable to ackpatch apply.",
    ),
    "ACK217": Rule(
        WARNING,
        "a comment or an empty line stands inside a continued ExecStart=",
        "systemd 219 to 241 and later versions read that differently, and each may lose the flags after it.",
        "Move the comment above ExecStart=.",
    ),
    "ACK218": Rule(
        WARNING,
        "this ExecStart= is never used",
        "A drop-in sets ExecStart= anew, so that flags in the unit reach nobody.",
        "Put the flags into the drop-in or the environment file, or take the drop-in away.",
    ),
    "ACK219": Rule(
        WARNING,
        "kubelet is started without a daemon-reload after its unit was changed",
        "systemd has read the unit before and starts kubelet with the old one.",
        "Put systemctl daemon-reload between the two.",
    ),
    "ACK220": Rule(
        WARNING,
        "systemctl start does nothing to a kubelet that runs already",
        "What was written since the first start is not read.",
        "Write systemctl restart kubelet.",
    ),
    "ACK221": Rule(
        WARNING,
        "this environment file is read on another family of distributions",
        "kubelet's unit of RPM packages reads /etc/sysconfig/kubelet, that of DEB packages /etc/default/kubelet.",
        "Write the file that belongs to the packages which the script installs.",
    ),
    "ACK222": Rule(
        WARNING,
        "KUBELET_EXTRA_ARGS is set by Environment=",
        "The environment file beats it as soon as it assigns that variable, in any order.",
        "Set the variable in /etc/sysconfig/kubelet or /etc/default/kubelet.",
    ),
    "ACK223": Rule(
        WARNING,
        "an injected variable is used where it does not arrive",
        "sudo, su -, env -i and ssh drop the environment, and the quotes keep this shell from filling the value in.",
        "Use sudo -E, or leave the variable to ackpatch apply.",
    ),
    "ACK224": Rule(
        WARNING,
        "an injected variable is used without a default under set -u",
        "A run without that variable ends here; empty taints are normal, and a run by hand has none of the four.",
        "Write ${NAME:-}, or leave the variable to ackpatch apply.",
    ),
    "ACK225": Rule(
        WARNING,
        "the script asks for input",
        "On a new instance nobody answers: read fails, or takes the next line of the script.",
        "Take the value from a variable or a file.",
    ),
    "ACK226": Rule(
        WARNING,
        "the script takes a positional argument",
        "A node pool runs it without arguments: the value is empty, and under set -u the script ends.",
        "Write a default: ${1:-value}.",
    ),
    "ACK227": Rule(
        WARNING,
        "a join token stands in the script",
        "Whoever reads the script can join any machine under any name; a token without an end never expires.",
        "Keep the script where only the nodes can read it, and give the token an end that you renew.",
    ),
    "ACK228": Rule(
        WARNING,
        "the join token goes into the log",
        "set -x writes each command with its words; the output of a bootstrap script is kept on the instance.",
        "Write set +x before the join.",
    ),
    "ACK229": Rule(
        WARNING,
        "kubelet's certificates are brought from elsewhere",
        "With another node's certificate in /var/lib/kubelet/pki kubelet comes up as that node, or not at all.",
        "Let each node make its own: remove /var/lib/kubelet/pki before the join, and from images.",
    ),
    "ACK230": Rule(
        WARNING,
        "this agent has taints of the script's own",
        "One that is equal to a taint of the node pool in key and effect stops kubelet.",
        "Give the taint in one of the two places only.",
    ),
    "ACK231": Rule(
        WARNING,
        "another node name is given to something beside kubelet",
        "kubelet registers under the injected name; what looks for a Node of another name does not find it.",
        "Give it ${ALIBABA_CLOUD_NODE_NAME:-and the name of today}, or no name of its own.",
    ),
}
