"""Commands that run the script itself once more."""

from __future__ import annotations

from collections.abc import Sequence

from ackpatch.node.mark import Kind, Mark
from ackpatch.shell.environment import SELF
from ackpatch.shell.programs import basename, drops_environment, skip_prefixes
from ackpatch.shell.step import Step


def runs_itself(words: Sequence[str], run: tuple[str, bool] | None) -> bool:
    """Say whether a command runs the script; ``run`` is the file that it runs, if it runs one."""
    first = skip_prefixes(words)
    return (run is not None and run[0] == SELF) or list(words[first : first + 1]) == [SELF]


def again(step: Step, words: Sequence[str]) -> Mark:
    """The mark of such a command: whether or not the four variables arrive there."""
    before = [basename(one) for one in words[: list(words).index(SELF)]] if SELF in words else []
    lost = "systemd-run" in before or drops_environment(words) or (step.nested is not None and step.nested.later)
    return Mark.of(Kind.AGAIN if lost else Kind.BARRIER, step, " ".join([*before[:3], "$0"]))
