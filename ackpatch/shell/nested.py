"""Text that is run as a script: ``eval``, ``bash -c``, ``trap``, a here-document for a shell, a file written before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from ackpatch.shell.environment import MOST_ALTERNATIVES, UNKNOWN, Fields, Texts
from ackpatch.shell.programs import (
    FILLS,
    RUNNERS,
    SHELLS,
    WATCH_VALUED,
    after_options,
    basename,
    drops_environment,
    placeholder,
    program,
    reads_after_sudo,
    reads_script,
    remote_from,
    string_at,
)
from ackpatch.shell.render import Rendered, render_document, render_parts, render_words
from ackpatch.shell.tree import DoubleQuoted, HereDocument, Simple, Statement, Substitution, Word
from ackpatch.shell.values import expand_all, text_of

if TYPE_CHECKING:
    from ackpatch.shell.step import Step

Kind = OneOf["eval", "trap", "shell", "document", "file", "later", "remote"]
Reader = OneOf["shell", "systemd", "other"]


@dataclass(frozen=True, slots=True)
class Nested:
    """A text inside the script that is a script too; ``statement`` is the one of the outer script that runs it.

    ``arguments`` are the words that it is given, from $0 on, in each way that they can be, where that is known;
    ``either``: it is one of several that may run.
    ``reader``: who reads it, which is not always a shell. ``handed``: the parameters of the function that runs it.
    """

    kind: Kind
    rendered: Rendered
    statement: Statement
    document: HereDocument | None = None
    drops_environment: bool = False
    outer: Nested | None = None
    arguments: tuple[Fields, ...] | None = None
    either: bool = False
    reader: Reader = "shell"
    handed: tuple[Fields, ...] | None = None

    @property
    def in_its_shell(self) -> bool:
        """Say whether the text sees the variables and functions of the text that runs it."""
        return self.kind in ("eval", "trap")

    @property
    def same_shell(self) -> bool:
        """Say whether the text sees the script's own variables and functions."""
        return self.in_its_shell and (self.outer is None or self.outer.same_shell)

    @property
    def later(self) -> bool:
        """Say whether the text runs after the script has ended: at the next boot, or at a time."""
        return self.kind == "later" or (self.outer is not None and self.outer.later)

    @property
    def remote(self) -> bool:
        """Say whether the text runs on another machine or in a container."""
        return self.kind == "remote" or (self.outer is not None and self.outer.remote)


def nested_texts(step: Step) -> list[Nested]:
    """The texts that a simple command runs as scripts, in each way that its words can be."""
    ways = _ways(step)
    found = [one for way in ways for one in _texts_of(way, step)]
    if len(ways) == 1:
        return found
    kinds = {one.kind for one in found}
    return [replace(one, either=one.either or len(kinds) > 1) for one in found]


def _ways(step: Step) -> list[list[tuple[str, Word]]]:
    """Every list of texts that the words of a command can be, each with its word. A word that is a text with blanks in
    it stays one, but for the command's own.
    """
    ways: list[list[tuple[str, Word]]] = [[]]
    for number, word in enumerate(step.command.words):
        texts = text_of(word, step.environment)
        split = number == 0 and not (word.parts and isinstance(word.parts[0], DoubleQuoted))
        if len(ways) * len(texts) > MOST_ALTERNATIVES or (len(texts) > 1 and not _may_decide(texts)):
            texts = texts[:1]
        ways = [[*way, *((one, word) for one in (text.split() if split else [text]))] for way in ways for text in texts]
    return ways


def _may_decide(texts: Texts) -> bool:
    """Say whether it matters to what a command does with a text which of several words it has."""
    return any(basename(one) in RUNNERS or one.startswith("-") for text in texts for one in text.split()[:2])


def _texts_of(way: Sequence[tuple[str, Word]], step: Step) -> list[Nested]:
    environment, script = step.environment, step.script
    words = [text for text, _ in way]
    found: list[Nested] = []
    dropped = drops_environment(words)

    def add(
        kind: Kind, rendered: Rendered, document: HereDocument | None = None, given: tuple[Fields, ...] | None = None
    ) -> None:
        several = rendered.alternatives()
        either = len(several) > 1
        found.extend(
            Nested(kind, one, step.place, document, dropped, step.nested, given, either, handed=environment.positional)
            for one in several
        )

    start, name = program(words)
    documents = [r.document for r in step.statement.redirections if r.document is not None]
    remote = remote_from(words)
    if remote is not None:
        add("remote", render_words(_written(way[remote:]), environment))
        for document in documents:
            add("remote", render_document(document, script, environment), document)
    elif name == "eval":
        add("eval", _evaluated(_written(way[start + 1 :]), step))
    elif name == "trap" and len(words) > start + 2 and words[start + 1] not in ("-", ""):
        add("trap", render_parts(way[start + 1][1].parts, environment, "bare"))
    elif name in ("source", ".") and words[start + 1 : start + 2] == ["/dev/stdin"]:
        for document in documents:
            add("eval", render_document(document, script, environment), document)
        for one in step.statement.redirections:
            if one.operator == "<<<":
                add("eval", render_parts(one.word.parts, environment, "bare"))
    elif name == "watch" and "-x" not in words:
        first = after_options(words, start + 1, WATCH_VALUED, 0)
        add("shell", render_words(_written(way[first:]), environment))
    elif (at := string_at(words)) is not None:
        position, begins = at
        reads = basename(words[0]) in FILLS  # more words than stand here
        given = tuple(expand_all(_written(way[position + 1 :]), environment))
        text = _evaluated([way[position][1]], step)
        text = text.piece(begins, len(text.text)) if begins else text
        held = placeholder(words)
        text = text.replaced(re.compile(re.escape(held)), lambda _: UNKNOWN) if held else text
        add("shell", text, given=None if reads or not given[0] else given)
    elif reads_script(words) or reads_after_sudo(words):
        for document in documents:
            add("document", render_document(document, script, environment), document)
    return found


def _written(way: Sequence[tuple[str, Word]]) -> list[Word]:
    """The words as they are written, each once."""
    return list({id(word): word for _, word in way}.values())


def _evaluated(words: Sequence[Word], step: Step) -> Rendered:
    """Render what ``eval`` runs; ``eval "$(cat <<EOF …)"`` runs a here-document."""
    if len(words) == 1:
        part = words[0].parts[0] if words[0].parts else None
        part = part.parts[0] if isinstance(part, DoubleQuoted) and len(part.parts) == 1 else part
        if isinstance(part, Substitution) and len(part.body) == 1:
            inner = part.body[0]
            documents = [r.document for r in inner.redirections if r.document is not None]
            if documents and isinstance(inner.command, Simple) and step.script.source(inner.span).startswith("cat"):
                return render_document(documents[0], step.script, step.environment)
    return render_words(words, step.environment)


def first_read(step: Step) -> tuple[str, ...]:
    """The file that a shell which a command runs reads before its script: what BASH_ENV is to it, or ENV to one that
    takes itself for interactive."""
    words = [one.text for one in step.alternatives[0]] if step.alternatives else []
    if not any(basename(word) in SHELLS for word in words):
        return ()
    variable = "ENV" if "-i" in words else "BASH_ENV"
    for one in reversed(step.command.assignments):
        if one.name == variable:
            return text_of(one.value, step.environment) if one.value is not None else ()
    given = [word.partition("=")[2] for word in words if word.startswith(f"{variable}=")]
    return tuple(given) or step.environment.scalars.get(variable, ())
