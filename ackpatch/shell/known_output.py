"""Commands of which it is known what they print: one of their own words, or a join."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ackpatch.shell.expansions import formatted
from ackpatch.shell.tree import Compound, Simple, Statement, Word

# What passes a line on as it is.
_PASSES = frozenset({"tail", "head", "tr", "cat", "tee", "dos2unix", "sort", "uniq"})
Texts = tuple[str, ...]


def known_output(
    body: Sequence[Statement], text_of: Callable[[Word], Texts], words_of: Callable[[Simple], list[str]], unknown: str
) -> str | None:
    """What the command of a substitution prints; None where only a run can tell.

    ``text_of`` gives what a word can be, ``words_of`` the words of a command that has them in one way only,
    ``unknown`` stands for what only a run can tell.
    """
    commands = list(_pipeline(body[0])) if len(body) == 1 else []
    words = [[text_of(word) for word in one.words] for one in commands]
    if not words or not all(words):
        return None
    if words[0][0] == ("printf",) and len(words) == 1 and not body[0].redirections:
        given = words_of(commands[0])[1:]
        return formatted(given[0], given[1:], unknown) if given and given[0] != "-v" else None
    if words[0][0] == ("systemd-escape",) and len(words) == 1:
        return _escaped([text for texts in words[0] for text in texts], unknown)
    if len(words) == 1 and not body[0].redirections and all(len(texts) == 1 for texts in words[0]):
        found = _own_word([texts[0] for texts in words[0]], unknown)
        if found is not None:
            return found
    # kubeadm may run elsewhere: ssh HOST 'kubeadm token create …'.
    joins = any("--print-join-command" in text and ">" not in text for texts in words[0] for text in texts)
    return f"kubeadm join {unknown}" if joins and all(texts[0][0] in _PASSES for texts in words[1:]) else None


def _pipeline(statement: Statement) -> Iterator[Simple]:
    command = statement.command
    if isinstance(command, Simple):
        yield command
    elif isinstance(command, Compound) and command.kind == "pipe":
        for (one,) in command.bodies:
            yield from _pipeline(one)


def _own_word(words: list[str], unknown: str) -> str | None:
    if words[0] in ("readlink", "realpath", "which") or words[:2] in (
        ["command", "-v"],
        ["type", "-p"],
        ["type", "-P"],
    ):
        return words[-1]
    if words[0] == "echo" and not any(word.startswith("-") for word in words[1:2]):
        return " ".join(words[1:])
    return None


def _escaped(words: list[str], unknown: str) -> str | None:
    """The end of a unit's name is known where the suffix is given."""
    return next((f"{unknown}.{word.partition('=')[2]}" for word in words if word.startswith("--suffix=")), None)
