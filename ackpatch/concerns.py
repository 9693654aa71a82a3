"""Whether a file is a script that is worth reading: what is none, and what speaks of nothing of ours."""

from __future__ import annotations

import re
from functools import cache

from ackpatch.findings import finding
from ackpatch.model import Finding, Span
from ackpatch.node.managers import TOOLS, UNITS
from ackpatch.node.tools import CONTROL, MAKES_NODES
from ackpatch.options import Options
from ackpatch.shell.not_shell import NotShell, decoded, what_it_is

_MENTIONS = re.compile(
    rb"kubelet|kubeadm|microk8s|edgecore|/eks/|nodeadm|rke|rancher|k3s|k0s|K3S_|RKE2_|kube\s*[+.]\s*(?:let|adm)"
)
# Words before a command, with their options: sudo -E, timeout 300, env A=1. Each word is read in one way.
_PREFIX = rb"(?:sudo|exec|command|time|timeout|nohup|nice|env|setsid|systemd-run|nsenter)"
_PREFIXES = rb"(?:" + _PREFIX + rb"(?:[ \t]+(?:-\S*|\d\w*|\w+=\S*|root|" + _PREFIX + rb"))*[ \t]+)?"
# Where a command begins.
_COMMAND = rb"(?:^|[;&|(!{]|\b(?:do|then|else|if|elif|until|while)\b)[ \t]*" + _PREFIXES
_OWN_FOLDERS = rb"(?:opt|root|home|srv|tmp|data|var|mnt|media|vagrant|usr/local/s?bin)"


@cache  # compiled where a script speaks of nothing of ours
def _runs_others() -> re.Pattern[bytes]:
    """What runs code that is not in the script, or a unit or command that only a run can tell."""
    return re.compile(
        rb"|".join(
            (
                _COMMAND + rb"(?:(?:ba|da|k|z)?sh\b|\.[ \t]|source[ \t]|make\b|\.{1,2}/|~/|/" + _OWN_FOLDERS + rb"/)",
                rb"\$'[^'\n]{0,40}\\[xuU0-7]|<\([ \t]*curl|\.sh\b|BASH_ENV|run-parts",
                rb"\b(?:python3?|perl|ruby)[ \t]+[^-\s]|ansible|\bawk[ \t][^\n]{0,300}(?:\bsh\b|system)",
                rb"\b(?:salt-call|puppet|chef-client|chef-solo|cinc-client|terraform|packer)\b",
                rb"(?:sh[ \t]+-\w*c|\beval|\btrap)\b[^\n]{0,300}\$|<<<[ \t]*[\"']?\$|-exec\b",
                rb"\b(?:" + "|".join(map(re.escape, (*TOOLS, *UNITS))).encode() + rb")",
                rb"\b(?:" + "|".join(CONTROL).encode() + rb")[ \t][^\n]{0,100}(?:" + MAKES_NODES.encode() + rb")",
                rb"xargs|parallel|\bsu\b[^\n]{0,300} -c|(?:^|\|)[ \t]*at[ \t]|\bat[ \t]+-f",
                rb"(?:systemctl|service)\b(?:[^\n]|\\\n){0,300}[$*?[{]|isolate|preset-all|busctl|dbus-send",
                rb"/init\.d/[\"']?\$|\benable[ \t]+-f|^[ \t]*(?:sudo[ \t]+)?/[\w./-]*[*?\[]",
                rb"/systemd/system|/etc/cron|crontab|rc\.local|\b(?:curl|wget)\b[^\n]{0,300}/s?bin/",
                # A command that is a variable or a substitution.
                _COMMAND + rb"\"?(?:\$[@*({\w]|`)",
            )
        ),
        re.MULTILINE,
    )


def unreadable(data: bytes, options: Options) -> Finding | None:
    """The finding for what is not a script of bash, or has nothing to do with kubelet; None for all others."""
    # Quotes inside a name and a continued line do not hide it.
    plain = data.replace(b"\\\n", b"").translate(None, b"'\"\\")
    concerned = options.bootstrap or _MENTIONS.search(plain) is not None
    if b"\0" in data:
        offset = data.index(b"\0")
        return finding("ACK903", Span(offset, offset + 1))
    other = what_it_is(data, options.name)
    if other is NotShell.ENCODED:
        concerned = _MENTIONS.search(decoded(data)) is not None
    if other is not None:
        return finding("ACK908", Span(0, 0), f"it is {other.value}") if concerned else finding("ACK301", Span(0, 0))
    if data.startswith(b"\xef\xbb\xbf"):
        return finding("ACK902", Span(0, 3))
    shebang = data.find(b"\n") + 1 if data.startswith(b"#!") else 0
    if not concerned and not _runs_others().search(data, shebang):
        return finding("ACK301", Span(0, 0))
    if data.split(b"\n", 1)[0].endswith(b"\r"):
        offset = data.index(b"\r")
        return finding("ACK901", Span(offset, offset + 1))
    return None
