"""Other ways to a file: a descriptor that the script keeps open, a link that it made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ackpatch.node.writes import Written
from ackpatch.shell.environment import UNKNOWN, Texts
from ackpatch.shell.own_files import absolute
from ackpatch.shell.programs import program
from ackpatch.shell.step import Step

_OPENS = re.compile(r"(?:(\d+)|\{\w+\})(?:>[>|]?|<>)")


@dataclass(slots=True)
class Opened:
    """What one script has opened and linked so far."""

    _numbers: dict[str, Texts] = field(default_factory=dict)
    _named: list[str] = field(default_factory=list)
    _links: dict[str, str] = field(default_factory=dict)

    def learn(self, step: Step) -> None:
        """Note the descriptors that ``exec`` opens, and the links that ``ln -s`` makes."""
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        first, name = program(words)
        if words[-1:] == ["exec"]:
            for target in step.targets:
                opens = _OPENS.match(step.script.source(target.redirection.span))
                if opens is not None and opens[1]:
                    self._numbers[opens[1]] = target.paths
                elif opens is not None:
                    self._named += target.paths
        given = [one for one in words[first + 1 :] if not one.startswith("-")]
        if name == "ln" and any(re.fullmatch(r"-\w*s\w*", one) for one in words) and len(given) == 2:
            source, link = (absolute(one, step.environment) for one in given)
            self._links[link.rstrip("/")] = source

    def written(self, step: Step) -> Iterator[Written]:
        """The files into which a command prints by a descriptor."""
        for target in step.targets:
            if target.redirection.operator == ">&":
                for number in target.paths:
                    paths = self._named if UNKNOWN in number else self._numbers.get(number, ())
                    yield from (Written(path, "descriptor", appends=True) for path in paths)

    def behind(self, written: Written) -> Written:
        """A file by the path that no link of the script's leads to."""
        for link, source in self._links.items():
            if written.path == link or written.path.startswith(f"{link}/"):
                return replace(written, path=source.rstrip("/") + written.path[len(link) :])
        return written
