"""Which shell a script is written for: its shebang decides, a script without one is bash's."""

from __future__ import annotations

import re

_SHEBANG = re.compile(rb"#![ \t]*(\S+)(?:[ \t]+(.*))?")


def dialect_of(data: bytes) -> str:
    """Give shfmt's name of the dialect: ``posix`` for sh, dash and ash, else ``bash``."""
    match = _SHEBANG.match(data.split(b"\n", 1)[0])
    if match is None:
        return "bash"
    program = match[1].rsplit(b"/", 1)[-1]
    if program == b"env":
        words = [word for word in (match[2] or b"").split() if not word.startswith(b"-") and b"=" not in word]
        program = words[0].rsplit(b"/", 1)[-1] if words else b"bash"
    return "posix" if program in (b"sh", b"dash", b"ash") else "bash"
