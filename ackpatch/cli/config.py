"""Settings of a project: ``ackpatch.toml``, or ``[tool.ackpatch]`` in pyproject.toml, found upwards from a script."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cache
from typing import Any

from ackpatch.errors import UsageError
from ackpatch.findings import codes
from ackpatch.options import Options

_KINDS: dict[str, type] = {"select": list, "ignore": list, "with-node-ip": bool}


def options_for(path: str, wanted: Options) -> Options:
    """Give the options for a script: those of its project, with what the command line asks for on top.

    Raises UsageError with the file and the key that cannot be used.
    """
    settings = _settings_of(os.path.dirname(os.path.abspath(path)))
    return replace(
        wanted,
        select=wanted.select or settings.select,
        ignore=(*settings.ignore, *wanted.ignore),
        name="" if path == "stdin" else path,
        with_node_ip=wanted.with_node_ip or settings.with_node_ip,
    )


@cache
def _settings_of(folder: str) -> Options:
    for name in ("ackpatch.toml", "pyproject.toml"):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            table = _table(path, name)
            if table is not None:
                return _read(path, table)
    parent = os.path.dirname(folder)
    return Options() if parent == folder else _settings_of(parent)


def _table(path: str, name: str) -> dict[str, Any] | None:
    """Give the table of a file; None where a pyproject.toml has none."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, "rb") as file:
            data = file.read()
        if name == "pyproject.toml" and b"ackpatch" not in data:
            return None
        content: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error
    if name == "ackpatch.toml":
        return content
    tools = content.get("tool", {})
    table = tools.get("ackpatch") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{path}: tool.ackpatch has to be a table")
    return table


def _read(path: str, table: dict[str, Any]) -> Options:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KINDS:
            from difflib import get_close_matches

            close = get_close_matches(key, _KINDS, 1)
            hint = f"; do you mean {close[0]}?" if close else f"; known are {', '.join(_KINDS)}"
            raise UsageError(f"{path}: unknown key {key}{hint}")
        if not isinstance(value, _KINDS[key]):
            raise UsageError(f"{path}: {key} has to be a {_KINDS[key].__name__}")
        values[key.replace("-", "_")] = _codes(path, key, value) if isinstance(value, list) else value
    return Options(**values)


def _codes(path: str, key: str, value: list[Any]) -> tuple[str, ...]:
    try:
        return codes([str(one) for one in value])
    except UsageError as error:
        raise UsageError(f"{path}: {key}: {error}") from error
