"""The commands of a script that nothing in the throw-away root provides: they get a stand-in that succeeds.

A node may well have them, and what they do is not known here; a script under ``set -e`` should still run on.
"""

import re
from functools import lru_cache

from ackpatch.errors import AckpatchError
from ackpatch.shell.plain import everything, plain_words
from ackpatch.shell.programs import skip_prefixes
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Function, Script, Simple

# Commands of the shell itself, in bash and POSIX shells.
BUILTINS = frozenset(
    """. : alias bg bind break builtin caller cd command compgen complete compopt continue coproc declare dirs disown
    enable eval exec exit export fc fg getopts hash help history jobs let local logout mapfile popd pushd read readarray
    readonly return select set shift shopt source suspend time times trap type typeset ulimit umask unalias unset
    wait""".split()
)
# Commands that look whether another one exists: a script that asks goes on without it.
_ASKS = frozenset({"which", "type", "hash", "command", "whereis"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.+-]*\Z")


@lru_cache(maxsize=16)
def unknown_commands(script: bytes, known: frozenset[str]) -> tuple[str, ...]:
    """The plain names in command position that are no builtin, no function of the script, not in ``known``, and
    whose presence the script does not ask for. Empty for a script that cannot be parsed.
    """
    try:
        parsed = parse(script, "bash")
    except AckpatchError:
        return ()
    run: dict[str, None] = {}
    skipped = {*BUILTINS, *known}
    for statement in everything(parsed.statements):
        if isinstance(statement.command, Function):
            skipped.add(statement.command.name)
        elif isinstance(statement.command, Simple):
            words = plain_words(statement.command)
            if words and words[0] in _ASKS:
                skipped.update(words[1:])
            first = skip_prefixes(words)
            if first < len(words) and _NAME.match(words[first]):
                run[words[first]] = None
    skipped |= _aliases(parsed)
    return tuple(name for name in run if name not in skipped)


def _aliases(script: Script) -> set[str]:
    return set(re.findall(r"\balias (\w[\w.-]*)=", script.text))
