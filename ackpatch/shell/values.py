"""What words can be: constant values followed through variables, arrays, positional parameters and defaults.

A value is a tuple of alternatives, since a branch or a loop can give several; ``UNKNOWN`` stands for text that only a
run can tell. Nothing is ever executed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ackpatch.shell import quoting
from ackpatch.shell.braced import braced
from ackpatch.shell.environment import (
    MOST_ALTERNATIVES,
    SELF,
    UNKNOWN,
    Environment,
    Field,
    Fields,
    Texts,
    distinct,
    every,
)
from ackpatch.shell.expansions import braces, cut, split_words
from ackpatch.shell.known_output import known_output
from ackpatch.shell.plain import parts_of
from ackpatch.shell.tree import (
    DoubleQuoted,
    Literal,
    Parameter,
    Part,
    SingleQuoted,
    Statement,
    Substitution,
    Word,
)

_LONGEST = 256 * 1024  # characters of a value
_BLANKS = " \t\n"
Unescape = Callable[[str], str]


def expand_all(words: Sequence[Word], environment: Environment) -> list[Fields]:
    """Every list of fields that some words can make together; a variable has one value in all of them."""
    found = [expand(word, environment) for word in words]
    if sum(len(one) > 1 for one in found) < 2:
        return every(found)
    ways = _ways(words, environment)
    return list(dict.fromkeys(one for way in ways for one in every(expand(word, way) for word in words)))


def _ways(words: Sequence[Word], environment: Environment) -> list[Environment]:
    """The variables with one value each of those that several words have: ``cp $b /usr/bin/$b``."""
    used = Counter(part.name for word in words for part in parts_of(word.parts) if isinstance(part, Parameter))
    several = sorted(name for name, count in used.items() if count > 1 and len(environment.scalars.get(name, ())) > 1)
    ways = [environment]
    for name in several:
        texts = environment.scalars[name]
        if len(ways) * len(texts) > MOST_ALTERNATIVES:
            break
        ways = [replace(way, scalars={**way.scalars, name: (text,)}) for way in ways for text in texts]
    positional = environment.positional or ()
    if len(positional) > 1 and sum(count for name, count in used.items() if name in ("@", "*") or name.isdigit()) > 1:
        ways = [replace(way, positional=(given,)) for way in ways for given in positional]
    return ways


def text_of(word: Word, environment: Environment) -> Texts:
    """The alternatives of a word that is not split into fields (a value, a target of a redirection)."""
    return _joined(word.parts, environment, quoting.unquoted)


def _joined(parts: Sequence[Part], environment: Environment, unescape: Unescape) -> Texts:
    texts: Texts = ("",)
    for part in parts:
        texts = product(texts, _part_texts(part, environment, unescape))
    return texts


def product(left: Texts, right: Texts) -> Texts:
    """Every text that one of the left with one of the right makes."""
    if len(left) == 1 and len(right) == 1:
        return (left[0] + right[0] if len(left[0]) + len(right[0]) <= _LONGEST else UNKNOWN,)
    if len(left) * len(right) > MOST_ALTERNATIVES:
        right = (UNKNOWN,)
    return distinct(a + b for a in left for b in right)


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
        known = known_output(
            part.body,
            lambda word: text_of(word, environment),
            lambda command: _only_words(expand_all(command.words, environment)),
            UNKNOWN,
        )
        return (UNKNOWN if known is None else known,)
    return (UNKNOWN,)


def _only_words(alternatives: Sequence[Fields]) -> list[str]:
    """The words of a command that can have no others."""
    return [one.text for one in alternatives[0]] if len(alternatives) == 1 else []


def parameter_texts(part: Parameter, environment: Environment) -> Texts:
    """The alternatives of a parameter expansion, as one text."""
    if part.name == "BASH_SOURCE":
        return (SELF,)
    if part.index or part.name in environment.arrays:
        return _array_texts(part, environment)
    known = _named(part.name, environment)
    unset = part.name in environment.perhaps_unset or _lacks(part.name, environment)
    # What has a value on some paths only is empty on the others.
    seen = None if known is None else distinct((*known, "")) if unset else known
    if part.operator == "!" and seen is not None:
        return distinct(text for name in seen for text in (_named(name, environment) or (UNKNOWN,)))
    if part.operator in _CHANGES and seen is not None:
        return _changed(part, seen, environment)
    if part.operator in ("length", "slice") and seen is not None and part.name not in ("@", "*"):
        return distinct(UNKNOWN if UNKNOWN in text else _measured(part, text) for text in seen)
    if part.plain or part.operator in ("?", ":?"):
        return seen or (UNKNOWN,)
    if part.operator in (":-", "-", ":=", "=") and part.argument is not None:
        default = text_of(part.argument, environment)
        if known is None:
            return distinct((*default, UNKNOWN)) if environment.settings_read else default
        if part.operator in ("-", "="):
            return distinct((*known, *default)) if unset else known
        # What only a run can tell may be empty.
        may_lack = unset or not {"", UNKNOWN}.isdisjoint(known)
        return distinct((*(text for text in known if text), *(default if may_lack else ())))
    if part.operator in (":+", "+") and part.argument is not None:
        filled = text_of(part.argument, environment) if known is None or part.operator == "+" or any(known) else ()
        lacks = known is None or (part.operator == ":+" and not {"", UNKNOWN}.isdisjoint(known))
        return distinct((*filled, *([""] if lacks or unset else [])))
    return (UNKNOWN,)


def _measured(part: Parameter, text: str) -> str:
    if part.operator == "length":
        return str(len(text))
    first, count = part.part
    first = max(len(text) + first, 0) if first < 0 else first
    return text[first:][:count]


_CHANGES = frozenset({"%", "%%", "#", "##", "/", "//", "^", "^^", ",", ",,", "@"})


def _changed(part: Parameter, known: Texts, environment: Environment) -> Texts:
    """Carry out the operators that cut, replace, quote or change the case of a constant value."""
    patterns = text_of(part.argument, environment) if part.argument is not None else ("",)
    new = text_of(part.replacement, environment) if part.replacement is not None else ("",)
    if UNKNOWN in "".join((*patterns, *new)) or len(patterns) * len(new) != 1:
        return (UNKNOWN,)
    changed = [UNKNOWN if UNKNOWN in text else cut(part.operator, text, patterns[0], new[0]) for text in known]
    return distinct(UNKNOWN if one is None else one for one in changed)


def _named(name: str, environment: Environment) -> Texts | None:
    if name in ("0", "BASH_SOURCE"):
        return environment.scalars.get(name, (SELF,))  # bash -c may be given another one
    if name in ("@", "*") or name.isdigit():
        if environment.positional is None:
            return None
        return distinct(one for given in environment.positional for one in _given(name, given, environment))
    return environment.scalars.get(name)


def _lacks(name: str, environment: Environment) -> bool:
    """Say whether there may be no positional parameter of a number."""
    if not name.isdigit() or environment.positional is None or environment.shifted:
        return False
    return any(len(given) < int(name) for given in environment.positional)


def _given(name: str, given: Fields, environment: Environment) -> Iterator[str]:
    """What a positional parameter can be, of one list of them."""
    if name in ("@", "*"):
        yield _between(name, environment).join(one.text for one in given)
    elif environment.shifted:
        yield from (one.text for one in given or (Field(""),))
    else:
        yield given[int(name) - 1].text if int(name) <= len(given) else ""


def _array_texts(part: Parameter, environment: Environment) -> Texts:
    lists = environment.arrays.get(part.name)
    if lists is None or not (part.plain or part.index or part.operator in _CHANGES):
        return (UNKNOWN,)
    if part.operator and part.operator not in _CHANGES:
        return (UNKNOWN,)
    return distinct(one for elements in lists for one in _of_elements(part, elements, environment))


def _of_elements(part: Parameter, elements: Texts, environment: Environment) -> Texts:
    """What an expansion of an array can be, of one list of its elements."""
    if part.operator:
        elements = tuple(_changed(part, (one,), environment)[0] for one in elements)
    if part.index in ("@", "*"):
        return (_between(part.index, environment).join(elements),)
    known = environment.scalars.get(part.index.lstrip("$"), (part.index,)) if part.index else ("0",)
    if part.name in environment.scattered:
        return distinct((*elements, ""))  # any of them
    if len(known) == 1 and known[0].isdigit() and UNKNOWN not in elements:
        return (elements[int(known[0])],) if int(known[0]) < len(elements) else ("",)
    return distinct(elements) or ("",)


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

    def split(self, text: str, separators: str, origin: Statement | None = None) -> _Partial:
        partial = self.close() if text and text[0] in separators else self
        for number, word in enumerate(split_words(text, separators)):
            partial = (partial.close() if number else partial).add(word, origin)
        return partial.close() if text and text[-1] in separators else partial

    def several(self, fields: Fields, separators: str | None) -> _Partial:
        """Add fields; ``separators`` is None between quotes, where nothing is split."""
        partial = self
        for number, one in enumerate(fields):
            partial = partial.close() if number else partial
            if separators is None:
                partial = partial.add(one.text, one.origin)
            else:
                partial = partial.split(one.text, separators, one.origin)
        return partial


def expand(word: Word, environment: Environment) -> list[Fields]:
    """The alternatives of a word as lists of fields, after expansion, splitting and quote removal."""
    if len(word.parts) == 1 and isinstance(word.parts[0], Literal):
        made = braces(word.parts[0].text)
        return [tuple(Field(quoting.unquoted(one)) for one in made) if made is not None else (Field(UNKNOWN),)]
    several = braced(word)
    if several:
        return expand_all(several, environment)
    partials = [_Partial()]
    for part in word.parts:
        grown = [after for partial in partials for after in _grow(partial, part, environment, quoted=False)]
        partials = grown if len(grown) <= MOST_ALTERNATIVES else [p.add(UNKNOWN) for p in partials]
    return [partial.close().done for partial in partials]


def _grow(partial: _Partial, part: Part, environment: Environment, quoted: bool) -> list[_Partial]:
    if isinstance(part, DoubleQuoted):
        partials = [partial.add("")] if not _is_all_fields(part) else [partial]
        for inner in part.parts:
            partials = [after for one in partials for after in _grow(one, inner, environment, True)]
        return partials if len(partials) <= MOST_ALTERNATIVES else [partial.add(UNKNOWN)]
    separators = _separators(environment)
    if isinstance(part, Parameter):
        lists = _all_fields(part, environment)
        if lists is not None and quoted and "*" in (part.name, part.index):
            return [partial.add(_between("*", environment).join(one.text for one in fields)) for fields in lists]
        if lists is not None:
            return [partial.several(fields, None if quoted else separators or _BLANKS) for fields in lists]
        origin = _positional_origin(part, environment)
        texts = parameter_texts(part, environment)
        if separators is None and not quoted:
            texts = tuple(text if text.isalnum() else UNKNOWN for text in texts)
        split = separators if separators is not None else _BLANKS
        return [partial.add(text, origin) if quoted else partial.split(text, split, origin) for text in texts]
    if isinstance(part, Literal) and quoted:
        return [partial.add(quoting.in_double_quotes(part.text))]
    texts = _part_texts(part, environment)
    splits = isinstance(part, Substitution) and not quoted
    return [partial.split(text, separators or _BLANKS) if splits else partial.add(text) for text in texts]


def _separators(environment: Environment) -> str | None:
    """The characters at which words are split; None where only a run can tell."""
    known = environment.scalars.get("IFS", (_BLANKS,))
    return known[0] if len(known) == 1 and UNKNOWN not in known[0] else None


def _between(name: str, environment: Environment) -> str:
    """What stands between the words of ``$*``, the first separator, and of ``$@``, where both are one text."""
    separators = _separators(environment) if name == "*" else _BLANKS
    return separators[:1] if separators is not None else UNKNOWN


def _is_all_fields(part: DoubleQuoted) -> bool:
    inner = part.parts[0] if len(part.parts) == 1 else None
    return isinstance(inner, Parameter) and (inner.name == "@" or inner.index == "@")


def _all_fields(part: Parameter, environment: Environment) -> list[Fields] | None:
    """The lists of fields of ``$@``, ``${@:2}`` and ``${array[@]}``; None where the expansion is of another kind."""
    first, count = part.part
    lists: Iterable[Fields]
    if part.name in ("@", "*") and environment.positional is not None:
        lists = environment.positional
        if part.operator == "slice":
            return None if environment.shifted or first <= 0 else [given[first - 1 :][:count] for given in lists]
        if not (part.plain or part.operator in _CHANGES):
            return None
    elif part.index in ("@", "*") and part.name in environment.arrays:
        lists = [tuple(map(Field, elements)) for elements in environment.arrays[part.name]]
        if part.operator == "slice":
            return [given[first:][:count] for given in lists]
        if part.operator and part.operator not in _CHANGES:
            return None
    else:
        return None
    if not part.operator:
        return list(lists)
    return [tuple(replace(one, text=_changed(part, (one.text,), environment)[0]) for one in given) for given in lists]


def _positional_origin(part: Parameter, environment: Environment) -> Statement | None:
    if not part.name.isdigit() or environment.positional is None or part.name == "0":
        return None
    number = int(part.name) - 1
    taken = ((given if environment.shifted else given[number : number + 1]) for given in environment.positional)
    return next((one.origin for given in taken for one in given if one.origin), None)
