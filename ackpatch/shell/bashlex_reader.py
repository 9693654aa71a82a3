"""A second opinion on the words of a command, from bashlex.

bashlex builds its grammar tables at every import (about 0.1 s). We give it equal tables, made beforehand; with another
version of bashlex it builds its own. It raises many kinds of errors besides its own, and its offsets drift after a
continued line inside a word: only the words are taken from it, never a place.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from functools import lru_cache
from importlib import import_module
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import Any

from ackpatch.shell import quoting
from ackpatch.shell.tree import DoubleQuoted, Literal, Part, Script, Simple, SingleQuoted

_FAILURES = (
    AttributeError,
    AssertionError,
    TypeError,
    NotImplementedError,
    RecursionError,
    ValueError,
    IndexError,
    KeyError,
)


_PLAIN = re.compile(r"[\w./:=,@%+ -]*")
_LOADING = Lock()


def load() -> ModuleType:
    """Import bashlex, with the ready tables where they fit the installed version."""
    with _LOADING:
        return sys.modules.get("bashlex") or _import()


def _import() -> ModuleType:
    spec = importlib.util.find_spec("bashlex")
    with open(os.path.join(os.path.dirname(__file__), "bashlex_tables.json"), encoding="ascii") as file:
        tables = json.load(file)
    if spec is None or spec.loader is None or not _is_version(spec.origin, tables["version"]):
        return import_module("bashlex")
    package = importlib.util.module_from_spec(spec)
    sys.modules["bashlex"] = package
    yacc: Any = import_module("bashlex.yacc")
    build = yacc.yacc
    yacc.yacc = lambda **_: _parser_from_tables(yacc, sys._getframe(1).f_globals, tables)
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules["bashlex"]
        raise
    finally:
        yacc.yacc = build
    return package


def _is_version(origin: str | None, version: str) -> bool:
    """Look for the metadata folder beside the package; importlib.metadata would take longer than bashlex itself."""
    packages = os.path.dirname(os.path.dirname(origin or ""))
    return os.path.isdir(os.path.join(packages, f"bashlex-{version}.dist-info"))


def _parser_from_tables(yacc: Any, names: dict[str, Any], tables: Any) -> Any:
    productions = [
        SimpleNamespace(name=name, len=length, func=function, str=text, callable=names.get(function or ""))
        for name, length, function, text in tables["productions"]
    ]
    action, goto = ({int(state): row for state, row in tables[key].items()} for key in ("action", "goto"))
    table = SimpleNamespace(lr_action=action, lr_goto=goto, lr_productions=productions)
    return yacc.LRParser(table, names["p_error"])


def agrees(script: Script, command: Simple) -> bool | None:
    """Say whether bashlex reads the same words; None where it cannot read the command.

    Words with expansions are compared by their number only: bashlex leaves those as they are written.
    """
    text = " ".join(script.source(word.span) for word in command.words)
    if _PLAIN.fullmatch(text):
        # Words without quotes and expansions can be read in one way only.
        return True
    theirs = words_of(text)
    if theirs is None:
        return None
    if len(theirs) != len(command.words):
        return False
    ours = [_constant(word.parts) for word in command.words]
    return all(one is None or one == other for one, other in zip(ours, theirs, strict=True))


def _constant(parts: list[Part]) -> str | None:
    """The value of a word without expansions and without characters that bashlex treats in its own way."""
    texts = []
    for part in parts:
        if isinstance(part, Literal):
            texts.append(quoting.unquoted(part.text))
        elif isinstance(part, SingleQuoted) and not part.ansi:
            texts.append(part.text)
        elif isinstance(part, DoubleQuoted) and all(isinstance(inner, Literal) for inner in part.parts):
            texts += [quoting.in_double_quotes(inner.text) for inner in part.parts if isinstance(inner, Literal)]
        else:
            return None
    return "".join(texts)


@lru_cache(maxsize=512)
def words_of(text: str) -> tuple[str, ...] | None:
    """The words of the first simple command of a text after quote removal; None where bashlex cannot read it.

    Expansions stay as they are written.
    """
    bashlex = load()
    try:
        trees = bashlex.parse(text)
    except (bashlex.errors.ParsingError, *_FAILURES):
        return None
    command = _first_command(trees[0]) if trees else None
    return None if command is None else tuple(part.word for part in command.parts if part.kind == "word")


def _first_command(node: Any) -> Any:
    if node.kind == "command":
        return node
    for child in getattr(node, "parts", ()) or getattr(node, "list", ()):
        found = _first_command(child)
        if found is not None:
            return found
    return None
