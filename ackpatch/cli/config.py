"""Settings of a project: ``ackpatch.toml``, or ``[tool.ackpatch]`` in pyproject.toml, found upwards from a script."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ackpatch.errors import UnreadableError, UsageError
from ackpatch.findings import codes
from ackpatch.options import Options
from ackpatch.source import read_settings


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project says of its scripts; ``exclude`` counts from the ``folder`` of the file."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    with_node_ip: bool = False
    folder: str = ""


_KINDS: dict[str, type] = {"select": list, "ignore": list, "exclude": list, "with-node-ip": bool}


def options_for(path: str, wanted: Options) -> Options:
    """The options for a script: those of its project, with what the command line asks for on top.

    Raises UsageError with the file and the key that cannot be used.
    """
    settings = settings_for(path, wanted.config)
    return replace(
        wanted,
        select=wanted.select or settings.select,
        ignore=(*settings.ignore, *wanted.ignore),
        name=path,
        with_node_ip=wanted.with_node_ip or settings.with_node_ip,
    )


def settings_for(path: str, config: str = "") -> Settings:
    """The settings of a file ``config``, else of the project that a script or a folder belongs to."""
    if config:
        return _settings_in(config)
    folder = os.path.abspath(path or ".")
    return _settings_of(folder if os.path.isdir(folder) else os.path.dirname(folder))


@cache
def _settings_in(config: str) -> Settings:
    return _read(config, _table(config, os.path.basename(config)) or {})


@cache
def _settings_of(folder: str) -> Settings:
    for name in ("ackpatch.toml", "pyproject.toml"):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            table = _table(path, name)
            if table is not None:
                return _read(path, table)
    parent = os.path.dirname(folder)
    return Settings() if parent == folder else _settings_of(parent)


def _table(path: str, name: str) -> dict[str, Any] | None:
    """The table of a file; None where a pyproject.toml has none."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        data = read_settings(path)
        if name == "pyproject.toml" and b"ackpatch" not in data:
            return None
        content: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except UnreadableError as error:
        raise UsageError(str(error)) from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    if name != "pyproject.toml":
        return content
    tools = content.get("tool", {})
    table = tools.get("ackpatch") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{path}: tool.ackpatch has to be a table")
    return table


def _read(path: str, table: dict[str, Any]) -> Settings:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KINDS:
            from difflib import get_close_matches

            close = get_close_matches(key, _KINDS, 1)
            hint = f"; do you mean {close[0]}?" if close else f"; known are {', '.join(_KINDS)}"
            raise UsageError(f"{path}: unknown key {key}{hint}")
        if not isinstance(value, _KINDS[key]):
            raise UsageError(f"{path}: {key} has to be a {_KINDS[key].__name__}")
        if key == "exclude":
            values[key] = tuple(str(one) for one in table[key])
        else:
            values[key.replace("-", "_")] = _codes(path, key, value) if isinstance(value, list) else value
    return Settings(**values, folder=os.path.dirname(os.path.abspath(path)))


def _codes(path: str, key: str, value: list[Any]) -> tuple[str, ...]:
    try:
        return codes([str(one) for one in value])
    except UsageError as error:
        raise UsageError(f"{path}: {key}: {error}") from error
