"""One place of a script that matters to kubelet, and what it does there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ackpatch.model import Span
from ackpatch.node.agents import Agent
from ackpatch.node.paths import FileKind
from ackpatch.node.words import Meant
from ackpatch.node.writes import Written
from ackpatch.shell.environment import UNKNOWN, Field, Fields, shown
from ackpatch.shell.nested import Nested
from ackpatch.shell.step import Step
from ackpatch.shell.tree import Compound, Function, Statement, ancestors


class Kind(str, Enum):
    """What a marked place does; those of a command's words are the same as a ``Meaning``."""

    START = "start"
    JOIN = "join"
    INIT = "init"
    DIRECT = "direct"
    ENABLE = "enable"
    REBOOT = "reboot"
    EXIT = "exit"
    RELOAD = "reload"
    STOP = "stop"
    KILL = "kill"
    WRITE = "write"
    UNSEEN = "unseen"
    REMOTE = "remote"
    SELF_READ = "self-read"
    AGAIN = "again"
    MENTION = "mention"
    HARMLESS = "harmless"
    BARRIER = "barrier"
    ASSIGN = "assign"
    OTHER = "other"
    AGENT = "agent"


STARTS = frozenset({Kind.START, Kind.JOIN, Kind.INIT, Kind.DIRECT, Kind.AGENT})


def origins_of(words: Iterable[Field]) -> tuple[Statement, ...]:
    """The statements that handed a function these words, outer ones first."""
    found = {id(one.origin): one.origin for one in words if one.origin is not None}
    return tuple(sorted(found.values(), key=lambda statement: -statement.span.start))


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """One place that matters. ``place`` is its statement in the outermost text; ``origins`` are the statements, outer
    ones first, that handed a function the words that decide."""

    kind: Kind
    span: Span
    what: str
    place: Statement
    step: Step
    origins: tuple[Statement, ...] = ()
    meant: Meant | None = None
    fields: Fields = ()
    written: Written | None = None
    file: FileKind | None = None
    agent: Agent | None = None

    @classmethod
    def of(cls, kind: Kind, step: Step, what: str) -> Mark:
        """Mark a step where no more is to be said of it."""
        return cls(kind, step.place.span, shown(what), step.place, step)

    @property
    def nested(self) -> Nested | None:
        """The text inside the script that this stands in, if any."""
        return self.step.nested

    @property
    def configures(self) -> bool:
        """Say whether this writes the configuration itself; a removal and a package leave none to keep."""
        written = self.written
        return self.kind is Kind.WRITE and self.file != "package" and written is not None and written.how != "rm"

    @property
    def removes(self) -> bool:
        """Say whether this takes a file of the configuration away."""
        return self.kind is Kind.WRITE and self.written is not None and self.written.how == "rm"

    @property
    def is_success(self) -> bool:
        """Say whether an exit is a regular end of the script, after which the node goes on to live. One with a status
        that only a run can tell may be, at the end of the script or of its main function.
        """
        status = self.fields[1].text if len(self.fields) > 1 else "0"
        return status == "0" or (UNKNOWN in status and self._ends_it_all())

    def _ends_it_all(self) -> bool:
        statement = self.step.statement
        hands_on = self.step.script.source(statement.span).rstrip(";").endswith(("$?", '$?"'))
        around = [one.command for one in ancestors(statement)][1:]
        plain = all(isinstance(one, Function) or (isinstance(one, Compound) and one.kind == "block") for one in around)
        return not around or (hands_on and plain)
