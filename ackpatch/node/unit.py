"""systemd's grammar of units and environment files, on rendered text: ExecStart, its program, the variables it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_KEY = re.compile(r"[ \t]*([A-Za-z_]\w*)[ \t]*=[ \t]*")
_WORD = re.compile(r"[^\s]+")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
# Programs that run the next kubelet word for us.
_RUNNERS = re.compile(r"(?:sh|bash|dash|env|nice|ionice|taskset|numactl|hyperkube|nsenter|chrt|systemd-cat)$")
# Programs that run kubelet in a container: its name is then the word behind the image, never an option's value.
_CONTAINER = re.compile(r"(?:^|/)(?:docker|podman|nerdctl|rkt|systemd-run)$")
_PROGRAM = re.compile(r"(?:.*/)?kubelet[\w.-]*$")


@dataclass(frozen=True, slots=True)
class Setting:
    """A directive or variable with the range of its value, continuation lines included."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnitText:
    """What of a unit or drop-in matters: the command lines that count, and where variables come from."""

    exec_starts: list[Setting] = field(default_factory=list)
    environment_files: list[str] = field(default_factory=list)
    environments: list[Setting] = field(default_factory=list)


def settings(text: str) -> Iterator[Setting]:
    """Give every ``key=value`` of a unit or environment file; a backslash before the line's end continues it."""
    position = 0
    while position < len(text):
        end = _line_end(text, position)
        match = _KEY.match(text, position, end)
        if match is not None:
            while text[end - 1 : end] == "\\" and end < len(text):
                end = _line_end(text, end + 1)
                while text[end : end + 1] and text[_line_start(text, end) : end].lstrip()[:1] in ("#", ";"):
                    # A comment between continued lines does not end them.
                    end = _line_end(text, end + 1)
            yield Setting(match[1], match.end(), end)
        position = end + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def read_unit(text: str) -> UnitText:
    """Read a unit; an empty ``ExecStart=`` drops the ones before it."""
    unit = UnitText()
    for setting in settings(text):
        value = text[setting.start : setting.end].strip()
        if setting.key == "ExecStart":
            if value:
                unit.exec_starts.append(setting)
            else:
                unit.exec_starts.clear()
        elif setting.key == "EnvironmentFile":
            unit.environment_files.append(value.removeprefix("-"))
        elif setting.key == "Environment":
            unit.environments.append(setting)
    return unit


def program_end(text: str, setting: Setting) -> int | None:
    """Give the index behind kubelet's name in a command line; None where the program is not kubelet."""
    boxed, seen, before = False, 0, ""
    for match in _WORD.finditer(text, setting.start, setting.end):
        word = match[0].lstrip("-@+!:").lstrip("\"'")
        bare = word.rstrip("\"'")
        option_value = boxed and before.startswith("-")
        if _PROGRAM.fullmatch(bare) and not match[0].startswith("--") and "=" not in bare and not option_value:
            # A closing quote that an earlier word opened stays behind the flags.
            own = match[0].lstrip("-@+!:")[:1] in ("'", '"') and before != "-c"
            return match.end() - (0 if own else len(word) - len(bare))
        if _CONTAINER.search(bare):
            boxed = True
        elif not match[0].startswith("-") and bare != "\\":
            seen += 1
            if seen == 1 and not boxed and not _RUNNERS.search(bare):
                return None
        before = match[0]
    return None


def variables(text: str, setting: Setting) -> list[str]:
    """Give the names of the variables that systemd puts into a command line."""
    return _VARIABLE.findall(text, setting.start, setting.end)
