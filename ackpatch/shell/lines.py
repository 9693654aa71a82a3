"""Where lines, comments and the words of a statement begin and end in a script; all offsets are byte offsets."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.shell.tree import Compound, Script, Simple, Statement, inner_lists


def line_start(text: str, offset: int) -> int:
    """The offset of the first byte of a line."""
    return text.rfind("\n", 0, offset) + 1


def above_comments(script: Script, start: int) -> int:
    """The start of the comment lines that end right above a line; the shebang is none of them."""
    comments = {line_start(script.text, one.start): one for one in script.comments}
    while start:
        above = line_start(script.text, start - 1)
        comment = comments.get(above)
        alone = comment is not None and not script.text[above : comment.start].strip(" \t")
        if not alone or (above == 0 and script.text.startswith("#!")):
            return start
        start = above
    return start


def end_of_line(script: Script, statement: Statement) -> int:
    """The offset after the line on which a statement and its here-documents end."""
    end = statement.span.end
    for redirection in (r for one in _inside(statement) for r in one.redirections):
        if redirection.document is not None:
            end = max(end, redirection.document.body.end)
    newline = script.text.find("\n", end)
    return len(script.text) if newline < 0 else newline + 1


def _inside(statement: Statement) -> Iterator[Statement]:
    yield statement
    for several in inner_lists(statement):
        for inner in several:
            yield from _inside(inner)


def end_of_words(statement: Statement) -> int:
    """The offset after the last word or redirection of a statement: a here-document's lines come later."""
    command = statement.command
    if isinstance(command, Compound):
        inner = [one for several in inner_lists(statement) for one in several]
        return max(end_of_words(one) for one in inner)
    words = [one.span.end for one in command.words] if isinstance(command, Simple) else []
    ends = [*words, *(one.word.span.end for one in statement.redirections)]
    return max(ends, default=statement.span.end)
