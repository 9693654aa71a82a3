"""The parts of a script as they are written: every statement, the constant text of a word, all that expands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ackpatch.shell.tree import (
    Assignment,
    Compound,
    Declaration,
    DoubleQuoted,
    Function,
    Literal,
    Opaque,
    Parameter,
    Part,
    Simple,
    SingleQuoted,
    Statement,
    Substitution,
    Word,
    inner_lists,
)


def plain_text(word: Word) -> str:
    """A word's text where it is constant, else an empty one; backslashes stay as they are written."""
    text = []
    for part in word.parts:
        for one in part.parts if isinstance(part, DoubleQuoted) else [part]:
            if not isinstance(one, Literal | SingleQuoted):
                return ""
            text.append(one.text)
    return "".join(text)


def plain_words(command: Simple) -> list[str]:
    """The words of a simple command, see ``plain_text``."""
    return [plain_text(word) for word in command.words]


def simple_commands(statements: Sequence[Statement]) -> Iterator[tuple[Statement, Simple, list[str]]]:
    """Every simple command below a list with its words, see ``plain_text``."""
    for statement in everything(statements):
        if isinstance(statement.command, Simple):
            yield statement, statement.command, plain_words(statement.command)


def everything(statements: Sequence[Statement], functions: bool = True) -> Iterator[Statement]:
    """All statements below a list, outer ones first, those inside command substitutions too.

    ``functions`` is False to leave out the bodies of functions.
    """
    for statement in statements:
        if isinstance(statement.command, Function) and not functions:
            continue
        yield statement
        for part in all_parts(statement):
            if isinstance(part, Substitution):
                yield from everything(part.body, functions)
        for inner in inner_lists(statement):
            yield from everything(inner, functions)


def all_parts(statement: Statement) -> Iterator[Part]:
    """The parts of a statement's own words, assignments, redirections and here-documents, inner ones too."""
    for word in _words(statement):
        yield from parts_of(word.parts)
    for redirection in statement.redirections:
        yield from parts_of(redirection.word.parts)
        if redirection.document is not None:
            yield from parts_of(redirection.document.parts)


def _words(statement: Statement) -> Iterator[Word]:
    command = statement.command
    assignments: list[Assignment] = []
    if isinstance(command, Simple | Declaration):
        assignments = command.assignments
    if isinstance(command, Simple):
        yield from command.words
    if isinstance(command, Compound):
        yield from command.items or []
        yield from command.inside
    for one in assignments:
        yield from one.inside
        if one.value is not None:
            yield one.value
        yield from one.array or []


def parts_of(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts of a word with those inside them; the bodies of substitutions are not entered."""
    for part in parts:
        yield part
        if isinstance(part, DoubleQuoted):
            yield from parts_of(part.parts)
        elif isinstance(part, Parameter):
            for one in (part.argument, part.replacement, *part.inside):
                if one is not None:
                    yield from parts_of(one.parts)
        elif isinstance(part, Opaque):
            for word in part.words:
                yield from parts_of(word.parts)


def last_of_pipe(statement: Statement) -> Statement:
    """The command of a pipe whose output the next one gets."""
    while isinstance(statement.command, Compound) and statement.command.kind == "pipe":
        statement = statement.command.bodies[1][0]
    return statement
