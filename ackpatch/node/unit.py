"""What of a unit matters for kubelet: the command lines that count, their program, the variables they use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ackpatch.systemd.unit import Directive, assignments

_WORD = re.compile(r"[^\s]+")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
# Programs that run the next kubelet word for us.
_RUNNERS = re.compile(r"(?:sh|bash|dash|env|nice|ionice|taskset|numactl|hyperkube|nsenter|chrt|systemd-cat)$")
# Programs that run kubelet in a container: its name is then the word after the image, never an option's value.
_CONTAINER = re.compile(r"(?:^|/)(?:docker|podman|nerdctl|rkt|systemd-run)$")
_PROGRAM = re.compile(r"(?:.*/)?kubelet[\w.-]*$")


@dataclass(frozen=True, slots=True)
class UnitText:
    """What of a unit or drop-in matters: the command lines that count, and where variables come from."""

    exec_starts: list[Directive] = field(default_factory=list)
    environment_files: list[str] = field(default_factory=list)


def read_unit(text: str) -> UnitText:
    """Read a unit, or a part of one; an empty ``ExecStart=`` drops the ones before it."""
    unit = UnitText()
    for one in assignments(text):
        if one.key == "ExecStart":
            if one.value:
                unit.exec_starts.append(one)
            else:
                unit.exec_starts.clear()
        elif one.key == "EnvironmentFile":
            unit.environment_files.append(one.value.removeprefix("-"))
    return unit


def program_end(text: str, one: Directive) -> int | None:
    """The index after kubelet's name in a command line; None where the program is not kubelet."""
    boxed, seen, before = False, 0, ""
    for match in _WORD.finditer(text, one.start, one.end):
        word = match[0].lstrip("-@+!:").lstrip("\"'")
        bare = word.rstrip("\"'")
        option_value = boxed and before.startswith("-")
        if _PROGRAM.fullmatch(bare) and not match[0].startswith("--") and "=" not in bare and not option_value:
            # A closing quote that an earlier word opened stays after the flags.
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


def variables(text: str, one: Directive) -> list[str]:
    """The names of the variables that systemd puts into a command line."""
    return _VARIABLE.findall(text, one.start, one.end)
