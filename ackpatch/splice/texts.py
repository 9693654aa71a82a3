"""Flags spliced into texts of the script, where the proof is simple: an ExecStart that it writes, kubelet run directly,
a join.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from ackpatch.inserted import insertions
from ackpatch.node.flags import flag_uses, open_words
from ackpatch.node.mark import Mark
from ackpatch.node.unit import program_end, read_unit, variables
from ackpatch.shell.environment import UNKNOWN, Environment
from ackpatch.shell.nested import Nested
from ackpatch.shell.render import Quoting, Rendered, render_parts, render_words
from ackpatch.shell.tree import (
    Declaration,
    DoubleQuoted,
    Parameter,
    Script,
    Simple,
    SingleQuoted,
    Statement,
    Word,
    walk,
    within_function,
)
from ackpatch.systemd.unit import Directive


class Why(Enum):
    """Why a text is not spliced."""

    PIPED = "the command comes through a pipe"
    IN_A_VARIABLE = "the command comes from a variable or a printed text, and nothing can be added to it there"
    IN_ANOTHER_TEXT = "its words stand in another text"
    QUOTES = "nothing can be added in these quotes"
    OWN_TAINTS = "it has taints of its own, which the injected ones would replace"
    IFS = "the script changes IFS, by which the flags are split"
    ONE_WORD = "its word cannot be added to"
    SHARED = "the same words run other programs too"
    ASSIGNED = "the script gives one of the four variables a value of its own"
    SENT = "its function is sent to a shell that does not get the four values or the call"
    UNSEEN = "the command stands in a file of which only a run can tell the text"
    NO_SHELL = "systemd or another program runs the command, and no shell reads its line"


@dataclass(frozen=True, slots=True)
class Insertion:
    """A text to put into the script at a byte offset."""

    offset: int
    text: str


def place_after(rendered: Rendered, index: int) -> tuple[int, Quoting] | None:
    """The byte offset and the quoting after the character before ``index``; None inside an expansion's value."""
    if index == 0:
        return None
    offset, quote = rendered.ends[index - 1], rendered.quoting[index - 1]
    inside = index < len(rendered.text) and rendered.starts[index] < offset
    return None if inside or quote == "none" else (offset, quote)


# --- ExecStart in a unit that the script writes


def splice_unit(mark: Mark) -> Insertion | None:
    """Put the flags at the end of the ExecStart in an expanding text; None where the proof is not simple."""
    content = mark.written.content if mark.written else None
    inside = mark.nested is not None or mark.step.shell is not None
    if content is None or inside or mark.file != "unit":
        return None
    rendered = content.resolved()
    starts = read_unit(rendered.text).exec_starts
    if len(starts) != 1 or not _is_simple(rendered, starts[0]):
        return None
    end = len(rendered.text[: starts[0].end].rstrip())
    place = place_after(rendered, end)
    if place is None or place[1] not in ("document", "double"):
        return None
    return Insertion(place[0], insertions.FLAGS_IN_TEXT)


def _is_simple(rendered: Rendered, setting: Directive) -> bool:
    """kubelet itself is the program, and all flags are known: none in a variable, no taints, no name as the IP."""
    after = program_end(rendered.text, setting)
    first = rendered.text[setting.start : setting.end].split()[:1]
    if after is None or not first or after > setting.start + len(first[0]):
        return False
    value = rendered.text[setting.start : setting.end]
    names = {use.name for use in flag_uses(value)}
    return not (
        open_words(rendered.text, after, setting.end)
        or variables(rendered.text, setting)
        or names & {"register-with-taints", "node-ip"}
        or "#" in value
        or value.rstrip().endswith("\\")
    )


def runs_something_else(mark: Mark) -> bool:
    """Say whether the command line of a unit that the script writes surely runs another program than kubelet itself."""
    content = mark.written.content if mark.written else None
    if content is None or mark.file not in ("unit", "drop-in"):
        return False
    text = content.resolved().text
    starts = read_unit(text).exec_starts
    if not starts:
        return False
    words = text[starts[-1].start : starts[-1].end].split()
    program = words[0].lstrip("-@+!:") if words else ""
    return UNKNOWN not in program and program.rpartition("/")[2] != "kubelet"


# --- kubelet run directly


def splice_direct(mark: Mark) -> Insertion | Why:
    """Put the flags after the last word of a command that runs kubelet itself."""
    command = mark.origins[-1].command if mark.origins else mark.step.command
    if mark.nested is not None or not isinstance(command, Simple) or len(mark.fields) < len(mark.step.command.words):
        return Why.IN_ANOTHER_TEXT
    if mark.origins and not _reaches_the_end(mark, command):
        return Why.IN_ANOTHER_TEXT
    if _changes_separators(mark.step.script.statements):
        return Why.IFS
    rendered = render_words(command.words, mark.step.environment)
    texts = [rendered.resolved().text, *(text for several in rendered.values.values() for text in several)]
    if any(use.name == "register-with-taints" for text in texts for use in flag_uses(text)):
        return Why.OWN_TAINTS
    return Insertion(command.words[-1].span.end, " " + insertions.FLAGS)


def splice_worker(mark: Mark) -> Insertion | Why:
    """Put the values on the line of a k0s worker, which takes them as options of its own."""
    words = mark.step.command.words
    source = mark.step.script.source
    if mark.nested is not None or not any(source(word.span).endswith("k0s") for word in words):
        return Why.IN_ANOTHER_TEXT
    return Insertion(words[-1].span.end, " " + insertions.WORKER)


def _changes_separators(statements: list[Statement]) -> bool:
    for statement in walk(statements):
        command = statement.command
        assignments = command.assignments if isinstance(command, Declaration) else []
        if isinstance(command, Simple) and not command.words:
            assignments = command.assignments
        if any(one.name == "IFS" for one in assignments):
            return True
    return False


def _reaches_the_end(mark: Mark, handing: Simple) -> bool:
    """Say whether a word added to the command that hands a helper its words comes last in what the helper runs."""
    passes = any(
        isinstance(part, Parameter) and part.name in ("@", "*")
        for word in mark.step.command.words
        for one in word.parts
        for part in (one.parts if isinstance(one, DoubleQuoted) else [one])
    )
    last = render_parts(handing.words[-1].parts, Environment(), "bare").text
    return passes and mark.fields[-1].origin is mark.origins[-1] and (UNKNOWN in last or mark.fields[-1].text == last)


# --- joins


@dataclass(frozen=True, slots=True)
class Joined:
    """What gives a join its node name; ``kept`` if it reads what a call with ``keep`` has left."""

    insertion: Insertion
    kept: bool = False


def splice_join(mark: Mark, script: Script) -> Joined | Why:
    """Add ``--node-name`` after the words of a join in a script: the last one of several counts."""
    if mark.meant is None:
        return Why.PIPED
    if not mark.meant.words:
        return Why.UNSEEN
    if mark.origins:
        command = mark.origins[-1].command
        assert isinstance(command, Simple)
        return _handed_on(mark, command)
    words = mark.step.command.words
    end = words[-1].span.end
    if mark.nested is not None:
        return _nested_join(mark.nested, words[0].span.start, end, script)
    if mark.meant.assumed and words[mark.meant.words[0]].span.end == end:
        rendered = render_parts(words[-1].parts, Environment(), "bare")
        return _named_after(words[-1], rendered)
    return Joined(Insertion(end, " " + insertions.NODE_NAME))


def _handed_on(mark: Mark, command: Simple) -> Joined | Why:
    """A helper is handed the join: as words, or as one word that may have others after it."""
    for word in command.words:
        rendered = render_parts(word.parts, Environment(), "bare")
        if re.search(r"\bkubeadm\b.*\bjoin\b", rendered.text, re.DOTALL):
            return _named_after(word, rendered)
    last = render_parts(command.words[-1].parts, Environment(), "bare").text
    whole = mark.nested is not None and mark.nested.rendered.text.strip().endswith(last)
    if not (whole or _reaches_the_end(mark, command)):
        return Why.IN_ANOTHER_TEXT
    return Joined(Insertion(command.words[-1].span.end, " " + insertions.NODE_NAME))


def _named_after(word: Word, rendered: Rendered) -> Joined | Why:
    """Put the name after the text of a word; after single quotes that end it, in quotes of its own."""
    place = place_after(rendered, len(rendered.text))
    last = word.parts[-1] if word.parts else None
    if isinstance(last, SingleQuoted) and place == (last.span.end - 1, "single"):
        return Joined(Insertion(last.span.end, f'"{insertions.NODE_NAME_IN_TEXT}"'))
    text = _name_in(place[1]) if place is not None else None
    return Joined(Insertion(place[0], text)) if place and text else Why.ONE_WORD


def _name_in(quote: Quoting) -> str | None:
    if quote == "bare":
        return " " + insertions.NODE_NAME
    if quote == "single":
        return f"'\"{insertions.NODE_NAME_IN_TEXT}\"'"
    return insertions.NODE_NAME_IN_TEXT if quote in ("double", "document") else None


def _always_joins(nested: Nested, script: Script) -> bool:
    """Say whether a command runs what one variable holds, and that is never anything but a join."""
    names = set(re.findall(r"\$\{?(\w+|[@*])", script.source(nested.statement.span)))
    given = [one for name in names for one in re.findall(rf"(?<!\w){re.escape(name)}=(.*)", script.text)]
    return len(names) == 1 and bool(given) and all(re.search(r"kubeadm\s+join", one) for one in given)


def _nested_join(nested: Nested, start: int, end: int, script: Script) -> Joined | Why:
    if not nested.rendered.text[end:].strip(" \t"):
        end = len(nested.rendered.text)  # what a variable holds may end in blanks
    place = place_after(nested.rendered, end) if nested.outer is None else None
    starts = nested.rendered.starts
    # What a function was handed can be another command the next time.
    handed = within_function(nested.statement) and start + 1 < len(starts) and starts[start] == starts[start + 1]
    handed = handed and not _always_joins(nested, script)
    if nested.outer is not None:
        return Why.IN_ANOTHER_TEXT
    if place is None or handed:
        return Why.IN_A_VARIABLE
    # The script's own shell expands what it writes into a unit; systemd expands nothing of it.
    if nested.reader == "other" or (nested.reader == "systemd" and place[1] not in ("document", "double")):
        return Why.NO_SHELL
    if nested.same_shell and place[1] in ("single", "verbatim"):
        return Joined(Insertion(place[0], " " + insertions.NODE_NAME))
    if place[1] == "verbatim":
        return Joined(Insertion(place[0], " " + insertions.NODE_NAME_KEPT), kept=True)
    text = _name_in(place[1])
    return Joined(Insertion(place[0], text)) if text else Why.QUOTES


def inner_place(nested: Nested, offset: int) -> int | None:
    """Lead an offset of a nested text back to the script; None inside an expansion's value."""
    rendered = nested.rendered
    if (
        nested.outer is not None
        or nested.reader != "shell"
        or offset >= len(rendered.text)
        or rendered.quoting[offset] == "none"
    ):
        return None
    if offset and rendered.ends[offset - 1] > rendered.starts[offset]:
        return None
    return rendered.starts[offset]
