"""Quote removal, by the rules of the bash manual, one function for each place where text can stand."""

from __future__ import annotations

import re
import shlex

_UNQUOTED = re.compile(r"\\(\n|.)", re.DOTALL)
_DOUBLE = re.compile(r'\\([$`"\\\n])')
_ANSI = re.compile(r"\\(n|t|r|a|b|e|f|v|\\|'|\"|\?|x[0-9A-Fa-f]{1,2}|0?[0-7]{1,3})")
_ANSI_VALUES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


def _kept(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def unquoted(text: str) -> str:
    """Remove the backslashes of unquoted text."""
    return _UNQUOTED.sub(_kept, text) if "\\" in text else text


def split_words(text: str, comments: bool = False) -> list[str]:
    """The words of a constant command line; where its quotes do not close, those that blanks make."""
    try:
        return shlex.split(text, comments=comments)
    except ValueError:
        return text.split()


def in_double_quotes(text: str) -> str:
    """Remove the backslashes that bash removes between double quotes."""
    return _DOUBLE.sub(_kept, text) if "\\" in text else text


def in_ansi_quotes(text: str) -> str:
    """Decode the escapes of ``$'…'``."""
    return _ANSI.sub(lambda match: ansi_character(match[1]), text)


def ansi_character(escape: str) -> str:
    """The character of an escape, written without its backslash."""
    if escape in _ANSI_VALUES:
        return _ANSI_VALUES[escape]
    if escape[0] == "x":
        return chr(int(escape[1:], 16))
    if escape[0].isdigit():
        return chr(int(escape, 8) & 0xFF)
    return escape
