"""The commands that only show, called with scripts and no options."""

from __future__ import annotations

from ackpatch.cli.files import say
from ackpatch.cli.show import Showing, check_files, diff_files, inspect_files
from ackpatch.errors import AckpatchError
from ackpatch.options import Options

_COMMANDS = {
    "check": (check_files, Options()),
    "diff": (diff_files, Options()),
    "inspect": (inspect_files, Options(partial=True)),
}


def run(arguments: list[str]) -> int:
    """Run the command line and give its exit code; the same as ``app.run`` for these."""
    show, wanted = _COMMANDS[arguments[0]]
    try:
        return show(arguments[1:], wanted, Showing())
    except AckpatchError as error:
        say(f"ackpatch: {error}")
        return 2
