"""The syntax tree of a script, in the terms of the bash manual.

Text is held as ``str`` decoded from Latin-1, so that an index into it is a byte offset whatever the script's encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

from ackpatch.model import Span


@dataclass(slots=True, eq=False)
class Literal:
    """Unquoted text; ``text`` is as written, with its backslashes."""

    span: Span
    text: str


@dataclass(slots=True, eq=False)
class SingleQuoted:
    """``'…'`` or ``$'…'`` (``ansi``); ``text`` is what stands between the quotes, as written."""

    span: Span
    text: str
    ansi: bool


@dataclass(slots=True, eq=False)
class DoubleQuoted:
    """``"…"`` with its parts; literal parts keep their backslashes."""

    span: Span
    parts: list[Part]


@dataclass(slots=True, eq=False)
class Parameter:
    """A parameter expansion. ``operator`` and ``argument`` as in ``${name:-argument}``; ``plain`` without any.

    ``replacement`` is that of ``${name/argument/replacement}`` (operators ``/`` and ``//``); ``!`` is ``${!name}``,
    ``length`` is ``${#name}``, ``slice`` is ``${name:offset:count}`` with constants in ``part``; ``odd`` stands for a
    form whose value is not followed. ``inside`` are the words with substitutions in an index or a slice.
    """

    span: Span
    name: str
    operator: str = ""
    argument: Word | None = None
    index: str = ""
    plain: bool = True
    replacement: Word | None = None
    part: tuple[int, int | None] = (0, None)
    inside: tuple[Word, ...] = ()


@dataclass(slots=True, eq=False)
class Substitution:
    """A command substitution or a process substitution."""

    span: Span
    body: list[Statement]


@dataclass(slots=True, eq=False)
class Opaque:
    """Any other expansion (arithmetic, an extended glob): no value is known for it; ``words`` stand in it."""

    span: Span
    words: list[Word] = field(default_factory=list)


Part = Literal | SingleQuoted | DoubleQuoted | Parameter | Substitution | Opaque


@dataclass(slots=True, eq=False)
class Word:
    """A word of a command."""

    span: Span
    parts: list[Part]


@dataclass(slots=True, eq=False)
class HereDocument:
    """A here-document: ``body`` spans the lines between the redirection's line and the closing delimiter."""

    body: Span
    delimiter: Word
    quoted: bool
    strips_tabs: bool
    parts: list[Part]


@dataclass(slots=True, eq=False)
class Redirection:
    """``operator`` is as written (``>``, ``>>``, ``<<-`` …); ``word`` the target or the delimiter."""

    span: Span
    operator: str
    word: Word
    document: HereDocument | None = None


@dataclass(slots=True, eq=False)
class Assignment:
    """``name=value``; ``array`` holds the elements of ``name=(…)``; ``value`` is None for a bare ``local name``.

    ``index`` is what stands in the brackets of ``name[index]=value``; ``inside`` are the words with substitutions in
    the brackets of this or of an element. ``scattered``: its elements are not numbered from 0 on without a gap.
    """

    span: Span
    name: str
    value: Word | None
    array: list[Word] | None
    append: bool
    index: str = ""
    inside: tuple[Word, ...] = ()
    scattered: bool = False


@dataclass(slots=True, eq=False)
class Simple:
    """A simple command: assignments before it, and its words."""

    assignments: list[Assignment]
    words: list[Word]


@dataclass(slots=True, eq=False)
class Declaration:
    """``local``, ``export``, ``declare``, ``readonly`` with assignments; ``options`` are its words with a dash."""

    variant: str
    assignments: list[Assignment]
    options: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Compound:
    """Any compound command; ``kind`` says which, the lists hold its statements.

    ``if``: conditions and bodies alternate, an else has no condition. ``case``: one body an item. ``items``: the words
    of a for loop or select, the subject of a case, the words inside ``[[ ]]`` and ``(( ))``. ``inside``: the words with
    substitutions in the patterns of a case, or in the arithmetic of a loop. ``runs``: what runs when one item of a case
    fits, where an item leads on to the next ones.
    """

    kind: OneOf["if", "while", "for", "case", "block", "subshell", "and", "or", "pipe", "other"]
    conditions: list[list[Statement]] = field(default_factory=list)
    bodies: list[list[Statement]] = field(default_factory=list)
    inside: tuple[Word, ...] = ()
    variable: str = ""
    items: list[Word] | None = None
    exhaustive: bool = False
    runs: list[list[Statement]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Function:
    """A function definition."""

    name: str
    body: Statement


Command = Simple | Declaration | Compound | Function | None

Role = OneOf["list", "condition", "and", "or", "pipe", "function", "substitution", "other"]


@dataclass(slots=True, eq=False)
class Statement:
    """One statement with its redirections; ``siblings`` is the list that it stands in, ``parent`` what encloses it."""

    span: Span
    command: Command
    redirections: list[Redirection]
    background: bool = False
    parent: Statement | None = None
    role: Role = "list"
    siblings: list[Statement] = field(default_factory=list)

    @property
    def index(self) -> int:
        """The place of this statement among its siblings."""
        return next(number for number, other in enumerate(self.siblings) if other is self)


@dataclass(slots=True, eq=False)
class Script:
    """A parsed text: ``text`` is the Latin-1 view of its bytes."""

    text: str
    statements: list[Statement]
    comments: list[Span]
    dialect: str

    def source(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]


def inner_lists(statement: Statement) -> Iterator[list[Statement]]:
    """The statement lists directly inside a statement, in the order in which they are written."""
    command = statement.command
    if isinstance(command, Function):
        yield [command.body]
    elif isinstance(command, Compound):
        for number, body in enumerate(command.bodies):
            if number < len(command.conditions):
                yield command.conditions[number]
            yield body


def walk(statements: list[Statement]) -> Iterator[Statement]:
    """Every statement below a list, outer ones first; command substitutions are not entered."""
    for statement in statements:
        yield statement
        for inner in inner_lists(statement):
            yield from walk(inner)


def ancestors(statement: Statement) -> Iterator[Statement]:
    """A statement, then what encloses it, up to the top level of its text."""
    one: Statement | None = statement
    while one is not None:
        yield one
        one = one.parent


def within_function(statement: Statement) -> bool:
    """Say whether a statement stands in a function's body."""
    return any(isinstance(one.command, Function) for one in ancestors(statement))


def outermost_pipe(statement: Statement) -> Statement:
    """The whole pipeline that a statement stands in; itself where it is in none."""
    for one in ancestors(statement):
        if one is not statement and not (isinstance(one.command, Compound) and one.command.kind == "pipe"):
            return statement
        statement = one
    return statement
