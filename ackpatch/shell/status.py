"""Who reads what the command before left behind: ``$?``, ``$_``, ``PIPESTATUS``."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

from ackpatch.shell.tree import Compound, Function, Script, Simple, Statement, ancestors, inner_lists, walk

# What a command leaves behind, and the next one may read; $! is not changed by a call.
_READS_STATUS = re.compile(r"\$(?:\?|\{\?\}|_(?!\w)|\{_\}|\{?PIPESTATUS)")


def reads_status(script: Script, statement: Statement, called: bool = False) -> bool:
    """Say whether the first command that a statement runs reads ``$?`` or its kin; ``called``: in a function's body."""
    command = statement.command
    end = statement.span.end
    if isinstance(command, Compound):
        lists = [several for several in inner_lists(statement) if several]
        first = lists[0][0] if lists else None
        if first is not None and command.kind not in ("case", "for") and reads_status(script, first, called):
            return True
        end = first.span.start if first is not None else end
    elif isinstance(command, Function):
        return False
    if _READS_STATUS.search(script.text, statement.span.start, end) is not None:
        return True
    words = command.words if isinstance(command, Simple) else []
    return bool(words) and not called and _asks_first(script, script.source(words[0].span))


# ``set -e`` and what takes it back.
_ERREXIT = re.compile(r"^set[ \t]+(?:-\w*e\w*|-[a-z]*o[ \t]+errexit)(?![\w-])|\A#!.*[ \t]-\w*e", re.MULTILINE)
_TAKEN_BACK = re.compile(r"\bset[ \t]+\+\w*[eo]")


def ends_the_script(script: Script, statement: Statement) -> bool:
    """Say whether the script certainly ends where a statement fails: ``set -e`` counts, and nobody reads its status.

    A function may be called where somebody does: there something else has to come after the statement.
    """
    *around, outermost = ancestors(statement)
    own = list(takewhile(lambda one: not isinstance(one.command, Function), (*around, outermost)))
    if any(one.role not in ("list", "function") for one in (*around, outermost)):
        return False
    if own[-1] is not outermost and not any(one.siblings[one.index + 1 :] for one in own):
        return False
    before = script.text[: outermost.span.start]
    return _ERREXIT.search(before) is not None and _TAKEN_BACK.search(before) is None


@lru_cache(maxsize=64)
def _asks_first(script: Script, name: str) -> bool:
    """Say whether a name is that of a function whose first command reads ``$?``."""
    found = [one.command for one in walk(script.statements) if isinstance(one.command, Function)]
    return any(reads_status(script, one.body, called=True) for one in found if one.name == name)
