"""Flags spliced into texts of the script: ExecStart in a unit that it writes, kubelet's own command line, a join."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ackpatch.model import Span
from ackpatch.node.boot import Mark
from ackpatch.node.flags import FlagUse, flag_uses, names_flags, open_words
from ackpatch.node.unit import Setting, UnitText, program_end, read_unit, settings, variables
from ackpatch.shell.nested import Nested
from ackpatch.shell.render import Quoting, Rendered, render_parts, render_words
from ackpatch.shell.tree import Declaration, HereDocument, Simple, Statement, walk
from ackpatch.shell.values import UNKNOWN, Environment
from ackpatch.splice.draft import Piece
from ackpatch.splice.pieces import added, around

_SIMPLE_DELIMITER = re.compile(r"['\"\\]*\w+['\"]?")


@dataclass(frozen=True, slots=True)
class Spliced:
    """The pieces for one text; ``gives`` tells whether kubelet gets its values by them.

    ``elsewhere`` are pieces in assignments, with the statement of each.
    """

    pieces: tuple[tuple[Mark, Piece], ...]
    gives: bool = True
    wraps: bool = False
    elsewhere: tuple[tuple[Statement, Piece], ...] = ()


@dataclass(frozen=True, slots=True)
class Unprovable:
    """Why a text cannot be spliced, in words that end a sentence; ``hopeless`` where a call could not help either."""

    reason: str
    hopeless: bool = False


@dataclass(frozen=True, slots=True)
class _Region:
    """A range of a rendered text in which flags stand, with the write that it comes from."""

    mark: Mark
    rendered: Rendered
    start: int
    end: int


def expanding_document(mark: Mark) -> HereDocument | None:
    """Give the quoted here-document of a write, which has to become an expanding one; None if it is none."""
    document = mark.written.document if mark.written else None
    return document if document is not None and document.quoted else None


def splice_unit(mark: Mark, others: list[Mark], flags: tuple[str, ...]) -> Spliced | Unprovable:
    """Splice the flags into the unit or drop-in that a write puts down.

    ``others`` are the script's other writes: an environment file that the unit names may hold flags too.
    """
    written = mark.written
    if written is None or written.content is None or mark.nested is not None:
        return Unprovable("its text is not in this script" if mark.nested is None else "it stands in an inner script")
    rendered = written.content.resolved()
    unit = read_unit(rendered.text)
    if not unit.exec_starts:
        return Spliced((), gives=False)
    setting = unit.exec_starts[-1]
    behind = program_end(rendered.text, setting)
    if behind is None:
        return Unprovable(
            "the program in ExecStart= is not kubelet", hopeless=UNKNOWN not in _line(rendered.text, setting)
        )
    if open_words(rendered.text, behind, setting.end):
        return Unprovable("a word of ExecStart= comes from an expansion that only a run can tell")
    regions = _regions(mark, rendered, setting.start, setting.end, unit, others)
    if isinstance(regions, Unprovable):
        return regions
    return _splice(mark, rendered, behind, regions, flags)


def _line(text: str, setting: Setting) -> str:
    return text[setting.start : setting.end]


def _regions(
    mark: Mark, rendered: Rendered, start: int, end: int, unit: UnitText, others: list[Mark]
) -> list[_Region] | Unprovable:
    """Find the texts that make up kubelet's command line: ExecStart and the variables it names."""
    regions = [_Region(mark, rendered, start, end)]
    regions += [_Region(mark, rendered, one.start, one.end) for one in unit.environments]
    setting = unit.exec_starts[-1]
    needed = set(variables(rendered.text, setting))
    inline = "".join(rendered.text[one.start : one.end] for one in unit.environments)
    missing = {name for name in needed if name not in inline}
    if not missing:
        return regions
    for other in others:
        if other.written is None or other.written.path not in unit.environment_files:
            continue
        content = other.written.content
        if content is None or other.nested is not None:
            return Unprovable(f"{other.written.path}, which it reads, is not written in a form that can be read here")
        text = content.resolved()
        for one in settings(text.text):
            if one.key in needed:
                if open_words(text.text, one.start, one.end):
                    return Unprovable(f"{one.key} holds an expansion that only a run can tell")
                missing.discard(one.key)
                regions.append(_Region(other, text, one.start, one.end))
    known = {other.written.path for other in others if other.written}
    if missing and any(path not in known for path in unit.environment_files):
        return Unprovable(f"${sorted(missing)[0]} comes from a file that this script does not write")
    return regions


def _splice(
    mark: Mark, rendered: Rendered, behind: int, regions: list[_Region], flags: tuple[str, ...]
) -> Spliced | Unprovable:
    uses = [(region, use) for region in regions for use in flag_uses(region.rendered.text, region.start, region.end)]
    pieces: list[tuple[Mark, Piece]] = []
    wraps = False
    for name in flags:
        mine = [(region, use) for region, use in uses if use.name == name]
        if len(mine) > 1:
            return Unprovable(f"--{name} is given more than once")
        if mine:
            region, use = mine[0]
            wrapped = _wrap(region.rendered, use, region.mark)
            if wrapped is None:
                return Unprovable(f"the value of --{name} stands in quotes or in a variable")
            pieces += [(region.mark, piece) for piece in wrapped]
            wraps = True
            continue
        piece = _add(rendered, behind, name, expands=True)
        if piece is None:
            return Unprovable("nothing can be put behind kubelet's name there")
        pieces.append((mark, piece))
    for one, _ in pieces:
        document = expanding_document(one)
        if document is not None and not _SIMPLE_DELIMITER.fullmatch(one.step.script.source(document.delimiter.span)):
            return Unprovable("the delimiter of the here-document is spelled in a way that cannot be kept")
    return Spliced(tuple(pieces), wraps=wraps)


def _boundary(rendered: Rendered, index: int) -> tuple[int, Quoting] | None:
    """Give the byte offset and the quoting behind the character before ``index``; None inside an expansion's value."""
    if index == 0:
        return None
    offset, quote = rendered.ends[index - 1], rendered.quoting[index - 1]
    inside = index < len(rendered.text) and rendered.starts[index] < offset
    return None if inside or quote == "none" else (offset, quote)


def _before(rendered: Rendered, index: int) -> tuple[int, Quoting] | None:
    """Give the byte offset and the quoting before the character at ``index``; None inside an expansion's value."""
    offset, quote = rendered.starts[index], rendered.quoting[index]
    inside = index > 0 and rendered.ends[index - 1] > offset
    return None if inside or quote == "none" else (offset, quote)


def _add(rendered: Rendered, index: int, name: str, expands: bool) -> Piece | None:
    place = _boundary(rendered, index)
    if place is None or (place[1] == "verbatim" and not expands):
        return None
    text = added(name, place[1])
    return Piece(place[0], text) if text is not None else None


def _wrap(rendered: Rendered, use: FlagUse, mark: Mark) -> list[Piece] | None:
    """Put our choice around an old value, which stays as the fall-back."""
    start = _boundary(rendered, use.start) if use.start == use.end else _before(rendered, use.start)
    end = _boundary(rendered, use.end)
    if use.odd or start is None or end is None:
        return None
    if any(one != start[1] for one in rendered.quoting[use.start : use.end]):
        return None
    old = mark.step.script.source(Span(start[0], end[0]))
    if start[1] == "verbatim":
        old = old.replace("$", "").replace("\\", "")
    texts = around(use.name, start[1], old)
    if texts is None:
        return None
    if use.start == use.end:
        return [Piece(start[0], "".join(texts))]
    return [Piece(start[0], texts[0]), Piece(end[0], texts[1], closes=True)]


def splice_direct(mark: Mark, flags: tuple[str, ...]) -> Spliced | Unprovable:
    """Splice the flags into a command that runs kubelet itself."""
    command = mark.step.command
    if mark.nested is not None or mark.meant is None or len(mark.fields) < len(command.words):
        return Unprovable("its words stand in another text")
    rendered = render_words(command.words, mark.step.environment)
    program = command.words[mark.meant.words[0]]
    behind = next((i + 1 for i, end in enumerate(rendered.ends) if end >= program.span.end), None)
    while behind is not None and behind < len(rendered.text) and rendered.ends[behind] == rendered.ends[behind - 1]:
        behind += 1
    uses = flag_uses(rendered.text)
    hidden = _assigned_flags(mark) if any(map(names_flags, _all_texts(rendered))) else []
    places = [(rendered, use, mark.step.statement) for use in uses] + hidden
    pieces: list[tuple[Mark, Piece]] = []
    elsewhere: list[tuple[Statement, Piece]] = []
    for name in flags:
        mine = [one for one in places if one[1].name == name]
        seen = any(use.name == name for text in _all_texts(rendered) for use in flag_uses(text))
        if len(mine) > 1 or (seen and not mine):
            return Unprovable(f"--{name} is in a variable, in a place that cannot be told")
        if mine:
            wrapped = _wrap(mine[0][0], mine[0][1], mark)
            if wrapped is None:
                return Unprovable(f"the value of --{name} stands in quotes")
            elsewhere += [(mine[0][2], piece) for piece in wrapped]
        else:
            text = added(name, "bare") or ""
            pieces.append((mark, Piece(program.span.end, text)))
    return Spliced(tuple(pieces), wraps=bool(elsewhere), elsewhere=tuple(elsewhere))


def _all_texts(rendered: Rendered) -> list[str]:
    return [text for texts in rendered.values.values() for text in texts]


def _assigned_flags(mark: Mark) -> list[tuple[Rendered, FlagUse, Statement]]:
    """Find the flags in the values that the script assigns to variables, as they stand there."""
    found = []
    for statement in walk(mark.step.script.statements):
        command = statement.command
        if isinstance(command, Simple | Declaration):
            for assignment in command.assignments:
                for word in [assignment.value, *(assignment.array or ())]:
                    if word is not None:
                        rendered = render_parts(word.parts, Environment(), "bare")
                        found += [(rendered, use, statement) for use in flag_uses(rendered.text)]
    return found


def splice_join(mark: Mark) -> Spliced | Unprovable:
    """Add ``--node-name`` behind the words of a join: the last one of several counts."""
    if mark.meant is None:
        return Unprovable("the command comes through a pipe; keep it in a variable and run it with --node-name")
    if mark.origins:
        command = mark.origins[-1].command
        assert isinstance(command, Simple)
        return Spliced(((mark, Piece(command.words[-1].span.end, added("node-name", "bare") or "")),))
    end = mark.step.command.words[-1].span.end
    if mark.nested is None and mark.meant.assumed and mark.step.command.words[mark.meant.words[0]].span.end == end:
        rendered = render_parts(mark.step.command.words[-1].parts, Environment(), "bare")
        place = _boundary(rendered, len(rendered.text))
        text = added("node-name", place[1]) if place is not None else None
        return (
            Spliced(((mark, Piece(place[0], text)),)) if place and text else Unprovable("its word cannot be added to")
        )
    if mark.nested is None:
        return Spliced(((mark, Piece(end, added("node-name", "bare") or "")),))
    return _nested_join(mark, mark.nested, end)


def _nested_join(mark: Mark, nested: Nested, end: int) -> Spliced | Unprovable:
    place = _boundary(nested.rendered, end) if nested.outer is None else None
    if place is None:
        return Unprovable("the command stands inside the value of a variable, with more behind it")
    offset, quote = place
    if nested.kind == "trap" or (quote == "verbatim" and nested.document is None):
        return Unprovable("the command stands in a text that expands nothing")
    text = added("node-name", quote)
    return Spliced(((mark, Piece(offset, text)),)) if text else Unprovable("nothing can be added in these quotes")
