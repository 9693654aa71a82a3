"""Every finding's code, severity, reason and remedy; ``docs/findings.md`` is made from this table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ackpatch.errors import UsageError
from ackpatch.model import Finding, Severity, Span


@dataclass(frozen=True, slots=True)
class Rule:
    """What is always true of a finding with one code."""

    severity: Severity
    title: str
    why: str
    remedy: str


APPLY = "Run ackpatch apply."
# Where apply finds no place by itself.
BY_HAND = (
    "Put the comment '# ackpatch: here' on a line of its own, after what writes kubelet's configuration and before "
    "what starts it, or move the two apart; then run ackpatch apply."
)


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
RULES: dict[str, Rule] = {
    "ACK101": Rule(
        _E,
        "kubelet is started without the four values",
        "The node would register without its provider ID, name, labels and taints, and never work in the node pool.",
        APPLY,
    ),
    "ACK102": Rule(
        _E,
        "kubeadm join does not use the injected node name",
        "kubeadm waits for a node of another name than kubelet registers, and fails after two minutes.",
        "Run ackpatch apply; it adds --node-name.",
    ),
    "ACK103": Rule(
        _E,
        "kubelet's configuration is written without the four values",
        "The next start of kubelet, also one after a reboot, reads this configuration.",
        APPLY,
    ),
    "ACK110": Rule(
        _E,
        "an inner script writes kubelet's configuration and starts kubelet",
        "Nothing can be put between the two from outside.",
        "Move the start after the inner script, or make the inner script a file of its own and patch that.",
    ),
    "ACK111": Rule(
        _E,
        "--node-name cannot be added to this join",
        "The text of the command is not where it could be changed without a guess.",
        "Write kubeadm join as a plain command, or add --node-name there yourself.",
    ),
    "ACK112": Rule(
        _E,
        "the flags cannot be put on this kubelet command line",
        "The flags go to the end of a command line that runs kubelet itself; the end of this one is not kubelet's.",
        "Let ExecStart= run kubelet itself, without a shell, a container or a wrapper, and with no taints of its own.",
    ),
    "ACK114": Rule(
        _E,
        "kubelet or a join is named in a command that is not understood",
        "It may start kubelet, and then without the four values.",
        "Write the start as systemctl or kubeadm run it. If it starts none: # ackpatch: ignore. If it does, and "
        "systemd runs kubelet: # ackpatch: here above the line puts a call before it.",
    ),
    "ACK115": Rule(
        _E,
        "a limit was reached",
        "What comes after it was not looked at, and may start kubelet.",
        "Make the script simpler there, or patch the part that starts kubelet as a script of its own.",
    ),
    "ACK116": Rule(
        _E,
        "kubelet is run in a way that ackpatch does not configure",
        "The values go to kubelet through its systemd unit; what runs it here does not read that unit.",
        "Let systemd run kubelet.service, or give the four values by the means of that tool.",
    ),
    "ACK117": Rule(
        _E,
        "the unit would have two ExecStart=",
        "systemd refuses a service with more than one command line: kubelet does not start.",
        "Write an empty ExecStart= before the second one.",
    ),
    "ACK118": Rule(
        _E,
        "kubelet exits on a label of the script's own",
        "Since 1.16 kubelet takes no label below kubernetes.io or k8s.io that is not one of its own.",
        "Set that label with kubectl after the join, or use a key of another domain.",
    ),
    "ACK119": Rule(
        _E,
        "no start of kubelet was seen in a bootstrap script",
        "The script of a node pool has to start kubelet with the four values; what it runs unseen is not known here.",
        "Patch the script that starts kubelet, and register that one.",
    ),
    "ACK120": Rule(
        _E,
        "the values cannot be given to this agent",
        "k3s and RKE2 agents read them from a file; an option of the script's own would beat it, or the file is not "
        "read.",
        "Do what the finding says; then run ackpatch apply.",
    ),
    "ACK121": Rule(
        _E,
        "the node name is changed after its value was taken",
        "kubelet and kubeadm get the name as it is at the top of the script, the same one for both.",
        "Change ALIBABA_CLOUD_NODE_NAME at the top of the script, outside of functions.",
    ),
    "ACK201": Rule(
        _W,
        "kubelet is started on another machine or in a container",
        "The four variables exist on the new instance only.",
        "If that machine is a new node of the pool too, patch the script that it runs.",
    ),
    "ACK202": Rule(
        _W,
        "code that is not in this script runs here",
        "It may start kubelet or write its configuration; a start after it is treated as not covered yet.",
        "Patch that script too if it starts kubelet.",
    ),
    "ACK203": Rule(
        _W,
        "the script is not written for the shell that its first line names",
        "It was read as a bash script.",
        "Change the first line to #!/bin/bash.",
    ),
    "ACK204": Rule(
        _W,
        "a control plane is made here",
        "A node that a pool adds has to join, not to make a cluster.",
        "Register a script that joins.",
    ),
    "ACK205": Rule(
        _W,
        "the join's configuration file comes from elsewhere",
        "The injected taints replace those that kubeadm takes from a file which this script does not write.",
        "Give those taints in the node pool too, or let the script write the file.",
    ),
    "ACK206": Rule(
        _W,
        "an older injection of the four values is in the script",
        "The documented block loses or breaks values in common cases, and runs a label as a command in one.",
        "Run ackpatch apply; where the values are set that block then rests.",
    ),
    "ACK207": Rule(
        _W,
        "an injected variable is used without a check",
        "A value with a newline, a quote or a semicolon changes the unit or runs as root.",
        "Let ackpatch check the values.",
    ),
    "ACK208": Rule(
        _W,
        "ALIBABA_CLOUD_PROVIDE_ID is not a variable that is injected",
        "Old documents lack the R: the provider ID stays empty.",
        "Write ALIBABA_CLOUD_PROVIDER_ID.",
    ),
    "ACK209": Rule(
        _W,
        "--node-ip is set to the node name",
        "A node name is no IP address: kubelet ignores it, and loses a good --node-ip before it.",
        "Run ackpatch apply; a call then gives the address that is in the name.",
    ),
    "ACK211": Rule(
        _W,
        "two parsers read this command differently",
        "ackpatch acts on a command only as both shfmt and bashlex read it; here one of them may be wrong.",
        "Write the command in a plainer way, and look at the diff with care.",
    ),
    "ACK212": Rule(
        _E,
        "the script is a template",
        "What renders it would read the spliced text in its own way, and what it renders is not known here.",
        "Render it first, and patch the result.",
    ),
    "ACK213": Rule(
        _W,
        "kubelet is started before the injection by hand",
        "The first start registers the node; labels, taints and provider ID count only then.",
        "Run ackpatch apply, or move the injection before this start.",
    ),
    "ACK214": Rule(
        _W,
        "a file that the injection by hand has changed is written again",
        "What was injected is gone when kubelet starts.",
        "Run ackpatch apply, or move the injection after this write.",
    ),
    "ACK215": Rule(
        _W,
        "kubeadm join names the node itself",
        "kubelet gets the injected name; kubeadm would wait for a node of another one and fail after two minutes.",
        "Run ackpatch apply: the injected name is added at the end, where it counts.",
    ),
    "ACK216": Rule(
        _W,
        "an injected variable stands in a here-document in which nothing expands",
        "The delimiter is quoted: the file gets the variable's name, not its value.",
        "Write the delimiter without quotes, or leave the variable to ackpatch apply.",
    ),
    "ACK217": Rule(
        _W,
        "a comment or an empty line stands inside a continued ExecStart=",
        "systemd 219 to 241 and later versions read that differently, and each may lose the flags after it.",
        "Move the comment above ExecStart=.",
    ),
    "ACK218": Rule(
        _W,
        "this ExecStart= is never used",
        "A drop-in sets ExecStart= anew, so that flags in the unit reach nobody.",
        "Put the flags into the drop-in or the environment file, or take the drop-in away.",
    ),
    "ACK219": Rule(
        _W,
        "kubelet is started without a daemon-reload after its unit was changed",
        "systemd has read the unit before and starts kubelet with the old one.",
        "Put systemctl daemon-reload between the two.",
    ),
    "ACK220": Rule(
        _W,
        "systemctl start does nothing to a kubelet that runs already",
        "What was written since the first start is not read.",
        "Write systemctl restart kubelet.",
    ),
    "ACK221": Rule(
        _W,
        "this environment file is read on another family of distributions",
        "kubelet's unit of RPM packages reads /etc/sysconfig/kubelet, that of DEB packages /etc/default/kubelet.",
        "Write the file that belongs to the packages which the script installs.",
    ),
    "ACK222": Rule(
        _W,
        "KUBELET_EXTRA_ARGS is set by Environment=",
        "The environment file beats it as soon as it assigns that variable, in any order.",
        "Set the variable in /etc/sysconfig/kubelet or /etc/default/kubelet.",
    ),
    "ACK223": Rule(
        _W,
        "an injected variable is used where it does not arrive",
        "sudo, su -, env -i and ssh drop the environment, and the quotes keep this shell from filling the value in.",
        "Use sudo -E, or leave the variable to ackpatch apply.",
    ),
    "ACK224": Rule(
        _W,
        "an injected variable is used without a default under set -u",
        "A run without that variable ends here; empty taints are normal, and a run by hand has none of the four.",
        "Write ${NAME:-}, or leave the variable to ackpatch apply.",
    ),
    "ACK225": Rule(
        _W,
        "the script asks for input",
        "On a new instance nobody answers: read fails, or takes the next line of the script.",
        "Take the value from a variable or a file.",
    ),
    "ACK226": Rule(
        _W,
        "the script takes a positional argument",
        "A node pool runs it without arguments: the value is empty, and under set -u the script ends.",
        "Write a default: ${1:-value}.",
    ),
    "ACK227": Rule(
        _W,
        "a join token stands in the script",
        "Whoever reads the script can join any machine under any name; a token without an end never expires.",
        "Keep the script where only the nodes can read it, and give the token an end that you renew.",
    ),
    "ACK228": Rule(
        _W,
        "the join token goes into the log",
        "set -x writes each command with its words; the output of a bootstrap script is kept on the instance.",
        "Write set +x before the join.",
    ),
    "ACK229": Rule(
        _W,
        "kubelet's certificates are brought from elsewhere",
        "With another node's certificate in /var/lib/kubelet/pki kubelet comes up as that node, or not at all.",
        "Let each node make its own: remove /var/lib/kubelet/pki before the join, and from images.",
    ),
    "ACK230": Rule(
        _W,
        "this agent has taints of the script's own",
        "One that is equal to a taint of the node pool in key and effect stops kubelet.",
        "Give the taint in one of the two places only.",
    ),
    "ACK231": Rule(
        _W,
        "another node name is given to something beside kubelet",
        "kubelet registers under the injected name; what looks for a Node of another name does not find it.",
        "Give it ${ALIBABA_CLOUD_NODE_NAME:-and the name of today}, or no name of its own.",
    ),
    "ACK301": Rule(
        _N,
        "the script starts no kubelet and configures none",
        "There is nothing to inject.",
        "Nothing to do; if another script starts kubelet, patch that one.",
    ),
    "ACK302": Rule(
        _N,
        "this start was told by the name of a helper",
        "The helper is not in this script.",
        "Nothing to do if it starts kubelet; else mark the line with # ackpatch: ignore.",
    ),
    "ACK303": Rule(_N, "ignored", "A comment in the script asks for it.", "Take the comment away to have it covered."),
    "ACK304": Rule(
        _N,
        "kubelet has a node name of the script's own",
        "Of two names kubelet takes the last.",
        "Nothing to do: the injected name comes after it.",
    ),
    "ACK305": Rule(
        _N,
        "kubelet has a provider ID of the script's own",
        "The ID of a registered node can never be changed.",
        "Nothing to do: the injected ID comes after it.",
    ),
    "ACK306": Rule(
        _N,
        "kubeadm upgrade writes kubelet's flags anew",
        "It restarts nothing; kubelet reads them at its next start.",
        "Nothing to do: the injected flags come after them.",
    ),
    "ACK901": Rule(
        _E,
        "the lines end with carriage returns",
        "bash takes the carriage return for a part of the last word of each line; the script cannot run.",
        "Convert the file: sed -i 's/\\r$//' FILE",
    ),
    "ACK902": Rule(
        _E,
        "the file starts with a byte order mark",
        "The system does not see the first line's #! after it; the script cannot run.",
        "Take it away: sed -i '1s/^\\xef\\xbb\\xbf//' FILE",
    ),
    "ACK903": Rule(_E, "the file is binary", "It holds NUL bytes.", "Give a shell script."),
    "ACK904": Rule(
        _E,
        "the shell cannot parse the script",
        "What cannot be parsed cannot be patched safely.",
        "Mend the syntax; bash -n FILE shows it too. A placeholder such as <NAME> has to be filled in first.",
    ),
    "ACK905": Rule(
        _E,
        "the script reads itself by line or byte number",
        "An insertion would move what it reads.",
        "Look the place up by a marker line instead of a number.",
    ),
    "ACK906": Rule(
        _E,
        "a mark of ackpatch is damaged",
        "It cannot be taken out without touching text that may not be ackpatch's.",
        "Restore the script, or delete the remains by hand; --force drops changed blocks.",
    ),
    "ACK908": Rule(
        _E,
        "this is no shell script",
        "A shell block in a file of another kind breaks it.",
        "Patch the shell script itself.",
    ),
    "ACK907": Rule(
        _E,
        "the result did not pass ackpatch's own checks",
        "The patched script must parse, be stable under a second run, and give the original back.",
        "Please report this with the part of the script that the finding names.",
    ),
}


def codes(given: Iterable[str]) -> tuple[str, ...]:
    """Give codes, or the beginnings of some, in capitals; raises UsageError for one that fits no finding."""
    found = []
    for one in given:
        code = one.strip().upper()
        if code and not any(known.startswith(code) for known in RULES):
            from difflib import get_close_matches

            close = get_close_matches(code, RULES, 1)
            raise UsageError(f"there is no finding {one}" + (f"; do you mean {close[0]}?" if close else ""))
        found += [code] if code else []
    return tuple(found)


def finding(code: str, span: Span, detail: str = "", fixable: bool = False) -> Finding:
    """Make a finding; ``detail`` says what is special here."""
    rule = RULES[code]
    message = f"{rule.title}: {detail}" if detail else rule.title
    by_hand = not fixable and rule.remedy == APPLY
    return Finding(code, rule.severity, span, message, BY_HAND if by_hand else rule.remedy, fixable)
