"""What words can be: constant values followed through variables, arrays, positional parameters and defaults.

A value is a tuple of alternatives, since a branch or a loop can give several; ``UNKNOWN`` stands for text that only a
run can tell. Nothing is ever executed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ackpatch.shell import quoting
from ackpatch.shell.tree import (
    Assignment,
    DoubleQuoted,
    Literal,
    Parameter,
    Part,
    Simple,
    SingleQuoted,
    Statement,
    Substitution,
    Word,
)

UNKNOWN = "\x01"
SELF = "\x02"  # stands for the path of the script itself
_MOST_ALTERNATIVES = 24
_MOST_WORDS = 4096  # that braces can make of one
_LONGEST = 256 * 1024  # characters of a value
_BRACES = re.compile(r"(?<!\$)\{([^{}]*,[^{}]*)\}")
Texts = tuple[str, ...]
Unescape = Callable[[str], str]


def shown(word: str) -> str:
    """Give a word for people: what stands for something that only a run can tell is written out."""
    return word.replace(UNKNOWN, "…").replace(SELF, "$0")


@dataclass(frozen=True, slots=True)
class Field:
    """A word after expansion; ``origin`` is the statement that it was written in when a function was handed it."""

    text: str
    origin: Statement | None = None


Fields = tuple[Field, ...]


@dataclass(slots=True)
class Environment:
    """The variables at one moment of the walk."""

    scalars: dict[str, Texts] = field(default_factory=dict)
    arrays: dict[str, Texts] = field(default_factory=dict)
    positional: Fields | None = None
    shifted: bool = False
    # The lines that a ``read`` in a loop gets, where they are known.
    feed: Texts | None = None

    def copy(self) -> Environment:
        """Give an independent copy."""
        return Environment(dict(self.scalars), dict(self.arrays), self.positional, self.shifted, self.feed)

    def merge(self, others: Iterable[Environment]) -> None:
        """Join what several branches left: a variable may have any of their values."""
        for other in others:
            for name, texts in other.scalars.items():
                mine = self.scalars.get(name)
                if mine is not texts:
                    self.scalars[name] = _distinct((*(mine or ()), *texts))
            for name, texts in other.arrays.items():
                self.arrays[name] = _distinct((*self.arrays.get(name, ()), *texts))
            self.shifted = self.shifted or other.shifted


def _distinct(texts: Iterable[str]) -> Texts:
    found = tuple(dict.fromkeys(texts))
    return found if len(found) <= _MOST_ALTERNATIVES else (UNKNOWN,)


def assign(environment: Environment, assignment: Assignment) -> None:
    """Carry out an assignment."""
    name = assignment.name
    if assignment.array is not None:
        elements = [one.text for word in assignment.array for one in expand(word, environment)[0]]
        old = environment.arrays.get(name, ()) if assignment.append else ()
        environment.arrays[name] = (*old, *elements)
        return
    texts = text_of(assignment.value, environment) if assignment.value else ("",)
    if assignment.append:
        texts = _product(environment.scalars.get(name, (UNKNOWN,)), texts)
    environment.scalars[name] = texts


def text_of(word: Word, environment: Environment) -> Texts:
    """Give the alternatives of a word that is not split into fields (a value, a target of a redirection)."""
    return _joined(word.parts, environment, quoting.unquoted)


def _joined(parts: Sequence[Part], environment: Environment, unescape: Unescape) -> Texts:
    texts: Texts = ("",)
    for part in parts:
        texts = _product(texts, _part_texts(part, environment, unescape))
    return texts


def _product(left: Texts, right: Texts) -> Texts:
    if len(left) == 1 and len(right) == 1:
        return (left[0] + right[0] if len(left[0]) + len(right[0]) <= _LONGEST else UNKNOWN,)
    if len(left) * len(right) > _MOST_ALTERNATIVES:
        right = (UNKNOWN,)
    return _distinct(a + b for a in left for b in right)[:_MOST_ALTERNATIVES]


def _part_texts(part: Part, environment: Environment, unescape: Unescape = quoting.unquoted) -> Texts:
    if isinstance(part, Literal):
        return (unescape(part.text),)
    if isinstance(part, SingleQuoted):
        return (quoting.in_ansi_quotes(part.text) if part.ansi else part.text,)
    if isinstance(part, DoubleQuoted):
        return _joined(part.parts, environment, quoting.in_double_quotes)
    if isinstance(part, Parameter):
        return parameter_texts(part, environment)
    if isinstance(part, Substitution):
        return _substitution_texts(part, environment)
    return (UNKNOWN,)


def parameter_texts(part: Parameter, environment: Environment) -> Texts:
    """Give the alternatives of a parameter expansion, as one text."""
    if part.name == "BASH_SOURCE":
        return (SELF,)
    if part.index or part.name in environment.arrays:
        return _array_texts(part, environment)
    known = _named(part.name, environment)
    if part.operator == "!" and known is not None:
        return _distinct(text for name in known for text in (_named(name, environment) or (UNKNOWN,)))
    if part.operator in _CHANGES and known is not None:
        return _changed(part, known, environment)
    if part.plain or part.operator in ("?", ":?"):
        return known or (UNKNOWN,)
    if part.operator in (":-", "-", ":=", "=") and part.argument is not None:
        default = text_of(part.argument, environment)
        if known is None:
            return default
        return _distinct((*(text for text in known if text), *(default if "" in known else ())))
    if part.operator in (":+", "+") and part.argument is not None:
        return text_of(part.argument, environment) if known and "" not in known else (UNKNOWN,)
    return (UNKNOWN,)


_CHANGES = frozenset({"%", "%%", "#", "##", "/", "//", "^", "^^", ",", ",,"})


def _changed(part: Parameter, known: Texts, environment: Environment) -> Texts:
    """Carry out the operators that cut or replace a part of a constant value."""
    patterns = text_of(part.argument, environment) if part.argument is not None else ("",)
    new = text_of(part.replacement, environment) if part.replacement is not None else ("",)
    if UNKNOWN in "".join((*patterns, *new)) or len(patterns) * len(new) != 1:
        return (UNKNOWN,)
    return _distinct(UNKNOWN if UNKNOWN in text else _cut(part.operator, text, patterns[0], new[0]) for text in known)


def _cut(operator: str, text: str, pattern: str, new: str) -> str:
    if operator in ("^^", ",,"):
        return text.upper() if operator == "^^" else text.lower()
    if operator in ("^", ","):
        return (text[:1].upper() if operator == "^" else text[:1].lower()) + text[1:]
    if operator in ("/", "//"):
        form = _glob(pattern, greedy=True)
        return (
            re.sub(form, lambda _: new, text, count=1 if operator == "/" else 0, flags=re.DOTALL) if pattern else text
        )
    greedy = len(operator) == 2
    if operator[0] == "#":
        match = re.match(_glob(pattern, greedy), text, re.DOTALL)
        return text[match.end() :] if match else text
    starts = range(len(text) + 1) if greedy else range(len(text), -1, -1)
    ending = re.compile(_glob(pattern, True), re.DOTALL)
    return next((text[:start] for start in starts if ending.fullmatch(text, start)), text)


def _glob(pattern: str, greedy: bool) -> str:
    """Give the regular expression of a shell pattern; bracket expressions are taken as they are."""
    star = ".*" if greedy else ".*?"
    pieces = re.findall(r"\\.|\[!?[^]]+\]|.", pattern, re.DOTALL)
    return "".join(
        star if one == "*" else "." if one == "?" else one.replace("[!", "[^", 1) if len(one) > 2 and one[0] == "["
        else re.escape(one.lstrip("\\") or one)
        for one in pieces
    )  # fmt: skip


def _named(name: str, environment: Environment) -> Texts | None:
    if name in ("0", "BASH_SOURCE"):
        return (SELF,)
    if name in ("@", "*"):
        if environment.positional is None:
            return None
        return (" ".join(one.text for one in environment.positional),)
    if name.isdigit():
        if environment.positional is None:
            return None
        if environment.shifted:
            return _distinct(one.text for one in environment.positional) or ("",)
        number = int(name) - 1
        return (environment.positional[number].text,) if number < len(environment.positional) else ("",)
    return environment.scalars.get(name)


def _array_texts(part: Parameter, environment: Environment) -> Texts:
    elements = environment.arrays.get(part.name)
    if elements is None or not (part.plain or part.index):
        return (UNKNOWN,)
    if part.index in ("@", "*"):
        return (" ".join(elements),)
    known = environment.scalars.get(part.index.lstrip("$"), (part.index,)) if part.index else ("0",)
    if len(known) == 1 and known[0].isdigit():
        return (elements[int(known[0])],) if int(known[0]) < len(elements) else ("",)
    return _distinct(elements) or ("",)  # any of them


def _substitution_texts(part: Substitution, environment: Environment) -> Texts:
    """Follow the few commands whose output is one of their own words."""
    if len(part.body) == 1 and isinstance(part.body[0].command, Simple) and not part.body[0].redirections:
        words = [text_of(word, environment) for word in part.body[0].command.words]
        constant = [texts[0] for texts in words if len(texts) == 1]
        if len(constant) == len(words) and constant:
            if constant[0] in ("readlink", "realpath"):
                return (constant[-1],)
            if constant[0] == "which" or constant[:2] in (["command", "-v"], ["type", "-p"], ["type", "-P"]):
                return (constant[-1],)
            if constant[0] == "echo" and not any(text.startswith("-") for text in constant[1:2]):
                return (" ".join(constant[1:]),)
    return (UNKNOWN,)


@dataclass(slots=True)
class _Partial:
    """Fields built so far, and the one that is still open."""

    done: Fields = ()
    text: str | None = None
    origin: Statement | None = None

    def add(self, text: str, origin: Statement | None = None) -> _Partial:
        return _Partial(self.done, (self.text or "") + text, self.origin or origin)

    def close(self) -> _Partial:
        if self.text is None:
            return self
        return _Partial((*self.done, Field(self.text, self.origin)))

    def split(self, text: str, origin: Statement | None = None) -> _Partial:
        partial = self.close() if text[:1].isspace() else self
        for number, word in enumerate(text.split()):
            partial = (partial.close() if number else partial).add(word, origin)
        return partial.close() if text[-1:].isspace() else partial

    def several(self, fields: Fields, quoted: bool) -> _Partial:
        partial = self
        for number, one in enumerate(fields):
            partial = partial.close() if number else partial
            partial = partial.add(one.text, one.origin) if quoted else partial.split(one.text, one.origin)
        return partial


def expand(word: Word, environment: Environment) -> list[Fields]:
    """Give the alternatives of a word as lists of fields, after expansion, splitting and quote removal."""
    if len(word.parts) == 1 and isinstance(word.parts[0], Literal):
        return [_braces(word.parts[0].text)]
    partials = [_Partial()]
    for part in word.parts:
        grown = [after for partial in partials for after in _grow(partial, part, environment, quoted=False)]
        partials = (
            grown if len(grown) <= _MOST_ALTERNATIVES else [_grow(p, part, environment, False)[0] for p in partials]
        )
    return [partial.close().done for partial in partials]


def _braces(text: str) -> Fields:
    made = [text]
    while len(made) <= _MOST_WORDS:
        grown = [one for before in made for one in _braced(before)]
        if grown == made:
            return tuple(Field(quoting.unquoted(one)) for one in made)
        made = grown
    return (Field(UNKNOWN),)


def _braced(text: str) -> list[str]:
    """Carry out the first brace expansion of a word that has none inside it."""
    match = _BRACES.search(text)
    if match is None:
        return [text]
    before, after = text[: match.start()], text[match.end() :]
    return [before + item + after for item in match[1].split(",")]


def _grow(partial: _Partial, part: Part, environment: Environment, quoted: bool) -> list[_Partial]:
    if isinstance(part, DoubleQuoted):
        partials = [partial.add("")] if not _is_all_fields(part) else [partial]
        for inner in part.parts:
            partials = [after for one in partials for after in _grow(one, inner, environment, True)]
        return partials[:_MOST_ALTERNATIVES]
    if isinstance(part, Parameter):
        fields = _all_fields(part, environment)
        if fields is not None:
            return [partial.several(fields, quoted)]
        origin = _positional_origin(part, environment)
        texts = parameter_texts(part, environment)
        return [partial.add(text, origin) if quoted else partial.split(text, origin) for text in texts]
    if isinstance(part, Literal) and quoted:
        return [partial.add(quoting.in_double_quotes(part.text))]
    texts = _part_texts(part, environment)
    splits = isinstance(part, Substitution) and not quoted
    return [partial.split(text) if splits else partial.add(text) for text in texts]


def _is_all_fields(part: DoubleQuoted) -> bool:
    inner = part.parts[0] if len(part.parts) == 1 else None
    return isinstance(inner, Parameter) and (inner.name == "@" or inner.index == "@")


def _all_fields(part: Parameter, environment: Environment) -> Fields | None:
    """Give the fields of ``$@``, ``${@:2}`` and ``${array[@]}``; None where the expansion is of another kind."""
    if part.name in ("@", "*") and environment.positional is not None:
        return environment.positional if part.plain or part.operator == "?" else None
    if part.index in ("@", "*") and part.name in environment.arrays and not part.operator:
        return tuple(Field(text) for text in environment.arrays[part.name])
    return None


def _positional_origin(part: Parameter, environment: Environment) -> Statement | None:
    if not part.name.isdigit() or environment.positional is None or part.name == "0":
        return None
    if environment.shifted:
        return next((one.origin for one in environment.positional if one.origin), None)
    number = int(part.name) - 1
    return environment.positional[number].origin if number < len(environment.positional) else None
