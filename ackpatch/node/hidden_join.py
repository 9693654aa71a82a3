"""A join that does not stand in the script: a variable, a file or another program has it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ackpatch.node.words import Meant
from ackpatch.shell.environment import UNKNOWN
from ackpatch.shell.programs import SHELLS, basename, skip_prefixes
from ackpatch.shell.step import Step
from ackpatch.shell.tree import Declaration, Script, Simple, walk

JOIN_NAME = re.compile(r"(?<![a-z])join(?:cluster|node|worker|master|command|cmd)?(?![a-z])", re.I)
PRINTS_JOIN = "join-command"
# A substitution that prints a file which speaks of joining by its name.
_READ_JOIN = re.compile(
    r"^\"?(?:\$\(|`)\s*(?:sudo\s+)?(?:<|(?:cat|e?grep|awk|sed|tail|head|aws|aliyun|gcloud|az|curl|wget|ssh|vault|consul|"
    r"etcdctl)\s)[^)`]*(?<![a-z])join",
    re.I,
)
# A text that begins with a variable, after prefixes, and what comes after that; parameters of a function are none.
_LEADS = re.compile(
    r"\"?(?:(?:sudo|exec|command|nohup|time|timeout[ \t]+\w+)[ \t]+(?:-\S+[ \t]+)*)*"
    r"\$\{?([A-Za-z_]\w*)\}?(?:[\s\"].*)?",
    re.DOTALL,
)
_ANOTHER_COMMAND = re.compile(r"[;&|\n<>]")


@dataclass(slots=True)
class Joins:
    """The variables and files of a script that hold what ``kubeadm token create --print-join-command`` printed."""

    script: Script
    variables: frozenset[str]
    files: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, script: Script) -> Joins:
        """Find the variables; the files are learnt on the way."""
        given = [
            (one.name, script.source(one.value.span))
            for statement in walk(script.statements)
            if isinstance(statement.command, Simple | Declaration)
            for one in statement.command.assignments
            if one.value is not None
        ]
        reads = (name for name, written in given if PRINTS_JOIN in written or _READ_JOIN.search(written))
        found = cls(script, frozenset(reads))
        while True:  # what begins with one of them is one too
            more = found.variables | {name for name, written in given if found.spoken_of(written)}
            if more == found.variables:
                return found
            found = cls(script, more)

    def learn(self, step: Step) -> None:
        """Take note of the files into which a command prints a join."""
        if any(PRINTS_JOIN in step.script.source(word.span) for word in step.command.words):
            self.files.update(path for target in step.targets for path in target.paths)

    def spoken_of(self, written: str) -> bool:
        """Say whether a word as written begins with a variable that holds a join, or prints one."""
        variable = _LEADS.fullmatch(written)
        if variable is not None:
            return variable[1] in self.variables or JOIN_NAME.search(variable[1]) is not None
        return PRINTS_JOIN in written and written.startswith(("$(", '"$(', "`"))


def hidden_join(step: Step, words: list[str], joins: Joins) -> list[Meant]:
    """A command, or the text of ``eval`` or ``bash -c``, that comes whole from what speaks of joining."""
    first = skip_prefixes(words)
    written = [step.script.source(word.span) for word in step.command.words]
    if first >= len(words) or len(written) <= first:
        return []
    if words[first] == "eval" or words[first].startswith(UNKNOWN):
        at = first + 1 if words[first] == "eval" else first
        if words[at : at + 1] and words[at].startswith("kubeadm join"):
            return []  # that text is read by itself
        if len(written) > at and joins.spoken_of(written[at]) and UNKNOWN in " ".join(words[at:]):
            return [_in_a_variable(first, written[at:])]
        if len(written) > at and _READ_JOIN.search(written[at]) and UNKNOWN in " ".join(words[at:]):
            # Without quotes its lines become one command, whose words can be added to.
            alone = not written[at].startswith('"') and not any(map(_ANOTHER_COMMAND.search, written[at + 1 :]))
            return [Meant("join", "kubeadm join (in a file)", (first,) if alone else (), assumed=True)]
    runs_text = basename(words[first]) in SHELLS and "-c" in words
    if runs_text and UNKNOWN in words[-1] and joins.spoken_of(written[-1]):
        return [_in_a_variable(len(words) - 1, written[-1:])]
    if runs_text and _READ_JOIN.search(written[-1]):
        return [Meant("join", "kubeadm join (in a file)", (), assumed=True)]
    return []


def _in_a_variable(index: int, written: list[str]) -> Meant:
    """A join that a variable holds; where another command comes after it, nothing can be added at the end."""
    alone = not any(map(_ANOTHER_COMMAND.search, written))
    return Meant("join", "kubeadm join (in a variable)", (index,) if alone else (), assumed=True)


def told_outside(step: Step, joins: Joins) -> bool:
    """Say whether the command that runs a text is told itself: the text is a variable, or begins with a join."""
    assert step.nested is not None
    command = step.nested.statement.command
    written = [joins.script.source(one.span) for one in command.words] if isinstance(command, Simple) else []
    return step.nested.rendered.text.strip() == UNKNOWN or any(map(joins.spoken_of, written))
