"""From the log of a run to calls and kubelet starts."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from ackpatch.rehearse.result import Call, KubeletStart
from ackpatch.rehearse.systemd import command_line

KUBELET_UNIT = "kubelet.service"
Snapshots = Mapping[str, Mapping[str, tuple[int, bytes, str | None]]]


def records(log: bytes) -> Iterator[tuple[str, ...]]:
    """The records of the log: kind, then fields. A record that a kill has cut off ends the reading."""
    fields = log.decode("utf-8", "surrogateescape").split("\0")
    at = 0
    while at < len(fields) - 1:
        if not fields[at].isdigit():
            return
        count = int(fields[at])
        if at + 1 + count > len(fields) - 1:
            return
        yield tuple(fields[at + 1 : at + 1 + count])
        at += 1 + count


def calls(log: bytes) -> tuple[Call, ...]:
    """Every external program that was run, in order of arrival."""
    return tuple(Call(record[1:]) for record in records(log) if record[0] == "call")


def starts(log: bytes, snapshots: Snapshots, version: int) -> tuple[KubeletStart, ...]:
    """Every start of kubelet, in order; a start of another unit that does not run kubelet is left out."""
    found: list[KubeletStart] = []
    names = {record[1]: record[2] for record in records(log) if record[0] == "named"}
    wrapped = {record[1]: record[2:] for record in records(log) if record[0] == "wrapped"}
    for record in records(log):
        if record[0] == "direct":
            found.append(KubeletStart("direct", record[1:], None, None))
        elif record[0] == "unit":
            how, unit, number = record[1:]
            start = _of_unit(how, unit, snapshots.get(number, {}), version)
            if unit == KUBELET_UNIT or _runs_kubelet(start.argv) or number in wrapped:
                argv = wrapped.get(number, start.argv)
                found.append(KubeletStart(start.how, argv, names.get(number), start.error))
    return tuple(found)


def _of_unit(how: str, unit: str, files: Mapping[str, tuple[int, bytes, str | None]], version: int) -> KubeletStart:
    contents = {path: content for path, (_, content, link) in files.items() if link is None}
    line = command_line(unit, contents, version)
    return KubeletStart(how, line.argv, None, line.error)


def _runs_kubelet(argv: tuple[str, ...]) -> bool:
    return any(PurePosixPath(word).name == "kubelet" for word in argv[:1])
