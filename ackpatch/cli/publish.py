"""``ackpatch publish``: shows the plan, asks once, and says of each step what it did."""

from __future__ import annotations

from ackpatch.cli.ask import confirmed
from ackpatch.cli.files import say
from ackpatch.pool import Publishing, not_done, publish
from ackpatch.source import read_script, replace_file


def run(how: Publishing, yes: bool) -> int:
    """Go through the steps and stop at the first that fails; then say what is changed and what is not."""
    refused = False

    def agree(plan: list[str]) -> bool:
        nonlocal refused
        for line in plan:
            say(line)
        refused = not (yes or how.dry_run or confirmed("Do this?"))
        return not refused

    done = publish(
        read_script(how.name), how, write=lambda script: replace_file(how.name, script), agree=agree, tell=say
    )
    if refused:
        return 1
    if done.error:
        say(done.error)
        say(not_done(done.changed, done.left))
        return 2
    if not how.dry_run:
        print(done.address)
    return 0
