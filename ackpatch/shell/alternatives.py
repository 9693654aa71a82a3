"""All the words that one command can have, and those that xargs and parallel read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile

from ackpatch.shell import quoting
from ackpatch.shell.environment import MOST_ALTERNATIVES, UNKNOWN, Environment, Field, Fields, Texts, at_most
from ackpatch.shell.output import lines_of, outputs, read_by
from ackpatch.shell.programs import FILLS, FIND_RUNS, placeholder, program
from ackpatch.shell.tree import Script, Simple, Statement
from ackpatch.shell.values import expand_all

_OF_FILES = frozenset({"rm", "sed", "cp", "mv", "install", "truncate", "tee", "chmod", "chown", "grep", "ls", "cat"})
# Files in a folder, and in the folders in it.
_BELOW = (UNKNOWN, f"{UNKNOWN}/{UNKNOWN}", f"{UNKNOWN}/{UNKNOWN}/{UNKNOWN}")
_SEPARATOR = re.compile(r"-0|-d|--null|--delimiter")


def possible_words(
    statement: Statement,
    command: Simple,
    environment: Environment,
    script: Script,
    piped: Statement | None,
    aliases: Mapping[str, str],
) -> list[Fields]:
    """Each list of words that a command can have; ``piped`` is what writes into the pipe that it reads."""
    alternatives = [one for fields in expand_all(command.words, environment) for one in _unaliased(fields, aliases)]
    if FILLS.isdisjoint(fields[0].text for fields in alternatives if fields):
        return alternatives
    given = read_by(statement, script, environment)
    read = [given] if given else list(outputs(piped, script, environment)) if piped is not None else []
    lines = lines_of(read) or (UNKNOWN,)
    return list(dict.fromkeys(one for fields in alternatives for one in _with_words_found(fields, lines)))


def _with_words_found(fields: Fields, lines: Texts) -> list[Fields]:
    """The commands that find, xargs and parallel run."""
    name = fields[0].text if fields else ""
    if name == "find" and any(one.text in FIND_RUNS for one in fields):
        texts = [one.text for one in fields]
        found = _below(texts) if program(texts)[1] in _OF_FILES else [UNKNOWN]
        return [tuple(Field(path) if one.text == "{}" else one for one in fields) for path in found]
    return _with_words_read(fields, lines) if name in FILLS - {"find"} else [fields]


def _below(words: list[str]) -> list[str]:
    """What ``find`` can find: below the folders that it is given."""
    folders = list(takewhile(lambda word: word[:1] not in ("-", "(", "!"), words[1:]))
    known = folders and all(one.startswith("/") for one in folders)
    return [f"{one.rstrip('/')}/{below}" for one in folders for below in _BELOW] if known else [UNKNOWN]


def _unaliased(fields: Fields, aliases: Mapping[str, str]) -> list[Fields]:
    """The commands that an alias stands for; after one that ends in a blank the next word may be one too."""
    text = aliases.get(fields[0].text) if fields else None
    if not text:
        return [fields]
    rest = fields[1:]
    if text[-1].isspace() and rest:
        return [(*_words(text), *one) for one in _unaliased(rest, aliases)]
    *first, last = re.split(r"[;&|]+", text)
    others = {name: value for name, value in aliases.items() if name != fields[0].text}
    several = [*(_words(one) for one in first if one.strip()), (*_words(last), *rest)]
    found = [one for each in several for one in _unaliased(each, others)]
    # One that hides a command may be there on some paths only.
    return [*found, fields] if any(fields[0].text in (each.text for each in one) for one in several) else found


def _words(text: str) -> Fields:
    return tuple(map(Field, quoting.split_words(text)))


def _with_words_read(fields: Fields, lines: tuple[str, ...]) -> list[Fields]:
    """The commands that xargs or parallel runs: the words that it reads come after its own."""
    words = [word for line in lines for word in line.split() or [UNKNOWN]]
    own, texts = fields, [one.text for one in fields]
    if ":::" in texts:
        at = texts.index(":::")
        own, words = fields[:at], texts[at + 1 :]
    if any(_SEPARATOR.match(one) for one in texts):
        words = [*words, UNKNOWN]  # divided in another way
    held = placeholder(texts) if texts[0] == "xargs" else ""

    def with_word(word: str) -> Fields:
        return tuple(Field(one.text.replace(held, word)) for one in own) if held else (*own, Field(word))

    several = [with_word(one) for one in (lines if held else dict.fromkeys(words))]
    if not held and 1 < len(words) < MOST_ALTERNATIVES:
        several.append((*own, *map(Field, words)))
    return list(at_most(several, with_word(UNKNOWN))) or [fields]
