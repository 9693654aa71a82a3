"""A web server on loopback that takes PUT, with conditions as RFC 9110 has them, and faults on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Files in memory, conditions as RFC 9110 has them, and faults that are used up one a request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.faults: list[str] = []
        self.seen: list[str] = []
        self.weak = False


class Handler(BaseHTTPRequestHandler):
    server: Server
    lost = False

    def do_GET(self) -> None:
        if self._fails():
            return
        if self.path not in self.server.files:
            self._answer(404, b"")
            return
        self._answer(200, self.server.files[self.path])

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._fails():
            return
        exists = self.path in self.server.files
        if (exists and self.headers.get("If-None-Match") == "*") or (
            self.headers.get("If-Match") and self.headers["If-Match"] != self._tag()
        ):
            self._answer(412, b"")
            return
        self.server.files[self.path] = body
        if self.lost:
            self._answer(504, b"")
            return
        self._answer(204 if exists else 201, b"")

    def _tag(self) -> str:
        weak = "W/" if self.server.weak else ""
        return f'{weak}"{len(self.server.files.get(self.path, b""))}"'

    def _fails(self) -> bool:
        self.server.seen.append(self.command)
        fault = self.server.faults.pop(0) if self.server.faults else ""
        self.lost = fault == "lost answer"
        if self.lost:
            return False
        if fault == "timeout":
            time.sleep(1)
        elif fault == "slowly":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(0.05)
        elif fault == "garbage":
            self.wfile.write(b"\x1b[31m\r::error::gone\r\n\r\n")
        elif fault.startswith("to "):
            self.send_response(302)
            self.send_header("Location", fault.removeprefix("to "))
            self.end_headers()
        elif fault == "truncated":
            self._answer(200, self.server.files[self.path][:5], len(self.server.files[self.path]))
        elif fault:
            self._answer(int(fault), b"")
        return bool(fault)

    def _answer(self, status: int, content: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.send_header("ETag", self._tag())
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def serving() -> Iterator[Server]:
    """Serve until the end of the block."""
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
