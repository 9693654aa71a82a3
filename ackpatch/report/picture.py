"""A script's life as a picture: phases in the order in which they run, arrows from what covers to what is covered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ackpatch.api import PatchResult
from ackpatch.model import Event, EventKind
from ackpatch.report.mask import file_name, masked, printable
from ackpatch.source import Lines

PHASES = {
    EventKind.WRITE: "writes",
    EventKind.START: "starts",
    EventKind.JOIN: "joins",
    EventKind.BOOT: "next boot",
    EventKind.INJECTION: "injection by hand",
    EventKind.UNSEEN: "not seen",
}
_STARTING = (EventKind.START, EventKind.JOIN)
_CALL = "a call before it"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture. ``arrow`` leads ``from`` a call, ``along`` other lines, ``to`` what it covers.

    ``state`` is ``covered``, ``mended`` (apply will cover it), ``bare`` or empty; a phase's heading and a call have no
    place.
    """

    arrow: str
    place: str
    text: str
    state: str = ""
    by: str = ""
    code: str = ""
    caret: int = 0
    width: int = 0
    heading: bool = False


def rows(result: PatchResult[bytes]) -> list[Row]:
    """The picture of a result's events; join tokens are masked."""
    lines = Lines(result.source)
    found: list[Row] = []
    phase = ""
    last_call = max((n for n, one in enumerate(result.events) if one.by == _CALL), default=-1)
    called = False
    for number, event in enumerate(result.events):
        if PHASES[event.kind] != phase:
            phase = PHASES[event.kind]
            found.append(Row("along" if called and number <= last_call else "", "", phase, heading=True))
        if event.by == _CALL and not called:
            called = True
            words = "a call goes in here and gives" if result.changed else "a call here gives"
            found.append(Row("from", "", f"{words} kubelet the four values"))
        arrow = "to" if event.by == _CALL else "along" if called and number < last_call else ""
        found.append(_row(result.source, lines, event, arrow))
    return found


def _row(data: bytes, lines: Lines, event: Event, arrow: str) -> Row:
    line, column = lines.place(event.span.start)
    shown = lines.shown(event.span.start)[1]
    start = event.span.start - column + 1
    end = data.find(b"\n", start)
    code = printable(masked(data[start : end if end >= 0 else len(data)].decode("utf-8", "replace").expandtabs(4)))
    before = printable(data[start : event.span.start].decode("utf-8", "replace").expandtabs(4))
    width = max(1, min(event.span.end - event.span.start, len(code) - len(before)))
    state = ""
    if event.kind in _STARTING:
        state = "covered" if event.covered else "mended" if event.covered_after else "bare"
    return Row(arrow, f"{line}:{shown}", printable(masked(event.what)), state, event.by, code, len(before), width)


def picture_lines(path: str, result: PatchResult[bytes]) -> Iterator[str]:
    """The picture in plain ASCII."""
    yield f"{file_name(printable(path))}: {headline(result)}"
    for row in rows(result):
        yield from _plain(row)


def headline(result: PatchResult[bytes]) -> str:
    """Say how many starts there are, and how many have the values now and after ``apply``."""
    starts = [one for one in result.events if one.kind in _STARTING]
    if not result.events and result.errors:
        return "not examined"
    if not result.events:
        return "nothing here concerns kubelet"
    now, after = sum(one.covered for one in starts), sum(one.covered_after for one in starts)
    return f"{len(starts)} start(s) of kubelet, {now} with the four values now, {after} after apply"


_ARROWS = {"": "    ", "from": "+-- ", "along": "|   ", "to": "+-> "}
_BELOW = {"": "    ", "from": "|   ", "along": "|   ", "to": "|   "}


def _plain(row: Row) -> Iterator[str]:
    arrow = _ARROWS[row.arrow]
    if row.heading:
        yield f"{arrow}{row.text}".rstrip()
    elif not row.place:
        yield f"{arrow}{row.text}"
    else:
        yield f"{arrow}  {row.place:8}{row.text}{told(row)}"
        yield f"{_BELOW[row.arrow]}          {row.code}".rstrip()
        yield f"{_BELOW[row.arrow]}          {' ' * row.caret}{'^' * row.width}"


def told(row: Row) -> str:
    """Say what becomes of a start, or by what a place is taken care of."""
    if row.state == "bare":
        return " -- NOT covered"
    if row.state == "mended":
        return f" -- apply covers it: {row.by}"
    if row.state == "covered":
        return f" -- covered: {row.by}"
    return f" ({row.by})" if row.by else ""


def rich_picture(path: str, result: PatchResult[bytes]) -> Iterator[object]:
    """The same for a terminal, as rich's texts."""
    from rich.text import Text

    yield Text(file_name(printable(path)), style="bold").append(f"  {headline(result)}", style="not bold")
    arrows = {"": "    ", "from": "╭── ", "along": "│   ", "to": "├─▶ "}
    below = {"": "    ", "from": "│   ", "along": "│   ", "to": "│   "}
    styles = {"covered": "green", "mended": "yellow", "bare": "bold red", "": "dim"}
    for row in rows(result):
        line = Text(arrows[row.arrow], style="cyan")
        if row.heading:
            yield line.append(row.text, style="bold")
        elif not row.place:
            yield line.append(row.text, style="cyan")
        else:
            line.append(f"  {row.place:8}", style="dim").append(row.text, style="default")
            yield line.append(told(row), style=styles[row.state])
            code = Text(below[row.arrow], style="cyan").append("          ")
            yield (
                code.append(row.code[: row.caret], style="dim")
                .append(row.code[row.caret : row.caret + row.width], style="underline")
                .append(row.code[row.caret + row.width :], style="dim")
            )
