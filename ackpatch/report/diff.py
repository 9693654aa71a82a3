"""The unified diff of raw bytes, as git writes it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator


def unified_diff(old: bytes, new: bytes, path: str) -> bytes:
    """Give the diff that turns ``old`` into ``new``; ``git apply`` accepts it. Empty for equal texts."""
    if old == new:
        return b""
    a, b = _lines(old), _lines(new)
    name = path.removeprefix("./").lstrip("/")
    plain = difflib.unified_diff(
        [line.decode("latin-1") for line in a], [line.decode("latin-1") for line in b], lineterm=""
    )
    next(plain), next(plain)
    header = [f"--- {_quoted('a/' + name)}\n".encode(), f"+++ {_quoted('b/' + name)}\n".encode()]
    return b"".join([*header, *_body(plain)])


def _lines(data: bytes) -> list[bytes]:
    """Split at newlines only; a carriage return or a form feed ends no line for git."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _body(plain: Iterator[str]) -> Iterator[bytes]:
    for line in plain:
        raw = line.encode("latin-1")
        if raw.startswith(b"@@"):
            yield raw + b"\n"
        elif raw.endswith(b"\n"):
            yield raw
        else:
            yield raw + b"\n\\ No newline at end of file\n"


def _quoted(name: str) -> str:
    """Quote a name as git does where it holds special characters."""
    if all(" " < one < "\x7f" and one not in '"\\' for one in name):
        return name
    if all(" " <= one < "\x7f" and one not in '"\\' for one in name):
        return name + "\t"
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in (0x22, 0x5C) else f"\\{byte:03o}"
        for byte in name.encode("utf-8", "surrogateescape")
    )
    return f'"{escaped}"'
