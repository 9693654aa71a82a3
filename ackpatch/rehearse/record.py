"""From the log of a run to calls and kubelet starts, each with the line of the script that caused it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ackpatch.rehearse.places import HOST_NAME
from ackpatch.rehearse.result import Call, KubeletStart
from ackpatch.systemd.service import command_line

KUBELET_UNIT = "kubelet.service"
Snapshots = Mapping[str, Mapping[str, tuple[int, bytes, str | None]]]
# What a traced shell writes before each command: its process, its file, the line. See ``trace.sh``.
_TRACED = re.compile("\x01+\x02(\\d+):(\\d+):([^\x03]*)\x03")
SCRIPT = "/root/bootstrap.sh"


@dataclass
class Lines:
    """Which line each process of the script is at, while a log is read from its beginning."""

    at: dict[str, int] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    last: int | None = None

    def read(self, text: str) -> None:
        """Take note of what traced shells wrote; lines of other files (``source``) are not the script's."""
        for process, line, file in _TRACED.findall(text):
            if file == SCRIPT:
                self.at[process] = self.last = int(line)

    def of(self, process: str) -> int | None:
        """The line that a process, or the nearest of its parents that is a traced shell, is at."""
        seen: set[str] = set()
        while process not in self.at and process in self.parents and process not in seen:
            seen.add(process)
            process = self.parents[process]
        return self.at.get(process, self.last)


def records(log: bytes, lines: Lines | None = None) -> Iterator[tuple[str, ...]]:
    """The records of the log: kind, then fields. A record that a kill has cut off ends the reading.

    What traced shells wrote between the records is handed to ``lines``.
    """
    fields = log.decode("utf-8", "surrogateescape").split("\0")
    at = 0
    while at < len(fields) - 1:
        trace, _, number = fields[at].rpartition("\n")
        if lines is not None:
            lines.read(trace)
        if not number.isdigit():
            return
        count = int(number)
        if at + 1 + count > len(fields) - 1:
            return
        yield tuple(fields[at + 1 : at + 1 + count])
        at += 1 + count


def calls(log: bytes) -> tuple[Call, ...]:
    """Every external program that was run, in order of arrival."""
    lines = Lines()
    found = []
    for kind, *rest in records(log, lines):
        if kind == "call":
            process, parent, *argv = rest
            lines.parents[process] = parent
            found.append(Call(tuple(argv), lines.of(process)))
    return tuple(found)


def starts(log: bytes, snapshots: Snapshots, version: int) -> tuple[KubeletStart, ...]:
    """Every start of kubelet, in order; a start of another unit that does not run kubelet is left out."""
    found: list[KubeletStart] = []
    names = {record[1]: record[2] for record in records(log) if record[0] == "named"}
    wrapped = {record[1]: record[2:] for record in records(log) if record[0] == "wrapped"}
    lines = Lines()
    for record in records(log, lines):
        if record[0] == "call":
            lines.parents[record[1]] = record[2]
        elif record[0] == "direct":
            found.append(KubeletStart("direct", record[2:], None, None, lines.of(record[1])))
        elif record[0] == "real":
            found.append(KubeletStart(record[2], record[3:], None, None, lines.of(record[1])))
        elif record[0] == "failed":
            found.append(KubeletStart(record[2], (), None, record[3].strip(), lines.of(record[1])))
        elif record[0] == "named" and record[1] == "real" and found:
            found[-1] = replace(found[-1], node_name=record[2])
        elif record[0] == "unit":
            process, how, unit, number = record[1:]
            argv, error = _of_unit(unit, snapshots.get(number, {}), version)
            if unit == KUBELET_UNIT or _runs_kubelet(argv) or number in wrapped:
                line = None if how == "boot" else lines.of(process)
                found.append(KubeletStart(how, wrapped.get(number, argv), names.get(number), error, line))
    return tuple(found)


def _of_unit(
    unit: str, files: Mapping[str, tuple[int, bytes, str | None]], version: int
) -> tuple[tuple[str, ...], str | None]:
    contents = {path: content for path, (_, content, link) in files.items() if link is None}
    line = command_line(unit, contents, version, HOST_NAME)
    return line.argv, line.error


def _runs_kubelet(argv: tuple[str, ...]) -> bool:
    return any(PurePosixPath(word).name == "kubelet" for word in argv[:1])
