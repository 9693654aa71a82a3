"""An OSS-compatible server on loopback, written from the service's documentation and not from the SDK.

It verifies V4 signatures (in the header and in a signed address), gives the CRC64 of what it received, keeps objects with
their ACL and ETag, knows the header that forbids overwriting, and fails on demand.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

KEY_ID, SECRET, REGION = "test-key-id", "test-secret", "cn-hangzhou"
SKEW = timedelta(minutes=15)


def crc64(data: bytes) -> int:
    """CRC-64 of ECMA-182, reflected, as OSS counts it."""
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xC96C5795D7870F42 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFFFFFFFFFF


def signature(secret: str, day: str, text: str) -> str:
    """The V4 key is derived step by step from the secret, the day, the region, the product."""
    key = f"aliyun_v4{secret}".encode()
    for part in (day, REGION, "oss", "aliyun_v4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def string_to_sign(method: str, path: str, query: dict[str, str], headers: dict[str, str], moment: str) -> str:
    pairs = "&".join(f"{name}={value}" if value else name for name, value in sorted(query.items()))
    signed = {
        n: v.strip() for n, v in headers.items() if n.startswith("x-oss-") or n in ("content-type", "content-md5")
    }
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(signed.items()))
    payload = headers.get("x-oss-content-sha256", "UNSIGNED-PAYLOAD")
    canonical = f"{method}\n{quote(unquote(path), safe='/')}\n{pairs}\n{lines}\n\n{payload}"
    scope = f"{moment[:8]}/{REGION}/oss/aliyun_v4_request"
    return f"OSS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


@dataclass
class Store:
    """The objects by ``/bucket/key``: content and ACL. ``faults`` are used up one a request: a status, or a word."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    buckets: set[str] = field(default_factory=lambda: {"scripts"})
    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self.offset


class Refused(Exception):
    """An answer of the service that is an error."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def handler(store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            store.requests.append(self.command)
            fault = store.faults.pop(0) if store.faults else ""
            if fault == "timeout":
                time.sleep(1.5)
                self.close_connection = True
                return
            try:
                if fault.isdigit():
                    raise Refused(int(fault), "AccessDenied" if fault == "403" else "InternalError")
                self._authorize()
                self._do(body, fault)
            except Refused as refused:
                self._error(refused)

        def _authorize(self) -> None:
            parts = urlsplit(self.path)
            query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
            headers = {name.lower(): value for name, value in self.headers.items()}
            if "x-oss-signature" in query:
                given = query.pop("x-oss-signature")
                moment, credential = query["x-oss-date"], unquote(query["x-oss-credential"])
                headers = {}
                end = parse(moment) + timedelta(seconds=int(query["x-oss-expires"]))
                if store.now() > end:
                    raise Refused(403, "AccessDenied")
            elif "authorization" in headers:
                fields = dict(
                    part.strip().partition("=")[::2]
                    for part in headers["authorization"].removeprefix("OSS4-HMAC-SHA256 ").split(",")
                )
                given, credential, moment = fields["Signature"], fields["Credential"], headers["x-oss-date"]
                if abs(store.now() - parse(moment)) > SKEW:
                    raise Refused(403, "RequestTimeTooSkewed")
            elif self.command == "GET" and store.objects.get(parts.path, (b"", ""))[1] == "public-read":
                return
            else:
                raise Refused(403, "AccessDenied")
            if credential.split("/")[0] != KEY_ID:
                raise Refused(403, "InvalidAccessKeyId")
            text = string_to_sign(self.command, parts.path, query, headers, moment)
            if not hmac.compare_digest(signature(SECRET, moment[:8], text), given):
                raise Refused(403, "SignatureDoesNotMatch")

        def _do(self, body: bytes, fault: str) -> None:
            path = urlsplit(self.path).path
            if path.split("/")[1] not in store.buckets:
                raise Refused(404, "NoSuchBucket")
            if self.command == "GET":
                if path not in store.objects:
                    raise Refused(404, "NoSuchKey")
                self._content(store.objects[path][0], fault)
                return
            if self.headers.get("x-oss-forbid-overwrite") == "true" and path in store.objects:
                raise Refused(409, "FileAlreadyExists")
            kept = body[:-1] if fault == "lost byte" else body
            store.objects[path] = (
                kept,
                self.headers.get("x-oss-object-acl") or "default",
            )
            if fault == "lost answer":
                self.close_connection = True
                return
            self._answer(200, b"", {"ETag": etag(kept), "x-oss-hash-crc64ecma": str(crc64(kept))})

        def _content(self, content: bytes, fault: str) -> None:
            headers = {"ETag": etag(content), "x-oss-hash-crc64ecma": str(crc64(content))}
            if fault == "truncated":
                self.close_connection = True
                self._answer(200, content[:-10], headers, length=len(content))
            else:
                self._answer(200, content, headers)

        def _error(self, refused: Refused) -> None:
            text = (
                f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{refused.code}</Code>'
                f"<Message>refused on purpose</Message><RequestId>1</RequestId></Error>"
            )
            self._answer(refused.status, text.encode(), {"Content-Type": "application/xml"})

        def _answer(self, status: int, content: bytes, headers: dict[str, str], length: int | None = None) -> None:
            self.send_response_only(status)
            self.send_header("Date", format_datetime(store.now(), usegmt=True))
            self.send_header("x-oss-request-id", "1")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) if length is None else length))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return Handler


def parse(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)


def etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest().upper()}"'


@contextmanager
def serving(store: Store) -> Iterator[str]:
    """Serve; gives the endpoint."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(store))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
