"""The reference of the commands, as Markdown and as a man page, from the command line's own help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from ackpatch import __version__
from ackpatch.cli.app import app

BEGIN, END = "<!-- options: begin -->\n", "<!-- options: end -->\n"
EXIT_CODES = (
    ("0", "nothing to do, done, all covered; for rehearse: every start carries the values, or nothing was to judge"),
    ("1", "check and diff: ackpatch apply can mend it; apply: the answer was no; rehearse: something is missing"),
    ("2", "refused, unreadable, a wrong option; nothing was written"),
    ("130", "interrupted"),
)


@dataclass(frozen=True)
class Option:
    """One option or argument with its help."""

    names: str
    help: str


@dataclass(frozen=True)
class Command:
    """One command: how it is called, what it does, its options, an example."""

    name: str
    usage: str
    help: str
    example: str
    options: tuple[Option, ...]


def commands() -> list[Command]:
    """Read the commands from the program itself."""
    group: Any = typer.main.get_command(app)
    return [_command(name, one) for name, one in group.commands.items()]


def _command(name: str, one: Any) -> Command:  # noqa: ANN401 - the library's own class has no public name
    arguments = [param for param in one.params if param.param_type_name == "argument"]
    options = [_option(param) for param in one.params if param.param_type_name == "option"]
    metavar = " ".join(param.metavar or param.name.upper() for param in arguments)
    example = (one.epilog or "").removeprefix("Example: ")
    return Command(name, f"ackpatch {name} [OPTIONS] {metavar}", " ".join(one.help.split()), example, tuple(options))


def _option(param: Any) -> Option:  # noqa: ANN401
    names = ", ".join(sorted(param.opts, key=lambda one: (-len(one), one)))
    choices = getattr(param.type, "choices", None)
    kinds = {"str": "TEXT", "int": "N", "float": "SECONDS"}
    value = param.metavar or ("|".join(choices) if choices else kinds.get(param.type.name, ""))
    return Option(names if param.is_flag else f"{names} {value}", param.help)


def reference() -> str:
    """The part of docs/commands.md between its marks."""
    parts = []
    for one in commands():
        rows = "".join(f"| `{_cell(option.names)}` | {option.help} |\n" for option in one.options)
        table = f"\n| option | meaning |\n|---|---|\n{rows}" if rows else ""
        parts.append(f"### `{one.usage}`\n{one.help}\n\n```sh\n{one.example}\n```\n{table}")
    return BEGIN + "\n".join(parts) + END


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def with_reference(page: str) -> str:
    """A page with the current reference between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + reference() + after


def man_page() -> str:
    """The man page, in the macros of man(7)."""
    return "\n".join(_man_lines()) + "\n"


def _man_lines() -> Iterator[str]:
    yield f'.TH ACKPATCH 1 "" "ackpatch {__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"ackpatch \- gives a node-bootstrap script the four values of a registered cluster's node pool"
    yield ".SH SYNOPSIS"
    yield ".B ackpatch"
    yield r"\fICOMMAND\fR [\fIOPTIONS\fR] [\fISCRIPT\fR...]"
    yield ".SH DESCRIPTION"
    group: Any = typer.main.get_command(app)
    yield _roff(group.help)
    yield ".SH COMMANDS"
    for one in commands():
        yield f".SS {_roff(one.usage)}"
        yield _roff(one.help)
        for option in one.options:
            yield ".TP"
            yield rf"\fB{_roff(option.names)}\fR"
            yield _roff(option.help)
        yield ".PP"
        yield f"Example: {_roff(one.example)}"
    yield ".SH EXIT STATUS"
    for code, meaning in EXIT_CODES:
        yield ".TP"
        yield f".B {code}"
        yield _roff(meaning)
    yield ".SH FILES"
    yield ".TP"
    yield ".B ackpatch.toml, pyproject.toml"
    yield "Settings of a project, looked for from the folder of a script upwards."


def _roff(text: str) -> str:
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
