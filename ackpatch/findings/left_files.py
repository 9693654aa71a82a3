"""Files that start kubelet once something runs them, and that nothing in the script runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import NOTE, Seen, looks, rule
from ackpatch.model import Finding
from ackpatch.node.mentions import start_in
from ackpatch.shell.environment import shown

ACK307 = rule(
    "ACK307",
    NOTE,
    "a file that starts kubelet is written, and nothing seen here runs it",
    "Whoever runs it starts kubelet with what the node is configured with at that moment.",
    "If a new node of the pool runs it, patch it as a script of its own.",
)
# A line that begins with the command, as one of a script or a unit does, not a sentence with one in it.
_COMMAND = re.compile(
    r"(?:^|&&|\|\||;|\bthen\b|\bdo\b|^[ \t]*Exec\w*=[-@:+!]*)[ \t]*"
    r"(?:(?:sudo|exec|if|!)[ \t]+(?:-\S+[ \t]+)*)*(?:/\S*/)?"
    r"(?:systemctl|service|rc-service|kubeadm|kubelet|k3s|rke2|k0s)[ \t].*$",
    re.MULTILINE,
)


@looks
def left_files(seen: Seen) -> Iterator[Finding]:
    """A script or a unit that is written, with a start in it."""
    texts = seen.boot.walker.texts
    for path, one in texts.files.items():
        text = one.rendered.text
        if text not in texts.run and any(map(start_in, _COMMAND.findall(text))):
            yield ACK307(one.statement.span, shown(path))
