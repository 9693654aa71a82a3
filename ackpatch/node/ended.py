"""kubelet's process ended from outside of systemd, which then starts it again as its unit says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ackpatch.shell.programs import program
from ackpatch.shell.step import Step

_BY_NAME = frozenset({"pkill", "killall"})
_NAMED = re.compile(r"\^?(?:/usr/(?:local/)?bin/)?kubelet\$?")
# What finds the process for ``kill``.
_FINDS = re.compile(r"(?:pidof|pgrep)\b[^)`|]*\bkubelet\b|\bkubelet\.pid\b|MainPID[^)`|]*\bkubelet\b")


def ends_kubelet(step: Step, words: Sequence[str]) -> str:
    """The command that ends kubelet; "" for none, and for one that only asks whether it runs."""
    first, name = program(words)
    if "-0" in words or "-STOP" in words:
        return ""
    if name in _BY_NAME and any(map(_NAMED.fullmatch, words[first + 1 :])):
        return f"{name} kubelet"
    if name == "kill" and _FINDS.search(step.script.source(step.statement.span) + step.piped_source):
        return "kill"
    return ""
