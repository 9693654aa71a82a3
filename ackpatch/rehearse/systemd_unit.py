"""systemd's reading of unit files: lines, continuation by version, which files make up a unit and in which order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# Highest precedence first; /lib is /usr/lib on every node with a merged /usr.
UNIT_FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
# Before version 234 a line was read into a buffer of 2,048 bytes, and what follows was a line of its own.
UNBOUNDED_LINES = 234
OLD_LINE_BYTES = 2047
# From version 242 on, comments are looked for in each physical line, so one inside a continued line is skipped.
COMMENTS_SKIPPED = 242
# Drop-ins for all services (service.d) came with version 244.
TYPE_DROP_INS = 244
WHITESPACE = " \t\n\r"


class UnitError(Exception):
    """systemd would refuse to load the unit; the text says why."""


@dataclass(frozen=True)
class Directive:
    """One assignment ``key=value`` below ``[section]``."""

    section: str
    key: str
    value: str


def directives(content: bytes, version: int) -> list[Directive]:
    """All assignments of one file, as systemd of that version reads them. Raises UnitError."""
    found: list[Directive] = []
    section = ""
    for line in _logical_lines(content, version):
        text = line.strip(WHITESPACE)
        if not text or text[0] in "#;" or not _is_utf8(text):
            continue
        if text[0] == "[":
            if not text.endswith("]"):
                raise UnitError(f"invalid section header {text!r}")
            section = text[1:-1]
            continue
        key, equals, value = text.partition("=")
        if section and equals:
            found.append(Directive(section, key.strip(WHITESPACE), value.strip(WHITESPACE)))
    return found


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _logical_lines(content: bytes, version: int) -> Iterator[str]:
    """Lines with continuation joined: the backslash becomes a space, the next line is put after it."""
    continued: str | None = None
    for physical in _physical_lines(content.removeprefix(b"\xef\xbb\xbf"), version):
        line = physical.decode("utf-8", "surrogateescape")
        if version >= COMMENTS_SKIPPED:
            line = line.lstrip(WHITESPACE)
            if line[:1] in ("#", ";"):
                continue
        line = line if continued is None else continued + line
        continued = None
        if _ends_in_escape(line):
            continued = line[:-1] + " "
        else:
            yield line
    if continued is not None:
        yield continued


def _ends_in_escape(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _physical_lines(content: bytes, version: int) -> Iterator[bytes]:
    for line in content.split(b"\n"):
        whole = line.removesuffix(b"\r")
        if version >= UNBOUNDED_LINES or len(whole) <= OLD_LINE_BYTES:
            yield whole
            continue
        for start in range(0, len(whole), OLD_LINE_BYTES):
            yield whole[start : start + OLD_LINE_BYTES]


def unit_files(unit: str, paths: Sequence[str], version: int) -> tuple[str | None, list[str]]:
    """The fragment of ``unit`` and its drop-ins, in the order in which they are read, out of existing ``paths``.

    Drop-ins of all folders sort by file name; of two with the same name, the one of the higher folder counts.
    """
    known = set(paths)
    fragment = next((f"{folder}/{unit}" for folder in UNIT_FOLDERS if f"{folder}/{unit}" in known), None)
    chosen: dict[str, str] = {}
    for name in _drop_in_folders(unit, version):
        for folder in UNIT_FOLDERS:
            prefix = f"{folder}/{name}/"
            for path in paths:
                file_name = path.removeprefix(prefix)
                if path.startswith(prefix) and file_name.endswith(".conf") and "/" not in file_name:
                    chosen.setdefault(file_name, path)
    return fragment, [chosen[name] for name in sorted(chosen)]


def _drop_in_folders(unit: str, version: int) -> list[str]:
    names = [f"{unit}.d"]
    if version >= TYPE_DROP_INS:
        names.append(f"{unit.rpartition('.')[2]}.d")
    return names


def load(unit: str, files: Mapping[str, bytes], version: int) -> list[Directive]:
    """Every assignment of a unit with its drop-ins, in order. Raises UnitError when it is missing or masked."""
    fragment, drop_ins = unit_files(unit, sorted(files), version)
    if fragment is None:
        raise UnitError(f"Unit {unit} not found.")
    if not files[fragment]:
        raise UnitError(f"Unit {unit} is masked.")
    return [directive for path in (fragment, *drop_ins) for directive in directives(files[path], version)]
