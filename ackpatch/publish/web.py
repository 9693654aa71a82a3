"""A web server: read as the agent reads, written by PUT as WebDAV-like servers take it."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ackpatch.errors import AckpatchError
from ackpatch.publish.address import checked_address
from ackpatch.publish.limit import TooLongError, within
from ackpatch.publish.place import Access, Stored

SECONDS = 20  # for each answer of the network
WHOLE = 60  # seconds for a whole request
TRIES = 3
PAUSE = 0.5  # seconds before the second try; doubled before each further one
LARGEST = 8 << 20  # bytes; no bootstrap script is larger
_FOUND, _NOT_FOUND, _GONE, _SERVER = 200, 404, 410, 500


@dataclass(frozen=True, slots=True)
class Web:
    """An address that takes PUT. Who can read it is not ours to know."""

    address: str
    access: Access = Access.UNKNOWN

    @property
    def name(self) -> str:
        """How messages call it: without a password."""
        return shown(self.address)

    def current(self) -> Stored | None:
        """What lies there now."""
        status, content, tag = _request(self.address, "GET", {})
        if status in (_NOT_FOUND, _GONE):
            return None
        if status != _FOUND:
            raise AckpatchError(f"{self.name}: the server answers {status} when asked what lies there")
        return Stored(content, tag)

    def put(self, script: bytes, before: Stored | None) -> None:
        """Send it; a server that knows conditions refuses when another one was faster."""
        headers = {"Content-Type": "text/x-shellscript"}
        if before is None:
            headers["If-None-Match"] = "*"
        elif before.tag and not before.tag.startswith("W/"):
            # A weak tag is none to put a condition on.
            headers["If-Match"] = before.tag
        status, _, _ = _request(self.address, "PUT", headers, script)
        if status == http.client.PRECONDITION_FAILED:
            # An answer may have got lost on the way: then what is there is ours already.
            now = self.current()
            if now is not None and now.content == script:
                return
            raise AckpatchError(f"{self.name}: not written: somebody else was faster")
        if status >= http.client.MULTIPLE_CHOICES:
            raise AckpatchError(f"{self.name}: not written: the server answers {status} to PUT")


def fetch(address: str) -> bytes:
    """Fetch a script as the agent does: by GET, with nothing but the address. Raises AckpatchError."""
    checked_address(address)
    status, content, _ = _request(address, "GET", {})
    if status != _FOUND:
        raise AckpatchError(f"{shown(address)}: the server answers {status}")
    return content


def shown(address: str) -> str:
    """An address without a password and without a signature; one that is none in quotes."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return repr(address.partition("?")[0])
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="…" if parts.query else "").geturl()


def _request(address: str, method: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, bytes, str]:
    """Send a request, again after what may pass; gives status, content and ETag. Raises AckpatchError."""
    trouble = ""
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE * 2 ** (number - 1))
        try:
            status, content, tag = _once(address, method, headers, body)
        except TooLongError as error:  # the next try would take as long
            raise AckpatchError(f"{shown(address)}: cannot be reached: {error}") from error
        except (OSError, http.client.HTTPException) as error:
            trouble = f"cannot be reached: {_told(error)}"
            continue
        if status < _SERVER:
            return status, content, tag
        trouble = f"the server answers {status}"
    raise AckpatchError(f"{shown(address)}: {trouble} ({TRIES} tries)")


def _told(error: Exception) -> str:
    """The reason of a failure in words, without the numbers and places in libraries that it carries."""
    reason = getattr(error, "reason", None) or error
    text = (reason.strerror if isinstance(reason, OSError) else None) or str(reason) or type(error).__name__
    return re.sub(r"^\[[\w: ]+\] ?|\s*\(_ssl\.c:\d+\)|^_ssl\.c:\d+: ", "", text).lower()


def _once(address: str, method: str, headers: dict[str, str], body: bytes | None) -> tuple[int, bytes, str]:
    request = urllib.request.Request(address, data=body, headers=headers, method=method)
    return within(WHOLE, lambda: _answered(request))


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows to web addresses only, as the agent would."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: Any,  # noqa: ANN401
        code: int,
        msg: str,
        headers: Any,  # noqa: ANN401
        newurl: str,
    ) -> urllib.request.Request | None:
        try:
            host = urlsplit(newurl).hostname
        except ValueError:
            host = None
        if not newurl.startswith(("http://", "https://")) or not host:
            raise AckpatchError(f"the server leads to {shown(newurl)}, which is no web address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _answered(request: urllib.request.Request) -> tuple[int, bytes, str]:
    try:
        with urllib.request.build_opener(_WebOnly).open(request, timeout=SECONDS) as answer:
            content = answer.read(LARGEST + 1)
            # A body that ends early is told by read() only where it is read to its end.
            length = answer.headers.get("Content-Length")
            if length is not None and length.isdigit() and int(length) > len(content) <= LARGEST:
                raise http.client.IncompleteRead(content)
            return answer.status, content, answer.headers.get("ETag") or ""
    except urllib.error.HTTPError as error:
        return error.code, b"", ""
