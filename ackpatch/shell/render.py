"""Text that a script will write or run, each character led back to the bytes of the script it comes from.

The content of a here-document, of ``echo "…"`` or of ``bash -c '…'`` is read in its finished form (quotes and
backslashes removed), and an edit at a place in it has to be made in the script, in whatever quoting stands there.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from ackpatch.shell import quoting
from ackpatch.shell.environment import UNKNOWN, Environment, Texts
from ackpatch.shell.plain import plain_words
from ackpatch.shell.tree import (
    Declaration,
    DoubleQuoted,
    HereDocument,
    Literal,
    Part,
    Script,
    Simple,
    SingleQuoted,
    Substitution,
    Word,
)
from ackpatch.shell.values import _part_texts

Quoting = OneOf["bare", "single", "double", "document", "verbatim", "none"]
_ESCAPE = re.compile(r"\\(n|t|r|a|b|e|f|v|\\|x[0-9A-Fa-f]{1,2}|0[0-7]{0,3})")
_OFFSETS = array("q")  # 0, 1, 2 …: slices of it are copied, which costs a tenth of counting anew
_DIRECTIVE = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?[sbdiq])")


@dataclass(slots=True, eq=False)
class Rendered:
    """``text`` has one ``UNKNOWN`` character for each expansion; the lists say where each character comes from.

    ``starts`` and ``ends`` are byte offsets into the script, ``quoting`` tells what stands around the character there,
    ``values`` holds the constant alternatives of expansions by their index in ``text``.
    """

    text: str = ""
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    quoting: list[Quoting] = field(default_factory=list)
    values: dict[int, Texts] = field(default_factory=dict)

    def add(self, text: str, start: int, end: int, quote: Quoting) -> None:
        """Append characters that all come from one range of bytes."""
        self.text += text
        self.starts.extend(array("q", [start]) * len(text))
        self.ends.extend(array("q", [end]) * len(text))
        self.quoting.extend([quote] * len(text))

    def extend(self, other: Rendered) -> None:
        """Append another rendered text."""
        offset = len(self.text)
        self.text += other.text
        self.starts += other.starts
        self.ends += other.ends
        self.quoting += other.quoting
        self.values.update({offset + index: texts for index, texts in other.values.items()})

    def resolved(self, number: int = 0) -> Rendered:
        """Put a constant value (the first one, or the last where there are fewer than ``number``) in the place of each
        expansion that has one.
        """
        if not self.values:
            return self
        whole, position = Rendered(), 0
        for index, texts in sorted(self.values.items()):
            whole.extend(self.piece(position, index).unvalued())
            whole.add(texts[min(number, len(texts) - 1)], self.starts[index], self.ends[index], self.quoting[index])
            position = index + 1
        whole.extend(self.piece(position, len(self.text)).unvalued())
        return whole

    def alternatives(self) -> list[Rendered]:
        """The text with each constant value of its expansions at least once."""
        most = max((len(texts) for texts in self.values.values()), default=1)
        return [self.resolved(number) for number in range(most)]

    def together(self) -> Rendered:
        """The alternatives one after the other: what a loop writes, or may write, into a file."""
        several = self.alternatives()
        if len(several) == 1:
            return several[0]
        whole = Rendered()
        for one in several:
            whole.extend(one)
        return whole

    def replaced(self, form: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> Rendered:
        """Put something that does not stand in the script in the place of what matches."""
        whole, position = Rendered(), 0
        for match in form.finditer(self.text):
            whole.extend(self.piece(position, match.start()))
            whole.add(new(match), self.starts[match.start()], self.ends[match.end() - 1], "none")
            position = match.end()
        whole.extend(self.piece(position, len(self.text)))
        return whole

    def unvalued(self) -> Rendered:
        """The same text without the constant values."""
        return Rendered(self.text, self.starts, self.ends, self.quoting)

    def piece(self, start: int, end: int) -> Rendered:
        """A slice."""
        values = {index - start: texts for index, texts in self.values.items() if start <= index < end}
        return Rendered(
            self.text[start:end], self.starts[start:end], self.ends[start:end], self.quoting[start:end], values
        )


def _offsets(start: int, end: int) -> array[int]:
    if end > len(_OFFSETS):
        _OFFSETS.extend(range(len(_OFFSETS), 2 * end))
    return _OFFSETS[start:end]


def _literal(rendered: Rendered, part: Literal, quote: Quoting, escapes: str) -> None:
    """Append literal text, dropping the backslashes that quote removal drops; ``escapes`` is "" for all characters."""
    text, base = part.text, part.span.start
    if "\\" not in text:
        rendered.text += text
        rendered.starts.extend(_offsets(base, base + len(text)))
        rendered.ends.extend(_offsets(base + 1, base + len(text) + 1))
        rendered.quoting.extend([quote] * len(text))
        return
    index = 0
    while index < len(text):
        escaped = text[index] == "\\" and index + 1 < len(text) and (not escapes or text[index + 1] in escapes)
        width = 2 if escaped else 1
        character = text[index + width - 1]
        if not (escaped and character == "\n"):
            rendered.add(character, base + index, base + index + width, quote)
        index += width


_DEFINED = (":",)  # a command that does nothing: what a function does is read where it is called


def _prints_functions(part: Part) -> bool:
    """Say whether a part is ``$(declare -f NAME …)``."""
    command = part.body[0].command if isinstance(part, Substitution) and len(part.body) == 1 else None
    words = plain_words(command) if isinstance(command, Simple) else []
    if isinstance(command, Declaration):
        return command.variant in ("declare", "typeset") and "-f" in command.options
    return words[:2] in (["declare", "-f"], ["typeset", "-f"])


def _part(rendered: Rendered, part: Part, environment: Environment, quote: Quoting) -> None:
    if isinstance(part, Literal):
        escapes = {"bare": "", "double": '$`"\\\n', "document": "$`\\\n"}[quote]
        _literal(rendered, part, quote, escapes)
    elif isinstance(part, SingleQuoted) and not part.ansi:
        base = part.span.start + 1
        _literal(rendered, Literal(part.span, ""), "single", "")
        for index, character in enumerate(part.text):
            rendered.add(character, base + index, base + index + 1, "single")
    elif isinstance(part, SingleQuoted):
        rendered.add(quoting.in_ansi_quotes(part.text), part.span.start, part.span.end, "none")
    elif isinstance(part, DoubleQuoted):
        for inner in part.parts:
            _part(rendered, inner, environment, "double")
    else:
        texts = _DEFINED if _prints_functions(part) else _part_texts(part, environment)
        if texts != (UNKNOWN,):
            rendered.values[len(rendered.text)] = texts
        rendered.add(UNKNOWN, part.span.start, part.span.end, quote)


def render_parts(parts: Sequence[Part], environment: Environment, quote: Quoting) -> Rendered:
    """Render the parts of a word (``bare``) or of an expanding here-document (``document``)."""
    rendered = Rendered()
    for part in parts:
        _part(rendered, part, environment, quote)
    return rendered


def render_words(words: Iterable[Word], environment: Environment) -> Rendered:
    """Render words joined by single spaces, as ``echo`` and ``eval`` join them."""
    rendered = Rendered()
    for number, word in enumerate(words):
        if number:
            rendered.add(" ", word.span.start, word.span.start, "none")
        rendered.extend(render_parts(word.parts, environment, "bare"))
    return rendered


def render_document(document: HereDocument, script: Script, environment: Environment) -> Rendered:
    """Render the body of a here-document; ``<<-`` drops leading tabs."""
    if document.quoted:
        rendered = Rendered()
        _literal_verbatim(rendered, script.source(document.body), document.body.start)
    else:
        rendered = _without_delimiter(render_parts(document.parts, environment, "document"), document.body.end)
    return _without_tabs(rendered) if document.strips_tabs else rendered


def _literal_verbatim(rendered: Rendered, text: str, base: int) -> None:
    rendered.text += text
    rendered.starts.extend(_offsets(base, base + len(text)))
    rendered.ends.extend(_offsets(base + 1, base + len(text) + 1))
    rendered.quoting.extend(["verbatim"] * len(text))


def _without_delimiter(rendered: Rendered, end: int) -> Rendered:
    """Cut what the parser counts to the last literal part after the body: the closing delimiter."""
    keep = len(rendered.text)
    while keep and rendered.starts[keep - 1] >= end:
        keep -= 1
    return rendered.piece(0, keep)


def _without_tabs(rendered: Rendered) -> Rendered:
    kept = Rendered()
    position = 0
    for line in rendered.text.splitlines(keepends=True):
        tabs = len(line) - len(line.lstrip("\t"))
        kept.extend(rendered.piece(position + tabs, position + len(line)))
        position += len(line)
    return kept


def decode_escapes(rendered: Rendered) -> Rendered:
    """Decode what ``echo -e`` and printf's format decode: ``\\n`` and its kin become one character."""
    return rendered.replaced(_ESCAPE, lambda one: quoting.ansi_character(one[1]) if one[1] != "\\" else "\\")


def render_printf(words: Sequence[Word], environment: Environment) -> Rendered:
    """Render ``printf FORMAT [ARGUMENT…]``; the format is used again while arguments remain."""
    form = decode_escapes(render_parts(words[0].parts, environment, "bare"))
    arguments = [render_parts(word.parts, environment, "bare") for word in words[1:]]
    output, first = Rendered(), True
    while first or arguments:
        first, before = False, len(arguments)
        position = 0
        for match in _DIRECTIVE.finditer(form.text):
            output.extend(form.piece(position, match.start()))
            position = match.end()
            if match[0] == "%%":
                output.add("%", form.starts[match.start()], form.ends[match.end() - 1], "none")
            elif arguments:
                argument = arguments.pop(0)
                output.extend(decode_escapes(argument) if match[0].endswith("b") else argument)
        output.extend(form.piece(position, len(form.text)))
        if len(arguments) == before:
            break
    return output


def encoded(rendered: Rendered) -> bytes:
    """The bytes of a rendered text; it holds Latin-1 characters only."""
    return rendered.text.encode("latin-1", "replace")
