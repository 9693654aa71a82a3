"""systemd's splitting of a value into words: quotes, C escapes, unknown escapes kept (its ``extract_first_word``)."""

import enum
from collections.abc import Iterator

# What isspace-like splitting means to systemd.
WHITESPACE = " \t\n\r"
SIMPLE_ESCAPES = dict(zip("abfnrtv\\\"'s", "\a\b\f\n\r\t\v\\\"' ", strict=True))
# Digits that follow the letter of a numeric escape.
NUMBER_ESCAPES = {"x": (2, 16), "u": (4, 16), "U": (8, 16)}
OCTAL_DIGITS = 3


class Escapes(enum.Enum):
    """What a backslash means: how an unknown C escape is taken, or that it only protects the next character."""

    KEEP = "Exec lines: an unknown escape stays as it is written"
    REFUSE = "Environment=: an unknown escape ends the reading"
    PROTECT = "the splitting of $VAR: no C escapes"


class UnbalancedQuoteError(ValueError):
    """A quote is opened and never closed, or an escape cannot be read."""


def c_escape(text: str, at: int) -> tuple[str, int] | None:
    """The character that the escape at ``text[at]`` (after the backslash) means and its length, or None if unknown."""
    letter = text[at]
    if letter in SIMPLE_ESCAPES:
        return SIMPLE_ESCAPES[letter], 1
    start, length, base = at + 1, *NUMBER_ESCAPES.get(letter, (0, 0))
    if letter in "01234567":
        start, length, base = at, OCTAL_DIGITS, 8
    digits = text[start : start + length]
    if not length or len(digits) < length:
        return None
    try:
        number = int(digits, base) if digits.isalnum() else 0
    except ValueError:
        return None
    if number == 0 or number > (0x10FFFF if letter in "uU" else 0xFF):
        return None
    return (chr(number) if letter in "uU" else _byte(number)), start - at + length


def _byte(number: int) -> str:
    return bytes([number]).decode("utf-8", "surrogateescape")


def first_word(text: str, at: int, escapes: Escapes, *, relaxed: bool = False) -> tuple[str | None, int]:
    """The word at ``at`` and where the rest begins; None when there is none.

    ``relaxed``: an unclosed quote ends with the text, as in splitting ``$VAR``. Raises UnbalancedQuoteError.
    """
    while at < len(text) and text[at] in WHITESPACE:
        at += 1
    if at == len(text):
        return None, at
    word: list[str] = []
    quote = ""
    while at < len(text):
        character = text[at]
        at += 1
        if character == "\\":
            piece, at = _escaped(text, at, escapes, lenient=relaxed or not quote)
            word.append(piece)
        elif quote:
            quote, piece = ("", "") if character == quote else (quote, character)
            word.append(piece)
        elif character in "'\"":
            quote = character
        elif character in WHITESPACE:
            break
        else:
            word.append(character)
    if quote and not relaxed:
        raise UnbalancedQuoteError(f"unbalanced quoting: {text!r}")
    while at < len(text) and text[at] in WHITESPACE:
        at += 1
    return "".join(word), at


def _escaped(text: str, at: int, escapes: Escapes, *, lenient: bool) -> tuple[str, int]:
    if at == len(text):
        if escapes is Escapes.REFUSE or not lenient:
            raise UnbalancedQuoteError(f"a backslash ends the text: {text!r}")
        return ("\\" if escapes is Escapes.KEEP else ""), at
    if escapes is Escapes.PROTECT:
        return text[at], at + 1
    known = c_escape(text, at)
    if known is None:
        if escapes is Escapes.REFUSE:
            raise UnbalancedQuoteError(f"unknown escape: {text!r}")
        return "\\" + text[at], at + 1
    return known[0], at + known[1]


def words(text: str, escapes: Escapes, *, relaxed: bool = False) -> Iterator[str]:
    """All words of ``text``, see ``first_word``."""
    at = 0
    while True:
        word, at = first_word(text, at, escapes, relaxed=relaxed)
        if word is None:
            return
        yield word
