"""Functions whose text is sent to another shell, with ``declare -f``: the call in them goes along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ackpatch.shell.nested import drops_environment, remote_from
from ackpatch.shell.plain import all_parts, everything, plain_words
from ackpatch.shell.tree import Declaration, Function, Script, Simple, Statement, Substitution, ancestors, walk


@dataclass(frozen=True, slots=True)
class Sent:
    """A ``declare -f`` of functions with a call in them: the byte offset after it, and where the text goes.

    ``here``: to a shell on this machine, ``away``: to another machine; both where nobody knows.
    ``drops_environment``: to a shell that does not get the four values, or no exported function.
    """

    offset: int
    functions: tuple[Function, ...]
    here: bool
    away: bool
    drops_environment: bool

    def holds(self, statement: Statement) -> bool:
        """Say whether a statement stands in one of the functions."""
        return any(one.command in self.functions for one in ancestors(statement))


def shipped(script: Script, calls: Sequence[int]) -> Iterator[Sent]:
    """Find what sends functions in which a call is put; ``calls`` are the byte offsets of the calls."""
    if not calls or not ("declare -f" in script.text or "typeset -f" in script.text):
        return
    functions = {one.command.name: one for one in walk(script.statements) if isinstance(one.command, Function)}
    for statement in everything(script.statements):
        for part in all_parts(statement):
            if not isinstance(part, Substitution):
                continue
            for inner in part.body:
                sent = _sent(inner, functions, calls)
                if sent:
                    words = plain_words(statement.command) if isinstance(statement.command, Simple) else []
                    remote = remote_from(words) is not None
                    # sudo takes exported functions away, with -E too.
                    drops = not remote and (drops_environment(words) or words[:1] in (["sudo"], ["doas"]))
                    yield Sent(inner.span.end, sent, not remote, remote or not words, drops)


def _sent(inner: Statement, functions: dict[str, Statement], calls: Sequence[int]) -> tuple[Function, ...]:
    command = inner.command
    if not isinstance(command, Declaration) or not any("f" in one for one in command.options):
        return ()
    named = [functions[one.name] for one in command.assignments if one.name in functions]
    found = [one for one in named if any(one.span.start <= offset <= one.span.end for offset in calls)]
    return tuple(one.command for one in found if isinstance(one.command, Function))
