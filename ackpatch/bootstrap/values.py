"""The values that ``collect`` finds and ``new`` reads, in a small TOML file."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields

from ackpatch.errors import UnreadableError, UsageError
from ackpatch.source import read_settings


@dataclass(frozen=True, slots=True)
class Values:
    """What a script needs to know of the cluster; an empty text is a value that is not known."""

    kube_version: str = ""
    runtime: str = ""
    runtime_version: str = ""
    join_command: str = ""
    join_expires: str = ""


_KEYS = {one.name.replace("_", "-"): one.name for one in fields(Values)}


def read_values(path: str) -> Values:
    """Read a file of values; raises UsageError with the file and what is wrong in it."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        content = tomllib.loads(read_settings(path).decode("utf-8"))
    except UnreadableError as error:
        raise UsageError(str(error)) from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    for key, value in content.items():
        if key not in _KEYS:
            raise UsageError(f"{path}: unknown key {key}; known are {', '.join(_KEYS)}")
        if not isinstance(value, str):
            raise UsageError(f"{path}: {key} has to be a text in quotes")
    return Values(**{_KEYS[key]: value for key, value in content.items()})


def as_toml(values: Values) -> str:
    """A file of values as text."""
    lines = ["# Made by ackpatch collect; ackpatch new --from reads it. It holds a join token: keep it to yourself."]
    for key, name in _KEYS.items():
        value = getattr(values, name)
        if value:
            lines.append(f"{key} = {_quoted(value)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if " " <= one != "\x7f" else f"\\u{ord(one):04x}" for one in escaped) + '"'
