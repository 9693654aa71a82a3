"""``ackpatch register``: shows, checks, sets or takes away the address of the script."""

from __future__ import annotations

from dataclasses import dataclass

from ackpatch.cli.ask import confirmed
from ackpatch.cli.files import say
from ackpatch.errors import UsageError
from ackpatch.kubectl import Kubectl
from ackpatch.publish.address import checked_address
from ackpatch.publish.register import KEY, NAME, register, registered
from ackpatch.publish.web import shown
from ackpatch.report.mask import printable


@dataclass(frozen=True, slots=True)
class Registering:
    """The options of register."""

    url: str
    show: bool
    check: str
    clear: bool
    yes: bool
    dry_run: bool
    kubectl: Kubectl


def run(options: Registering) -> int:
    """Do what is asked for; raises AckpatchError."""
    asked = [bool(options.url), options.show, bool(options.check), options.clear]
    if sum(asked) != 1:
        raise UsageError("give a URL, or one of --show, --check URL, --clear")
    if options.url or options.check:
        checked_address(options.url or options.check)
    before = registered(options.kubectl)
    if options.show:
        print(printable(before.address))
        return 0
    if options.check:
        if before.address == options.check:
            return 0
        say(f"{NAME} has {shown(before.address) or 'no address'}, not {shown(options.check)}")
        return 1
    if before.address == options.url:
        say(f"{NAME}: nothing to do: {KEY} is {shown(options.url) or 'empty'} already")
        return 0
    print(f"{NAME}, {KEY}:\n- {printable(shown(before.address))}\n+ {printable(shown(options.url))}")
    if not options.dry_run and not options.yes and not confirmed("Write this to the cluster?"):
        return 1
    after = register(options.kubectl, options.url, before, options.dry_run)
    done = "the cluster would take it (dry run)" if options.dry_run else "written"
    say(f"{NAME}: {done}: {shown(after.address) or 'empty'}")
    return 0
