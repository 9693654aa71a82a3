"""systemd's reading of an environment file: quotes, escapes, comments, continuation, names that it drops."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
WHITESPACE = " \t\n\r"
COMMENTS = "#;"
# From version 241 on, double quotes keep a backslash before an ordinary character, as a shell does, and single quotes
# know no escape at all; before, a backslash in either just protected the next character.
SHELL_LIKE_QUOTES = 241
# From version 254 on, a backslash at the end of a comment does not make the next line a comment.
COMMENTS_END = 254
NEEDS_ESCAPE = '"\\`$'


@dataclass
class _Reader:
    """The states of systemd's environment file reader; trailing white space of an unquoted value is dropped."""

    version: int
    found: dict[str, str] = field(default_factory=dict)
    state: str = "before key"
    key: str = ""
    value: str = ""
    solid: int = 0

    def push(self) -> None:
        key = self.key.rstrip(WHITESPACE)
        value = self.value[: self.solid] + self.value[self.solid :].rstrip(WHITESPACE)
        # "export X", "X+" and a name after a byte order mark are no names: systemd drops them.
        if NAME.match(key):
            self.found[key] = value
        self.key, self.value, self.solid = "", "", 0

    def add(self, text: str) -> None:
        """Add what is quoted or escaped: it stays, white space or not."""
        self.value += text
        self.solid = len(self.value)


def parse_environment_file(text: str, version: int) -> dict[str, str]:
    """The variables of one environment file. Nothing expands; quotes count only where a value begins."""
    reader = _Reader(version)
    for character in text:
        reader.state = _STATES[reader.state](reader, character)
    if reader.state not in ("before key", "key", "comment", "comment escape"):
        reader.push()
    return reader.found


def _before_key(reader: _Reader, character: str) -> str:
    if character in COMMENTS:
        return "comment"
    if character in WHITESPACE:
        return "before key"
    reader.key = character
    return "key"


def _key(reader: _Reader, character: str) -> str:
    if character in "\n\r":
        reader.key = ""
        return "before key"
    if character == "=":
        return "before value"
    reader.key += character
    return "key"


def _before_value(reader: _Reader, character: str) -> str:
    if character in "\n\r":
        reader.push()
        return "before key"
    if character in WHITESPACE:
        return "before value"
    special = {"'": "single", '"': "double", "\\": "escape"}.get(character)
    if special is None:
        reader.value += character
    return special or "value"


def _value(reader: _Reader, character: str) -> str:
    if character in "\n\r":
        reader.push()
        return "before key"
    if character == "\\":
        return "escape"
    reader.value += character
    return "value"


def _escape(reader: _Reader, character: str) -> str:
    if character not in "\n\r":
        reader.add(character)
    return "value"


def _single(reader: _Reader, character: str) -> str:
    if character == "'":
        return "before value"
    if character == "\\" and reader.version < SHELL_LIKE_QUOTES:
        return "single escape"
    reader.add(character)
    return "single"


def _single_escape(reader: _Reader, character: str) -> str:
    if character not in "\n\r":
        reader.add(character)
    return "single"


def _double(reader: _Reader, character: str) -> str:
    if character == '"':
        return "before value"
    if character == "\\":
        return "double escape"
    reader.add(character)
    return "double"


def _double_escape(reader: _Reader, character: str) -> str:
    if character in NEEDS_ESCAPE or (reader.version < SHELL_LIKE_QUOTES and character not in "\n\r"):
        reader.add(character)
    elif character != "\n":
        reader.add("\\" + character)
    return "double"


def _comment(reader: _Reader, character: str) -> str:
    if character == "\\" and reader.version < COMMENTS_END:
        return "comment escape"
    return "before key" if character in "\n\r" else "comment"


_STATES: dict[str, Callable[[_Reader, str], str]] = {
    "before key": _before_key,
    "key": _key,
    "before value": _before_value,
    "value": _value,
    "escape": _escape,
    "single": _single,
    "single escape": _single_escape,
    "double": _double,
    "double escape": _double_escape,
    "comment": _comment,
    "comment escape": lambda _reader, _character: "comment",
}
