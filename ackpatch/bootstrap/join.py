"""The join command as kubeadm prints it for a new node: read as a shell command, and accepted as that one only."""

from __future__ import annotations

from ackpatch.errors import SyntaxRefusedError, UsageError
from ackpatch.shell.plain import plain_words
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Simple

# What would not work on a node of a pool, or is the script's own business.
_NOT_HERE = {
    "--config": "the file is not on a new node",
    "--control-plane": "a node of a pool is a worker",
    "--certificate-key": "a node of a pool is a worker",
    "--node-name": "the name is injected",
    "--dry-run": "the node would not join",
}


def join_words(text: str) -> list[str]:
    """The words of a join command; raises UsageError for anything but one plain ``kubeadm join``."""
    try:
        statements = parse(text.strip().encode("utf-8", "surrogateescape"), "bash").statements
    except SyntaxRefusedError as error:
        raise UsageError(f"the join command is no shell command: {error.message}") from error
    command = statements[0].command if len(statements) == 1 else None
    if not isinstance(command, Simple) or command.assignments or statements[0].redirections or statements[0].background:
        raise UsageError("the join command has to be one kubeadm join, with nothing around it")
    words = plain_words(command)
    if words[:2] != ["kubeadm", "join"] or not all(words) or any("\\" in word for word in words):
        raise UsageError("the join command has to be kubeadm join with plain words, as kubeadm prints it")
    for word in words:
        name = word.partition("=")[0]
        if name in _NOT_HERE:
            raise UsageError(f"the join command has {name}: {_NOT_HERE[name]}")
    if not any(word.partition("=")[0] in ("--token", "--discovery-token", "--discovery-file") for word in words):
        raise UsageError("the join command has no --token")
    return words
