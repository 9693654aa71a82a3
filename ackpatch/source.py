"""Bytes, lines and files: what a script is before anybody looks at it as a script."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ackpatch.errors import UnreadableError

LARGEST = 32 * 1024 * 1024  # bytes of a script
_TEMPORARY = re.compile(r"\.ackpatch-write-[a-z0-9_]{8}\.tmp")


def equal_ends(old: Sequence[Any], new: Sequence[Any]) -> tuple[int, int]:
    """How many items two sequences have in common at their beginnings, and then at their ends."""
    shorter = min(len(old), len(new))

    def most(is_equal: Callable[[int, int], bool], limit: int) -> int:
        low, high = 0, limit
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if is_equal(low, middle) else (low, middle - 1)
        return low

    head = most(lambda low, middle: old[low:middle] == new[low:middle], shorter)

    def ends_equal(low: int, middle: int) -> bool:
        return old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]

    return head, most(ends_equal, shorter - head)


class Lines:
    """Turns byte offsets into lines and columns, both 1-based."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0]
        position = data.find(b"\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = data.find(b"\n", position + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset; the column counts bytes."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def shown(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset; the column counts characters, as editors and people do."""
        line, column = self.place(offset)
        before = self._data[offset - column + 1 : offset]
        return line, len(before.decode("utf-8", "replace")) + 1


def read_script(path: str) -> bytes:
    """Read a script from a file or a pipe; raises UnreadableError with one clear line."""
    try:
        if os.path.isdir(path):
            raise UnreadableError(f"{path}: is a folder; give the scripts in it")
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
                raise UnreadableError(f"{path}: is a device, and no script; - reads standard input")
            large = stat.S_ISREG(mode) and os.fstat(file.fileno()).st_size > LARGEST
            data = b"" if large else file.read(LARGEST + 1)
    except OSError as error:
        raise _unusable(path, error) from error
    if large or len(data) > LARGEST:
        raise _too_large(path)
    return data


def read_settings(path: str) -> bytes:
    """Read a file of settings, which is an ordinary one; raises UnreadableError with one clear line."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise UnreadableError(f"{path}: is a {'folder' if os.path.isdir(path) else 'device or pipe'}, and no file")
    return read_script(path)


def read_standard_input() -> bytes:
    """Read a script from standard input; raises UnreadableError."""
    if sys.stdin is None:
        raise UnreadableError("standard input is closed")
    data = sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _too_large("standard input")
    return data


def _too_large(name: str) -> UnreadableError:
    return UnreadableError(f"{name}: has more than {LARGEST >> 20} MB, the limit for a script")


def _unusable(path: str, error: OSError, else_: str = "cannot be read") -> UnreadableError:
    if error.errno == errno.EBUSY:
        return UnreadableError(f"{path}: is a mount of its own; use --output and copy the result over it")
    if error.errno == errno.EPERM:
        return UnreadableError(f"{path}: its owner, group or attributes cannot be kept by this user; use --output")
    return UnreadableError(f"{path}: {(error.strerror or else_).lower()}")


def require_regular(path: str) -> None:
    """Raise UnreadableError for what is there and is no ordinary file: it is never written to."""
    if os.path.exists(path) and not os.path.isfile(path):
        kind = "folder" if os.path.isdir(path) else "device or pipe"
        raise UnreadableError(f"{path}: is a {kind}, and only ordinary files are written")
    # What a descriptor leads to may be an ordinary file, which the shell has open.
    if os.path.abspath(path).startswith(("/dev/std", "/dev/fd/", "/proc/")):
        raise UnreadableError(f"{path}: is a descriptor, and only ordinary files are written; - is standard input")


def replace_file(path: str, data: bytes, mode: int | None = None) -> None:
    """Put new content in a file's place in one step; mode (unless one is given), owner, extended attributes, access
    lists and symbolic links stay.

    Raises UnreadableError where one of these cannot be kept, the folder cannot be written, or the file has several hard
    links, since a new file would cut it off from them.
    """
    require_regular(path)
    target = os.path.realpath(path)
    try:
        known = os.stat(target)
        if known.st_nlink > 1:
            raise UnreadableError(f"{path}: has {known.st_nlink} hard links; use --output and copy the result over it")
        with _temporary(os.path.dirname(target)) as (handle, new):
            made = os.fstat(handle)
            if (known.st_uid, known.st_gid) != (made.st_uid, made.st_gid):
                os.fchown(handle, known.st_uid, known.st_gid)
            os.fchmod(handle, stat.S_IMODE(known.st_mode) if mode is None else mode)
            _write(handle, data)
            _keep_attributes(target, handle)  # a write takes some of them away
            os.replace(new, target)
    except OSError as error:
        raise _unusable(path, error, "cannot be written") from error


def write_new(path: str, data: bytes, mode: int | None, force: bool = False) -> None:
    """Write a file that must not exist yet (unless ``force``), with a mode that it has from the first moment."""
    require_regular(path)
    if force and os.path.exists(path):
        replace_file(path, data)
        return
    try:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        with _temporary(os.path.dirname(os.path.abspath(path))) as (handle, new):
            if mode is not None:
                os.fchmod(handle, stat.S_IMODE(mode))
            _write(handle, data)
            # A link is refused where something has come in between.
            os.link(new, path)
    except OSError as error:
        raise _unusable(path, error, "cannot be written") from error


@contextlib.contextmanager
def _temporary(folder: str) -> Iterator[tuple[int, str]]:
    """Make a file beside the target, locked while it is written; what a killed run has left there is removed."""
    import fcntl
    import tempfile

    for name in os.listdir(folder or "."):
        if _TEMPORARY.fullmatch(name):
            _remove_dead(os.path.join(folder, name))
    while True:
        handle, new = tempfile.mkstemp(prefix=".ackpatch-write-", suffix=".tmp", dir=folder or ".")
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.path.exists(new):
            break
        os.close(handle)  # another run took it for one that a killed run has left
    try:
        yield handle, new
    finally:
        os.close(handle)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)


def _remove_dead(path: str) -> None:
    """Remove a temporary file that nobody has locked."""
    import fcntl

    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(handle)


def _keep_attributes(target: str, handle: int) -> None:
    """A new file the extended attributes of the old one, access lists among them, and no others."""
    try:
        wanted = {name: os.getxattr(target, name) for name in os.listxattr(target)}
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return
        raise
    has = {name: os.getxattr(handle, name) for name in os.listxattr(handle)}
    for name in has.keys() - wanted.keys():
        # An access list that the folder hands down to new files.
        os.removexattr(handle, name)
    for name, value in wanted.items():
        if has.get(name) != value:
            os.setxattr(handle, name, value)


def _write(handle: int, data: bytes) -> None:
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
