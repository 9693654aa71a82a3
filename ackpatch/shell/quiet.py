"""Functions that only print, look and end: whatever words they are given, they do the same."""

from __future__ import annotations

import re
from collections.abc import Callable

from ackpatch.shell.plain import all_parts, everything, plain_words
from ackpatch.shell.tree import Compound, Declaration, Function, Parameter, Redirection, Script, Simple, Statement

_ONLY_PRINT = frozenset(
    """echo printf date hostname test [ true false : shift return exit logger tput sleep wait kill basename dirname
    whoami id caller""".split()
)
_NOWHERE = re.compile(r"/dev/(?:null|tty|stderr|stdout)|&?\d|-")
_LOG = re.compile(r"log", re.IGNORECASE)
_CHANGES = re.compile(r"\+\+|--|[^=!<>]=[^=~]")


def is_quiet(function: Function, script: Script, calls_quiet: Callable[[str], bool]) -> bool:
    """Say whether a function does nothing but print, to a log too, and change variables of its own.

    ``calls_quiet`` says the same of a function that it calls.
    """
    statements = list(everything([function.body]))
    own = {
        one.name
        for statement in statements
        if isinstance(statement.command, Declaration) and statement.command.variant == "local"
        for one in statement.command.assignments
    }
    return all(_is_quiet(one, script, own, calls_quiet) for one in statements)


def _is_quiet(statement: Statement, script: Script, own: set[str], calls_quiet: Callable[[str], bool]) -> bool:
    command = statement.command
    if not all(_keeps_to_logs(one, script) for one in statement.redirections):
        return False
    if any(isinstance(one, Parameter) and one.operator in ("=", ":=") for one in all_parts(statement)):
        return False
    if isinstance(command, Simple):
        words = plain_words(command)
        if not words:
            return all(one.name in own and not one.inside for one in command.assignments)
        return words[1:2] != ["-v"] and (words[0] in _ONLY_PRINT or calls_quiet(words[0]))
    if isinstance(command, Declaration):
        return command.variant == "local" and not any("n" in one for one in command.options)
    if isinstance(command, Compound) and command.kind in ("other", "for"):
        return _CHANGES.search(script.source(statement.span)) is None and command.variable in ("", *own)
    return isinstance(command, Compound)


def _keeps_to_logs(redirection: Redirection, script: Script) -> bool:
    source = script.source(redirection.word.span).strip("\"'")
    return bool(_NOWHERE.fullmatch(source)) or (redirection.operator == ">>" and _LOG.search(source) is not None)
