"""Texts that may be run although no command is seen to run them: what bash evaluates by itself (prompts, traces, the
indexes of arrays), and what a function of the script is handed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ackpatch.node.mentions import start_in
from ackpatch.shell.plain import everything, parts_of, plain_text, simple_commands
from ackpatch.shell.tree import (
    Compound,
    Declaration,
    Function,
    Literal,
    Part,
    Script,
    Simple,
    SingleQuoted,
    Statement,
    ancestors,
)

# A substitution that is quoted: what is in it runs when the text is evaluated.
_QUOTED = re.compile(r"\\?\$\(([^()]*)|\\?`([^`]*)")
# A script without a match has none of them.
_WORTH_A_LOOK = re.compile(r"'[^'\n]*(?:\$\(|`)[^'\n]*kube|\\(?:\$\(|`)[^\n]*kube|\b(?:PROMPT_COMMAND|BASH_ALIASES)\b")
_SHELL_THAT_READS = re.compile(r"\bcoproc\b|>\(\s*(?:sudo\s+)?(?:\S*/)?(?:bash|sh|dash|ksh|zsh)\b")
# Variables that bash evaluates as a whole.
_COMMANDS = frozenset({"PROMPT_COMMAND", "BASH_ALIASES"})


def evaluated(script: Script) -> Iterator[tuple[Statement, str, str]]:
    """The statements with a text that starts kubelet once bash evaluates it, what the text is, and what it says.

    A command's own words are not among them, but what is printed into a descriptor where a shell may read it.
    """
    quoted, into_a_shell = _WORTH_A_LOOK.search(script.text), _SHELL_THAT_READS.search(script.text)
    for statement in everything(script.statements) if quoted or into_a_shell else ():
        found = next(_texts(statement), "")
        if found:
            yield statement, "a quoted text that bash evaluates", found
        elif into_a_shell and _into_a_descriptor(statement) and (found := start_in(script.source(statement.span))):
            yield statement, "a text for a shell that reads a descriptor", found


def _into_a_descriptor(statement: Statement) -> bool:
    """Say whether a command prints into a descriptor that the script opened."""
    return isinstance(statement.command, Simple) and any(
        one.operator == ">&" and plain_text(one.word) not in ("1", "2", "-") for one in statement.redirections
    )


def _texts(statement: Statement) -> Iterator[str]:
    command = statement.command
    for one in command.assignments if isinstance(command, Simple | Declaration) else ():
        words = [one.value] if one.value is not None else one.array or []
        for word in words:
            yield from _starting(parts_of(word.parts), whole=one.name in _COMMANDS)
    if isinstance(command, Compound) and command.kind == "other":  # [[ ]], (( )), let
        for word in command.items or []:
            yield from _starting(parts_of(word.parts), whole=False)


def _starting(parts: Iterable[Part], whole: bool) -> Iterator[str]:
    for part in parts:
        if isinstance(part, SingleQuoted) or (isinstance(part, Literal) and (whole or "\\" in part.text)):
            run = [part.text] if whole else ["".join(one) for one in _QUOTED.findall(part.text)]
            yield from (one for one in run if start_in(one))


def handed(script: Script, unseen: Sequence[Statement], run: Iterable[str]) -> Iterator[tuple[Statement, str]]:
    """The commands that hand a text which starts kubelet to a function of the script's with something ``unseen`` in
    it, and what they name: the function may run the text. Those in the texts that were ``run`` are read.
    """
    inside = {id(around.command): around.command for one in unseen for around in ancestors(one)}
    functions = {one.name for one in inside.values() if isinstance(one, Function)}
    for statement, command, words in simple_commands(script.statements) if functions else ():
        if words and words[0] in functions:
            found = next(filter(None, (start_in(script.source(word.span)) for word in command.words[1:])), "")
            constant = found.partition("$")[0]
            if found and not any(constant in one for one in run):
                yield statement, f"{words[0]} … {found}"
