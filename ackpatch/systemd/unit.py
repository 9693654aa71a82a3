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
# What is asked for where no version is known.
NEWEST = 999


class UnitError(Exception):
    """systemd would refuse to load the unit; the text says why."""


@dataclass(frozen=True, slots=True)
class Directive:
    """One assignment ``key=value`` below ``[section]``; ``start`` to ``end`` is the value as it stands in the text."""

    section: str
    key: str
    value: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as systemd joins it, and where it stands in the text."""

    text: str
    start: int
    end: int


def directives(content: bytes, version: int) -> list[Directive]:
    """All assignments of one file, as systemd of that version reads them. Raises UnitError."""
    text = content.decode("utf-8", "surrogateescape")
    return [one for one in assignments(text, version, strict=True) if one.section]


def assignments(text: str, version: int = NEWEST, strict: bool = False) -> Iterator[Directive]:
    """The assignments of a text, which may be a part of a unit; ``strict``: raises UnitError as systemd does."""
    section = ""
    for line in _logical_lines(text, version):
        stripped = line.text.strip(WHITESPACE)
        if not stripped or stripped[0] in "#;" or not _is_utf8(stripped):
            continue
        if stripped[0] == "[":
            if stripped.endswith("]"):
                section = stripped[1:-1]
            elif strict:
                raise UnitError(f"invalid section header {stripped!r}")
            continue
        key, equals, value = stripped.partition("=")
        if equals:
            start = text.index("=", line.start) + 1
            while start < line.end and text[start] in " \t":
                start += 1
            yield Directive(section, key.strip(WHITESPACE), value.strip(WHITESPACE), start, line.end)


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _logical_lines(text: str, version: int) -> Iterator[_Line]:
    """Lines with continuation joined: the backslash becomes a space, the next line is put after it."""
    continued: _Line | None = None
    for physical in _physical_lines(text, version):
        line, start = physical.text, physical.start
        if version >= COMMENTS_SKIPPED:
            line = line.lstrip(WHITESPACE)
            if line[:1] in ("#", ";"):
                continue
        if continued is not None:
            line, start = continued.text + line, continued.start
        continued = None
        if _ends_in_escape(line):
            continued = _Line(line[:-1] + " ", start, physical.end)
        else:
            yield _Line(line, start, physical.end)
    if continued is not None:
        yield continued


def _ends_in_escape(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _physical_lines(text: str, version: int) -> Iterator[_Line]:
    position = 1 if text.startswith("\ufeff") else 0
    while position <= len(text):
        newline = text.find("\n", position)
        end = len(text) if newline < 0 else newline
        whole = text[position:end].removesuffix("\r")
        yield from [_Line(whole, position, end)] if version >= UNBOUNDED_LINES else _in_pieces(whole, position, end)
        position = end + 1


def _in_pieces(whole: str, start: int, end: int) -> Iterator[_Line]:
    data = whole.encode("utf-8", "surrogateescape")
    for at in range(0, max(len(data), 1), OLD_LINE_BYTES):
        yield _Line(data[at : at + OLD_LINE_BYTES].decode("utf-8", "surrogateescape"), start, end)


def unit_files(unit: str, paths: Sequence[str], version: int) -> tuple[str | None, list[str]]:
    """The fragment of ``unit`` and its drop-ins, in the order in which they are read, out of existing ``paths``.

    Drop-ins of all folders sort by file name; of two with the same name, the one of the higher folder counts.
    """
    known = set(paths)
    names = _names(unit)
    fragment = next((path for name in names for folder in UNIT_FOLDERS if (path := f"{folder}/{name}") in known), None)
    chosen: dict[str, str] = {}
    for name in _drop_in_folders(unit, version):
        for folder in UNIT_FOLDERS:
            prefix = f"{folder}/{name}/"
            for path in paths:
                file_name = path.removeprefix(prefix)
                if path.startswith(prefix) and file_name.endswith(".conf") and "/" not in file_name:
                    chosen.setdefault(file_name, path)
    return fragment, [chosen[name] for name in sorted(chosen)]


def _names(unit: str) -> list[str]:
    """A unit, and after it the template that it is an instance of."""
    stem, _, kind = unit.rpartition(".")
    template, _, instance = stem.partition("@")
    return [unit, f"{template}@.{kind}"] if instance else [unit]


def _drop_in_folders(unit: str, version: int) -> list[str]:
    names = [f"{one}.d" for one in _names(unit)]
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
