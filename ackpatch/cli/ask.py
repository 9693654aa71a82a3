"""Questions to whoever sits at the terminal."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum

from ackpatch.cli.files import say
from ackpatch.errors import AckpatchError
from ackpatch.report.mask import printable


class Answer(Enum):
    """What a person may answer to a diff."""

    YES = "y"
    NO = "n"
    ALL = "a"
    QUIT = "q"


@dataclass(slots=True)
class Asking:
    """Asks about each file; ``everything`` is set once somebody has answered *all*, ``ended`` once *quit*."""

    everything: bool = False
    ended: bool = False

    def ask(self, path: str) -> Answer:
        """Ask whether a file shall be written; the end of the input is *quit*."""
        answer = _asked(f"Write this to {printable(path)}? [y]es, [n]o, [a]ll, [q]uit: ", tuple(Answer))
        self.everything |= answer is Answer.ALL
        self.ended |= answer is Answer.QUIT
        return answer


def is_there_somebody() -> bool:
    """Say whether there is a terminal to ask on."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def confirmed(question: str) -> bool:
    """Ask; raises AckpatchError where there is nobody to ask."""
    if not is_there_somebody():
        raise AckpatchError("nothing was written: there is no terminal to ask on; use --yes")
    if _asked(f"{question} [y]es, [n]o: ", (Answer.YES, Answer.NO)) is Answer.YES:
        return True
    say("nothing was written")
    return False


def _asked(question: str, answers: tuple[Answer, ...]) -> Answer:
    while True:
        sys.stderr.write(question)
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            sys.stderr.write("\n")
            return Answer.QUIT if Answer.QUIT in answers else Answer.NO
        word = line.strip().lower()
        for answer in answers:
            if word in (answer.value, answer.name.lower()):
                return answer
