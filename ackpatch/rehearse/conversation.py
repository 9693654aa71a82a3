"""The caller's side of a running rehearsal: reads the script's outputs, answers questions, takes the result."""

import os
import selectors
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from ackpatch.rehearse import channel, desk

OUTPUT_LIMIT = 1024 * 1024
CHUNK = 65536


class Conversation:
    """One supervisor process and what came out of it: ``stdout``, ``stderr`` (cut after 1 MiB) and ``result``."""

    def __init__(self, process: subprocess.Popen[bytes], messages: int, spec: Mapping[str, Any]) -> None:
        assert process.stdin and process.stdout and process.stderr
        self._to_supervisor = process.stdin.fileno()
        self._version = int(spec["systemd"])
        self._messages = bytearray()
        self._readers = {
            process.stdout.fileno(): self._read_stdout,
            process.stderr.fileno(): self._read_stderr,
            messages: self._read_message,
        }
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.result: dict[str, Any] | None = None
        self._send(dict(spec))

    def hold(self, deadline: float) -> None:
        """Read all pipes to their end, or to the deadline."""
        with selectors.DefaultSelector() as selector:
            for descriptor in self._readers:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    return
                for key, _ in selector.select(left):
                    data = os.read(key.fd, CHUNK)
                    if not data:
                        selector.unregister(key.fd)
                    self._readers[key.fd](data)

    def _read_stdout(self, data: bytes) -> None:
        self.stdout += data[: OUTPUT_LIMIT - len(self.stdout)]

    def _read_stderr(self, data: bytes) -> None:
        self.stderr += data[: OUTPUT_LIMIT - len(self.stderr)]

    def _read_message(self, data: bytes) -> None:
        self._messages += data
        for message in channel.unpack(self._messages):
            if "question" in message:
                self._send({"answer": desk.answer(message["question"], message["files"], self._version)})
            else:
                self.result = message

    def _send(self, message: dict[str, Any]) -> None:
        try:
            channel.send(self._to_supervisor, message)
        except BrokenPipeError:
            # A dead supervisor: that it gave no result is told by whoever asks for it.
            return
