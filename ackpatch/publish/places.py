"""Which place a destination names: an object in OSS, a web server, a folder."""

from __future__ import annotations

from dataclasses import dataclass

from ackpatch.errors import UsageError
from ackpatch.publish.address import checked_address
from ackpatch.publish.place import Place


@dataclass(frozen=True, slots=True)
class Where:
    """A destination as it was typed, with what OSS needs to know; ``address`` is for a folder that a server shows."""

    destination: str
    region: str = ""
    endpoint: str = ""
    internal: bool = False
    public: bool = False
    address: str = ""


def place_of(where: Where) -> Place:
    """The place; raises UsageError."""
    scheme = where.destination.partition("://")[0] if "://" in where.destination else ""
    if scheme == "oss":
        from ackpatch.publish.oss import oss_at

        return oss_at(where.destination, where.region, where.endpoint, where.internal, where.public)
    if where.public or where.internal or where.region or where.endpoint:
        raise UsageError("--public, --internal-url, --region and --endpoint are for oss:// destinations")
    if scheme in ("http", "https"):
        from ackpatch.publish.web import Web

        return Web(checked_address(where.destination))
    if scheme not in ("", "file"):
        raise UsageError(f"{where.destination}: give oss://, https://, file:// or a path")
    from ackpatch.publish.folder import folder_at

    return folder_at(where.destination, checked_address(where.address) if where.address else "")
