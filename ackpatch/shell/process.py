"""A program under way: it reads a file in memory and writes into others, so that nobody has to feed it."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Mapping, Sequence


class Running:
    """One run of a program that reads all its input; started when this is made. ``memory``: bytes that it may use.

    Raises FileNotFoundError when there is no such program.
    """

    def __init__(
        self, command: Sequence[str], data: bytes, env: Mapping[str, str] | None = None, memory: int = 0
    ) -> None:
        files = [_file(data), _file(), _file()]
        try:
            self._process = subprocess.Popen(command, stdin=files[0], stdout=files[1], stderr=files[2], env=env)
        except BaseException:
            for one in files:
                os.close(one)
            raise
        if memory and hasattr(resource, "prlimit"):
            with contextlib.suppress(OSError):  # it has ended already
                resource.prlimit(self._process.pid, resource.RLIMIT_DATA, (memory, memory))
        os.close(files[0])
        self._output, self._errors = files[1:]

    def wait(self) -> tuple[int, bytes, bytes]:
        """Wait for the end; gives the exit status, the output and the messages. To be called once."""
        status = self._process.wait()
        return status, _content(self._output), _content(self._errors)


def _file(data: bytes = b"") -> int:
    """The descriptor of a file without a name, to be read from its start."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("ackpatch")
    else:
        import tempfile

        descriptor, path = tempfile.mkstemp()
        os.unlink(path)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _content(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "rb") as file:
        return file.read()
