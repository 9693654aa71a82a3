"""Texts that may be run although no command is seen to run them: what bash evaluates by itself (prompts, traces, the
indexes of arrays), and what a function of the script is handed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ackpatch.node.mentions import start_in
from ackpatch.shell.plain import everything, parts_of, simple_commands
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
_WORTH_A_LOOK = re.compile(r"'[^'\n]*(?:\$\(|`)[^'\n]*kube|\\(?:\$\(|`)[^\n]*kube|\bPROMPT_COMMAND=")


def evaluated(script: Script) -> Iterator[tuple[Statement, str]]:
    """The statements with a quoted text that starts kubelet once bash evaluates it, and that text.

    A command's own words are not among them.
    """
    if not _WORTH_A_LOOK.search(script.text):
        return
    for statement in everything(script.statements):
        found = next(_texts(statement), "")
        if found:
            yield statement, found


def _texts(statement: Statement) -> Iterator[str]:
    command = statement.command
    for one in command.assignments if isinstance(command, Simple | Declaration) else ():
        words = [one.value] if one.value is not None else one.array or []
        for word in words:
            yield from _starting(parts_of(word.parts), whole=one.name == "PROMPT_COMMAND")
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
