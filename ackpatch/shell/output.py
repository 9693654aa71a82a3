"""What commands print and read where the script itself says it: echo, printf, here-documents, here-strings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ackpatch.shell.environment import UNKNOWN, Environment, Texts
from ackpatch.shell.render import (
    Rendered,
    decode_escapes,
    render_document,
    render_parts,
    render_printf,
    render_words,
)
from ackpatch.shell.tree import HereDocument, Script, Simple, Statement, walk
from ackpatch.shell.values import expand

if TYPE_CHECKING:
    from ackpatch.shell.step import Step


@dataclass(frozen=True, slots=True)
class Printed:
    """A text that a command prints; ``how`` names the means. ``document`` is the here-document that it stands in."""

    rendered: Rendered
    how: str
    document: HereDocument | None = None


def read_by(statement: Statement, script: Script, environment: Environment) -> Printed | None:
    """What a command is given to read: its here-document or here-string."""
    for redirection in reversed(statement.redirections):
        if redirection.document is not None:
            text = render_document(redirection.document, script, environment)
            return Printed(text, "here-document", redirection.document)
        if redirection.operator == "<<<":
            text = render_parts(redirection.word.parts, environment, "bare")
            end = redirection.word.span.end
            text.add("\n", end, end, "none")
            return Printed(text, "here-string")
    return None


def printed(statement: Statement, words: Sequence[str], script: Script, environment: Environment) -> Printed | None:
    """What a simple command with these words prints; None where only a run can tell."""
    command = statement.command
    if not isinstance(command, Simple) or not words:
        return None
    if words[0] in ("cat", "tee"):
        return read_by(statement, script, environment)
    if words[0] == "echo" and command.words:
        return Printed(_echo(command, words, environment), "echo")
    if words[0] == "printf" and len(command.words) > 1 and len(words) > 1:
        rest = command.words[2:] if words[1] == "--" else command.words[1:]
        return Printed(render_printf(rest, environment), "printf") if rest else None
    return None


def _echo(command: Simple, words: Sequence[str], environment: Environment) -> Rendered:
    first, escapes, newline = 1, False, True
    while first < min(len(words), len(command.words)) and re.fullmatch(r"-[neE]+", words[first]):
        escapes = escapes or "e" in words[first]
        newline = newline and "n" not in words[first]
        first += 1
    rendered = render_words(command.words[first:], environment)
    rendered = decode_escapes(rendered) if escapes else rendered
    if newline:
        end = command.words[-1].span.end
        rendered.add("\n", end, end, "none")
    return rendered


def piped_file(statement: Statement, step: Step) -> str:
    """The one file that ``cat`` prints into a pipe, or ""."""
    command = statement.command
    words = [expand(word, step.environment)[0] for word in command.words] if isinstance(command, Simple) else []
    texts = [one.text for fields in words for one in fields]
    return texts[1] if len(texts) == 2 and texts[0] == "cat" else ""


def outputs(statement: Statement, script: Script, environment: Environment) -> Iterator[Printed]:
    """What the commands below a statement print, as far as it is known."""
    for one in walk([statement]):
        command = one.command
        if isinstance(command, Simple):
            words = [field.text for word in command.words for field in expand(word, environment)[0]]
            found = printed(one, words, script, environment)
            if found is not None:
                yield found


def lines_of(texts: Sequence[Printed]) -> Texts | None:
    """The lines of some outputs; None where there are none. What only a run can tell stays UNKNOWN."""
    found = [line for one in texts for each in one.rendered.alternatives() for line in each.text.splitlines()]
    return tuple(dict.fromkeys(line if line != UNKNOWN else UNKNOWN for line in found)) or None


def feed(
    statement: Statement, piped: Statement | None, script: Script, environment: Environment
) -> tuple[str, ...] | None:
    """The lines that a ``read`` inside a compound command gets, where they are known; else those around it."""
    given = read_by(statement, script, environment) if statement.redirections else None
    found = [given] if given else list(outputs(piped, script, environment)) if piped is not None else []
    reads = piped is not None or any(one.operator.startswith("<") for one in statement.redirections)
    return lines_of(found) or (None if reads else environment.feed)
