"""One simple command at one moment of the walk through a script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ackpatch.shell.environment import Environment, Fields, Texts
from ackpatch.shell.nested import Nested
from ackpatch.shell.own_files import absolute
from ackpatch.shell.tree import Function, Redirection, Script, Simple, Statement
from ackpatch.shell.values import text_of


@dataclass(slots=True)
class Target:
    """A redirection with the paths that it can name."""

    redirection: Redirection
    paths: Texts


# They print, test, or change what is no file's content and no unit.
_INERT = frozenset(
    """echo printf test [ true false : mkdir chmod chown chgrp sysctl modprobe sleep swapoff sync date uname id getent
    dirname basename stat""".split()
)
_OF_FILES = frozenset({"<", ">", ">>", ">|", "&>", "&>>", "<>"})


def targets_of(statement: Statement, environment: Environment) -> list[Target]:
    """The redirections of a statement that are no here-documents."""
    found = []
    for one in statement.redirections:
        if one.document is None:
            paths = text_of(one.word, environment)
            named = tuple(absolute(path, environment) for path in paths) if one.operator in _OF_FILES else paths
            found.append(Target(one, named))
    return found


def names_one(variables: Iterable[str], statement: Statement, script: Script) -> bool:
    """Say whether a statement as it is written names one of some variables."""
    source = script.source(statement.span)
    return any(name in source for name in variables)


@dataclass(slots=True)
class Step:
    """A simple command at one moment of the walk; ``alternatives`` are the words that it can have.

    ``nested`` is the text inside the script that it stands in, ``shell`` the one whose run reaches it: a function of
    the script that ``bash -c`` calls stands in the script itself.
    """

    statement: Statement
    command: Simple
    alternatives: list[Fields]
    targets: list[Target]
    environment: Environment
    script: Script
    nested: Nested | None
    piped_from: Statement | None = None
    shell: Nested | None = None

    def is_inert(self, variables: Iterable[str]) -> bool:
        """Say whether the command does nothing that matters outside the shell, and nothing to some variables."""
        if self.statement.redirections or any(one and one[0].text not in _INERT for one in self.alternatives):
            return False
        if self.command.assignments and not any(self.alternatives):
            return False
        if any("$(" in one.text or "`" in one.text for fields in self.alternatives for one in fields):
            return False  # printf -v and test -v evaluate the index of an array
        return not names_one(variables, self.statement, self.script)

    @property
    def piped_source(self) -> str:
        """What writes into the pipe that this reads, as it is written; "" for none."""
        return self.script.source(self.piped_from.span) if self.piped_from is not None else ""

    @property
    def place(self) -> Statement:
        """The statement of the outermost script at which this runs."""
        return self.nested.statement if self.nested else self.statement


@dataclass(slots=True)
class Defined:
    """A function with the text it stands in."""

    function: Function
    script: Script
    nested: Nested | None = None
