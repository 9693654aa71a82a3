"""The prologue: the shell code that a plan needs, from ``blocks/``, and the place for it near the top of the script."""

from __future__ import annotations

import os

from ackpatch.shell.tree import Script, Simple, Statement
from ackpatch.splice.anchors import end_of_line, first_on_line, line_start

_APPLY = {
    "kubeadm": ("environment.sh", 'ackpatch_apply() { ackpatch_environment "$@"; }\n'),
    "binary": ("unit.sh", "ackpatch_apply() { ackpatch_unit; }\n"),
}


def read_block(name: str) -> str:
    """Give the text of one of the shell files that are spliced into scripts."""
    with open(os.path.join(os.path.dirname(__file__), "blocks", name), encoding="ascii") as file:
        return file.read()


def prologue(runtime: str | None, wraps: bool = False, node_ip: bool = False, join_config: bool = False) -> str:
    """Compose the prologue. ``runtime`` names the block for calls (kubeadm, binary, either), None without calls."""
    parts = [read_block("values.sh")]
    if node_ip:
        parts.append(read_block("node-ip.sh"))
    if wraps:
        parts.append(read_block("flag.sh"))
    if runtime is not None:
        parts.append(read_block("call.sh"))
    if join_config:
        parts.append(read_block("join-config.sh"))
    if runtime == "either":
        parts += [read_block("environment.sh"), read_block("unit.sh"), read_block("either.sh")]
    elif runtime is not None:
        name, apply = _APPLY[runtime]
        parts += [read_block(name), apply]
    return "".join(parts)


def prologue_offset(script: Script) -> int:
    """Give the offset of the line before which the prologue goes: behind shebang, first comments and ``set`` lines."""
    first = next((s for s in script.statements if not _is_setting(s)), None)
    settings = script.statements[: script.statements.index(first)] if first else script.statements
    if settings and first is not None and line_start(script, first.span.start) > settings[-1].span.start:
        return end_of_line(script, settings[-1])
    head = _behind_comments(script.text)
    return head if first is None else min(head, line_start(script, first_on_line(script, first).span.start))


def _is_setting(statement: Statement) -> bool:
    command = statement.command
    if not isinstance(command, Simple) or not command.words or statement.redirections or statement.background:
        return False
    parts = command.words[0].parts
    return len(parts) == 1 and getattr(parts[0], "text", "") in ("set", "shopt")


def _behind_comments(text: str) -> int:
    """Give the offset behind the shebang and the comment lines that follow it at once."""
    offset = 0
    while text.startswith("#", offset):
        newline = text.find("\n", offset)
        if newline < 0:
            return len(text)
        offset = newline + 1
    return offset
