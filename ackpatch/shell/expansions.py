"""The expansions of constant text: braces, the operators of a parameter, the splitting into words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from itertools import pairwise

from ackpatch.shell.quoting import in_ansi_quotes

_MOST_STARS = 4
_MOST_WORDS = 4096  # that braces can make of one
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?|([A-Za-z])\.\.([A-Za-z])")
_BLANKS = " \t\n"
_EXTENDED = re.compile(r"[?*+@!]\(")


def braces(text: str) -> list[str] | None:
    """Carry out the brace expansion of a word as it is written; None for more words than can be followed."""
    found = _braces(text)
    return found if len(found) <= _MOST_WORDS else None


def _braces(text: str) -> list[str]:
    start = -1
    while (start := text.find("{", start + 1)) >= 0:
        if start and text[start - 1] in "$\\":
            continue
        end, commas = _closing(text, start)
        inside = text[start + 1 : end]
        items = _split_at(text, start, end, commas) if commas else _range(inside) if end > 0 else None
        if items is None:
            continue
        before, after = text[:start], _braces(text[end + 1 :])
        made = [one for item in items for one in (_braces(item) if commas else [item])]
        if len(made) * len(after) > _MOST_WORDS:
            return [""] * (_MOST_WORDS + 1)
        return [before + one + last for one in made for last in after]
    return [text]


def _closing(text: str, start: int) -> tuple[int, list[int]]:
    """Where the brace at ``start`` closes (-1 for nowhere) and the commas right inside it."""
    commas: list[int] = []
    depth, at = 0, start
    while at < len(text):
        one = text[at]
        if one == "\\":
            at += 1
        elif one == "{":
            depth += 1
        elif one == "}":
            depth -= 1
            if depth == 0:
                return at, commas
        elif one == "," and depth == 1:
            commas.append(at)
        at += 1
    return -1, []


def _split_at(text: str, start: int, end: int, commas: list[int]) -> list[str]:
    edges = [start, *commas, end]
    return [text[a + 1 : b] for a, b in pairwise(edges)]


def _range(inside: str) -> list[str] | None:
    match = _RANGE.fullmatch(inside)
    if match is None:
        return None
    if match[4]:
        first, last, step = ord(match[4]), ord(match[5]), 1
    else:
        first, last, step = int(match[1]), int(match[2]), abs(int(match[3] or 1)) or 1
    if abs(last - first) // step > _MOST_WORDS:
        return [""] * (_MOST_WORDS + 1)
    numbers = range(first, last + (1 if last >= first else -1), step if last >= first else -step)
    if match[4]:
        return [chr(number) for number in numbers]
    padded = any(re.match(r"-?0\d", one) for one in (match[1], match[2]))
    width = max(len(match[1]), len(match[2])) if padded else 0
    return [f"{number:0{width}d}" if width else str(number) for number in numbers]


def cut(operator: str, text: str, pattern: str, new: str) -> str | None:
    """Carry out an operator of a parameter that cuts, replaces or changes the case of a constant value.

    None where the pattern is none (a range that runs backwards), or has too many stars to be tried.
    """
    if operator == "@":
        return _transformed(text, pattern)
    if _EXTENDED.search(pattern):
        return None  # extglob
    if pattern.count("*") > _MOST_STARS:
        return None  # each star more costs as much again as the text is long
    try:
        return _cut(operator, text, pattern, new)
    except re.error:
        return None


def _cut(operator: str, text: str, pattern: str, new: str) -> str:
    if operator in ("^^", ",,"):
        return text.upper() if operator == "^^" else text.lower()
    if operator in ("^", ","):
        return (text[:1].upper() if operator == "^" else text[:1].lower()) + text[1:]
    if operator in ("/", "//"):
        return _replaced(operator, text, pattern, new)
    greedy = len(operator) == 2
    if operator[0] == "#":
        match = re.match(_glob(pattern, greedy), text, re.DOTALL)
        return text[match.end() :] if match else text
    starts = range(len(text) + 1) if greedy else range(len(text), -1, -1)
    ending = re.compile(_glob(pattern, True), re.DOTALL)
    return next((text[:start] for start in starts if ending.fullmatch(text, start)), text)


def _transformed(text: str, letter: str) -> str | None:
    """Carry out ``${name@Q}`` and its kin; None for those that give a declaration, attributes or a prompt."""
    if letter == "Q":
        return "'" + text.replace("'", "'\\''") + "'"
    if letter == "E":
        return in_ansi_quotes(text)
    case = {"U": "^^", "L": ",,", "u": "^"}.get(letter)
    return _cut(case, text, "", "") if case else None


def _replaced(operator: str, text: str, pattern: str, new: str) -> str:
    if not pattern:
        return text
    anchor = pattern[0] if operator == "/" and pattern[0] in "#%" else ""
    form = _glob(pattern[len(anchor) :], greedy=True)
    form = rf"\A(?:{form})" if anchor == "#" else rf"(?:{form})\Z" if anchor == "%" else form
    return re.sub(form, lambda _: new, text, count=1 if operator == "/" else 0, flags=re.DOTALL)


def _glob(pattern: str, greedy: bool) -> str:
    """The regular expression of a shell pattern."""
    star = ".*" if greedy else ".*?"
    pieces = re.findall(r"\\.|\[[!^]?\]?(?:\[:\w+:\]|[^]])+\]|.", pattern, re.DOTALL)
    return "".join(
        star if one == "*" else "." if one == "?" else _bracket(one) if len(one) > 2 and one[0] == "["
        else re.escape(one.lstrip("\\") or one)
        for one in pieces
    )  # fmt: skip


# The characters of a class in a bracket expression.
_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": " \\t", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9",
    "graph": r"\x21-\x7e", "lower": "a-z", "print": r"\x20-\x7e", "punct": r"!-/:-@\[-`{-~", "space": r"\s",
    "upper": "A-Z", "word": r"\w", "xdigit": "0-9a-fA-F",
}  # fmt: skip


def _bracket(text: str) -> str:
    inner = text[1:-1]
    negates = inner[0] in "!^"
    parts = re.split(r"\[:(\w+):\]", inner[negates:])
    plain = [re.sub(r"[\[\]\\&~|]", r"\\\g<0>", one) for one in parts[::2]]
    classes = [_CLASSES.get(one, "") for one in parts[1::2]]
    body = "".join(one + other for one, other in zip(plain, [*classes, ""], strict=True))
    return f"[{'^' if negates else ''}{body}]"


def split_words(text: str, separators: str) -> list[str]:
    """Split a text at the characters of IFS: blanks among them count as one, each other one by itself."""
    blanks = "".join(one for one in separators if one in _BLANKS)
    others = "".join(one for one in separators if one not in _BLANKS)
    text = text.strip(blanks) if blanks else text
    if not text or not separators:
        return [text] if text else []
    some = f"[{re.escape(blanks)}]" if blanks else ""
    parts = [f"{some}*[{re.escape(others)}]{some}*" if some else f"[{re.escape(others)}]"] if others else []
    parts += [f"{some}+"] if some else []
    found = re.split("|".join(parts), text)
    return found[:-1] if found and not found[-1] else found


def formatted(form: str, words: Sequence[str], unknown: str) -> str:
    """What ``printf`` makes of constant words, for the directives ``%s`` and ``%q``."""
    parts = re.split(r"(%[sq])", form)
    directives = len(parts) // 2
    if "%" in "".join(parts[::2]) or "\\" in form or (words and not directives):
        return unknown
    turns = max(1, -(-len(words) // directives)) if directives else 1
    left = [*words, *[""] * (turns * directives - len(words))]
    made = ""
    for part in parts * turns:
        made += part if part not in ("%s", "%q") else left.pop(0) if part == "%s" else shlex.quote(left.pop(0))
    return made
