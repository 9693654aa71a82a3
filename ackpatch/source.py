"""Bytes, lines and files: what a script is before anybody looks at it as a script."""

from __future__ import annotations

import contextlib
import os
import stat
from bisect import bisect_right

from ackpatch.errors import UnreadableError


class Lines:
    """Turns byte offsets into lines and columns, both 1-based; a column counts bytes."""

    def __init__(self, data: bytes) -> None:
        self._starts = [0]
        position = data.find(b"\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = data.find(b"\n", position + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """Give line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def read_script(path: str) -> bytes:
    """Read a script; raises UnreadableError with one clear line."""
    try:
        if os.path.isdir(path):
            raise UnreadableError(f"{path}: is a folder; give the scripts in it")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UnreadableError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from error


def replace_file(path: str, data: bytes, mode: int | None = None) -> None:
    """Put new content in a file's place in one step; mode (unless one is given), owner and symbolic links stay.

    Raises UnreadableError where the folder cannot be written or the file has several hard links, since a new file would
    cut it off from them.
    """
    target = os.path.realpath(path)
    try:
        known = os.stat(target)
        if known.st_nlink > 1:
            raise UnreadableError(f"{path}: has {known.st_nlink} hard links; use --output and copy the result over it")
        _write_beside(target, data, known, stat.S_IMODE(known.st_mode) if mode is None else mode)
    except OSError as error:
        raise UnreadableError(f"{path}: {(error.strerror or 'cannot be written').lower()}") from error


def _write_beside(target: str, data: bytes, known: os.stat_result, mode: int) -> None:
    import tempfile

    handle, new = tempfile.mkstemp(prefix=".ackpatch-", dir=os.path.dirname(target) or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            if hasattr(os, "fchown") and (known.st_uid, known.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), known.st_uid, known.st_gid)
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)
        raise


def write_new(path: str, data: bytes, mode: int | None, force: bool = False) -> None:
    """Write a file that must not exist yet (unless ``force``), with a mode that it has from the first moment."""
    if force and os.path.exists(path):
        replace_file(path, data)
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if mode is None else stat.S_IMODE(mode))
    except OSError as error:
        raise UnreadableError(f"{path}: {(error.strerror or 'cannot be written').lower()}") from error
    with os.fdopen(handle, "wb") as file:
        if mode is not None:
            os.fchmod(file.fileno(), stat.S_IMODE(mode))
        file.write(data)
