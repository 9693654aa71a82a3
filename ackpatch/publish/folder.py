"""A web server's folder on this machine, or any other path: written in one step."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ackpatch.errors import AckpatchError, UsageError
from ackpatch.publish.place import Access, Stored
from ackpatch.source import replace_file, require_regular, write_new

READABLE = 0o644  # a web server has to read it

# What is a name and a password before a host in an address, which the text would be if it began with one.
_HOLDS_A_PASSWORD = re.compile(r"(?:^|/)[^/\s:@]+:[^/\s@]+@[^/\s]")


@dataclass(frozen=True, slots=True)
class Folder:
    """A file below a web root; ``address`` is what its server calls it, if the user said so."""

    path: str
    address: str = ""
    access: Access = Access.UNKNOWN

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.path

    def current(self) -> Stored | None:
        """What lies there now."""
        require_regular(self.path)
        try:
            with open(self.path, "rb") as file:
                return Stored(file.read(), "")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AckpatchError(f"{self.path}: {(error.strerror or 'cannot be read').lower()}") from error

    def put(self, script: bytes, before: Stored | None) -> None:
        """Write it, in one step where another one is replaced."""
        if before is None:
            write_new(self.path, script, READABLE)
        else:
            replace_file(self.path, script)


def folder_at(text: str, address: str) -> Folder:
    """The place of a plain path or a ``file:`` address; raises UsageError."""
    path = text
    if text.startswith("file:"):
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise UsageError(f"{text}: give file:///absolute/path")
        path = unquote(parts.path)
    if _HOLDS_A_PASSWORD.search(path):
        raise UsageError("this is no address: begin it with https://, and give no name and password in it")
    if path.endswith("/") or os.path.isdir(path):
        raise UsageError(f"{path}: is a folder; give the script's name in it too")
    return Folder(path, address)
