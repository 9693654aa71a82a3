"""The builtins that change variables or leave a function or a loop, as a walk follows them."""

from __future__ import annotations

import re

from ackpatch.shell.assigning import set_element, unset_element
from ackpatch.shell.environment import UNKNOWN, Environment, Fields, Texts, at_most, distinct
from ackpatch.shell.expansions import formatted
from ackpatch.shell.flow import Leaving
from ackpatch.shell.output import lines_of, outputs, read_by
from ackpatch.shell.own_files import absolute
from ackpatch.shell.scopes import taint
from ackpatch.shell.step import Step
from ackpatch.shell.tree import Simple, Statement

# Files of settings, which may give any variable another value.
_SETTINGS = re.compile(
    r"^/etc/(?:default|sysconfig|profile\.d)/|^/etc/environment$|\.(?:env|conf|cfg|config|rc)$|/env$"
)
_CHANGES_VARIABLES = frozenset(
    """return break continue read . source eval getopts mapfile readarray printf alias unset cd pushd popd set
    shift""".split()
)
_ASSIGNS_UNKNOWN = re.compile(rf"(?:^|[\s;]){UNKNOWN}\w*=")
_ELEMENT = re.compile(r"([A-Za-z_]\w*)\[(.*)\]")
_OTHERWISE = re.compile(r"-\w*[dunN]")  # options of read after which it takes no line of its input


def follow(step: Step, aliases: dict[str, str]) -> Leaving | None:
    """Do what a builtin does to the variables of a step and to ``aliases``; gives what it leaves, if anything."""
    if len(step.alternatives) == 1:
        return _follow(step.alternatives[0], step, step.environment, aliases)
    if not any(fields and fields[0].text in _CHANGES_VARIABLES for fields in step.alternatives):
        return None
    ends = [step.environment.copy() for _ in step.alternatives]
    leavings = {_follow(one, step, end, aliases) for one, end in zip(step.alternatives, ends, strict=True)}
    step.environment.become(ends)
    return leavings.pop() if len(leavings) == 1 else None


def _follow(fields: Fields, step: Step, environment: Environment, aliases: dict[str, str]) -> Leaving | None:
    name, words = (fields[0].text if fields else ""), [one.text for one in fields[1:]]
    if name == "return":
        return Leaving.FUNCTION
    if name in ("break", "continue"):
        return Leaving.LOOP
    if name == "read":
        _read(words, step, environment)
    elif name in (".", "source") and words and _SETTINGS.search(words[0]):
        taint(environment, list(environment.scalars))
        environment.settings_read = True
    elif name == "eval" and _ASSIGNS_UNKNOWN.search(" ".join(words)):
        taint(environment, list(environment.scalars))
    elif name == "getopts" and len(words) > 1:
        environment.scalars.update({"OPTARG": (UNKNOWN,), words[1]: (UNKNOWN,)})
    elif name in ("mapfile", "readarray") and words:
        given = read_by(step.statement, step.script, environment)
        divided = any(re.match(r"-\w*d", word) for word in words)
        several = given.rendered.alternatives() if given and not divided else []
        lists = (tuple(one.text.splitlines()) for one in several)
        environment.arrays[words[-1]] = at_most(lists, (UNKNOWN,)) or ((UNKNOWN,),)
        if any(re.match(r"-\w*[sOn]", word) for word in words):
            environment.scattered.add(words[-1])
    elif name == "printf" and words[:1] == ["-v"] and len(words) > 2:
        _put(words[1], (formatted(words[2], words[3:], UNKNOWN),), environment)
    elif name == "alias":
        aliases.update((one.partition("=")[0], one.partition("=")[2]) for one in words if "=" in one)
    elif name == "unset":
        for one in words:
            element = _ELEMENT.fullmatch(one)
            if element is not None and element[1] in environment.arrays:
                unset_element(element[1], element[2], environment)
            environment.scalars.pop(one, None)
            environment.arrays.pop(one, None)
    elif name in ("cd", "pushd", "popd"):
        folders = [one for one in words if not re.fullmatch(r"-[LPen]+|--", one)]
        folder = absolute(folders[0], environment) if folders else "~" if name == "cd" else UNKNOWN
        environment.scalars["PWD"] = (UNKNOWN if folder[:1] in ("-", "+") else folder,)
    elif name == "set" and words and (words[0] == "--" or words[0][:1] not in "-+"):
        taken = fields[2:] if words[0] == "--" else fields[1:]
        # What only a run can tell may be any number of words: then $2 can be any of them.
        environment.positional, environment.shifted = (taken,), any(UNKNOWN in one.text for one in taken)
    elif name == "eval" and words[:1] == ["set"]:
        environment.positional = None
    elif name == "shift" and environment.positional is not None:
        count = int(words[0]) if words and words[0].isdigit() else 1
        environment.positional = tuple(dict.fromkeys(given[count:] for given in environment.positional))
        environment.shifted = True
    return None


def _put(name: str, texts: Texts, environment: Environment) -> None:
    """Give a variable, or an element of an array, a value."""
    element = _ELEMENT.fullmatch(name)
    if element is not None:
        set_element(element[1], element[2], texts, environment)
    else:
        environment.put(name, texts)


def _read(words: list[str], step: Step, environment: Environment) -> None:
    """``read NAME…`` takes the words of a line, the last name all that are left."""
    names = [word for word in words if word.isidentifier() or _ELEMENT.fullmatch(word)] or ["REPLY"]
    given = read_by(step.statement, step.script, environment)
    elsewhere = any(one.operator.startswith("<") for one in step.statement.redirections)
    otherwise = any(map(_OTHERWISE.match, words))
    feed = None if elsewhere or otherwise else environment.feed
    if step.piped_from is not None and not (elsewhere or otherwise):
        feed = lines_of(list(outputs(step.piped_from, step.script, environment)))
    lines = (lines_of([given]) if given and not otherwise else None) or feed or (UNKNOWN,)
    if given is not None and "" in words:  # read -d '': all of it
        lines = (given.rendered.resolved().text.strip(),)
    if any(one.name == "IFS" for one in step.command.assignments):
        # The blanks around a line stay, and another character may divide it.
        lines = tuple(line if line.isalnum() and len(names) == 1 else UNKNOWN for line in lines)
    if names and any(re.fullmatch(r"-[a-zA-Z]*a", word) for word in words):
        lists = ((UNKNOWN,) if UNKNOWN in line else tuple(line.split()) for line in lines)
        environment.arrays[names[0]] = at_most(lists, (UNKNOWN,))
        return
    for number, name in enumerate(names):
        last = number == len(names) - 1
        taken = [line.split(None, number)[number:] for line in lines]
        texts = [(one[0] if last else one[0].split()[0]) if one and one[0].strip() else "" for one in taken]
        known = [UNKNOWN if UNKNOWN in line else text for line, text in zip(lines, texts, strict=True)]
        _put(name, distinct(known), environment)


def shifts(statement: Statement) -> bool:
    """Say whether a statement is ``shift``."""
    words = statement.command.words if isinstance(statement.command, Simple) else []
    return bool(words) and len(words[0].parts) == 1 and getattr(words[0].parts[0], "text", "") == "shift"
