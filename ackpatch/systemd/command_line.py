"""From an ``ExecStart=`` value to the argument list of a start: prefixes, words, specifiers, variables."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ackpatch.systemd.unit import UnitError
from ackpatch.systemd.words import WHITESPACE, Escapes, UnbalancedQuoteError, first_word, words

# From version 239 on a command may be named without its path.
BARE_NAMES = 239
# The prefix ":" (no expansion of variables) came with version 244; "+" and "!" with 231 and 235.
PREFIX_SINCE = {"-": 0, "@": 0, ":": 244, "+": 231, "!": 235}
# What Linux takes as one argument, and as all of them (execve(2)).
LONGEST_WORD = 128 * 1024
LONGEST_LIST = 2 * 1024 * 1024
TOO_LONG = "the command line is longer than the kernel takes"
BRACED = re.compile(r"\$\$|\$\{([^}]*)\}")


@dataclass(frozen=True)
class Command:
    """One command of an Exec line before variables are filled in; ``words[0]`` is argv[0]."""

    path: str
    words: tuple[str, ...]
    expands: bool


def commands(value: str, version: int, expand: Callable[[str], str]) -> list[Command]:
    """The commands of one ``ExecStart=`` value; a lone ``;`` divides them. Raises UnitError."""
    found: list[Command] = []
    at = 0
    while True:
        try:
            word, at = first_word(value, at, Escapes.KEEP)
        except UnbalancedQuoteError:
            # In a command's first word systemd ignores this and what follows; in a later one it refuses the unit.
            return found
        if word is None:
            return found
        if word != ";":
            try:
                command, at = _command(word, value, at, version, expand)
            except UnbalancedQuoteError as error:
                raise UnitError(str(error)) from None
            found.append(command)


def _command(word: str, value: str, at: int, version: int, expand: Callable[[str], str]) -> tuple[Command, int]:
    prefixes, name = _prefixes(word, version)
    path = expand(name)
    if not path or path.endswith("/") or (version < BARE_NAMES and not path.startswith("/")):
        raise UnitError(f"not a path of an executable: {name!r}")
    arguments: list[str] = []
    while at < len(value):
        rest = value[at:]
        if rest[0] == ";" and (len(rest) == 1 or rest[1] in WHITESPACE):
            at += 1
            break
        if rest.startswith("\\;") and (len(rest) == len("\\;") or rest[2] in WHITESPACE):
            argument: str | None = ";"
            at += len(rest) - len(rest[2:].lstrip(WHITESPACE))
        else:
            argument, at = first_word(value, at, Escapes.KEEP)
        if argument is not None:
            arguments.append(expand(argument))
    if "@" not in prefixes:
        arguments.insert(0, path)
    if not arguments:
        raise UnitError(f"no argument list for {name!r}")
    return Command(path, tuple(arguments), ":" not in prefixes), at


def _prefixes(word: str, version: int) -> tuple[str, str]:
    seen = ""
    while word and version >= PREFIX_SINCE.get(word[0], version + 1) and (word[0] not in seen or word[0] == "!"):
        seen, word = seen + word[0], word[1:]
    return seen, word


def argument_list(command: Command, variables: Mapping[str, str]) -> tuple[str, ...]:
    """Fill in the variables.

    ``$NAME`` that is a whole word is split into words (none when unset), with quotes inside the value honoured;
    ``${NAME}`` anywhere is exactly the value, within one word; ``$$`` is a dollar sign. Raises UnitError for more than
    the kernel takes.
    """
    if not command.expands:
        return command.words
    result: list[str] = []
    total = 0
    for word in command.words:
        if word.startswith("$") and word[1:2] not in ("{", "$"):
            more = list(words(variables.get(word[1:], ""), Escapes.PROTECT, relaxed=True))
        else:
            more = [_filled(word, variables)]
        total += sum(map(len, more))
        if total > LONGEST_LIST:
            raise UnitError(TOO_LONG)
        result += more
    return tuple(result)


def _filled(word: str, variables: Mapping[str, str]) -> str:
    length = len(word) + sum(len(variables.get(match[1] or "", "")) for match in BRACED.finditer(word))
    if length > LONGEST_WORD:
        raise UnitError(TOO_LONG)
    return BRACED.sub(lambda match: _braced(match, variables), word)


def _braced(match: re.Match[str], variables: Mapping[str, str]) -> str:
    name: str | None = match.group(1)
    return "$" if name is None else variables.get(name, "")
