"""A place for a script, whatever its kind: what lies there, how to put a script there, and its address."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ackpatch.errors import AckpatchError
from ackpatch.join_token import secrets_in


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies at a place: its content, and the mark by which its server knows this version (empty for none)."""

    content: bytes
    tag: str


class Access(Enum):
    """Who can read what is put at a place."""

    OWNER = "owner"
    EVERYBODY = "everybody"
    UNKNOWN = "unknown"


class Place(Protocol):
    """Somewhere a script can be put."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def address(self) -> str:
        """What the agent would fetch; empty where that is not known."""

    @property
    def access(self) -> Access:
        """Say who may read what is put there."""

    def current(self) -> Stored | None:
        """What lies there now; None for nothing. Raises AckpatchError."""

    def put(self, script: bytes, before: Stored | None) -> None:
        """Put a script there in the place of ``before``. Raises AckpatchError."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an upload did: ``before`` is the tag of the version that was replaced, empty for none."""

    changed: bool
    tag: str
    before: str


def upload(place: Place, script: bytes, *, force: bool = False, allow_public_token: bool = False) -> Uploaded:
    """Put a script at a place and read it back.

    Another content is never overwritten without ``force``, and a script with a join token is not made public without
    ``allow_public_token``. Raises AckpatchError; then the place is as it was, unless the message says otherwise.
    """
    before = looked_at(place, script, force=force, allow_public_token=allow_public_token)
    if before is not None and before.content == script:
        return Uploaded(False, before.tag, before.tag)
    place.put(script, before)
    after = place.current()
    if after is None or after.content != script:
        raise AckpatchError(f"{place.name}: written, but what comes back is not what was sent; look at it before use")
    return Uploaded(True, after.tag, before.tag if before is not None else "")


def looked_at(place: Place, script: bytes, *, force: bool, allow_public_token: bool) -> Stored | None:
    """What lies at a place where a script may be put; raises AckpatchError where it may not. Writes nothing."""
    if place.access is Access.EVERYBODY and secrets_in(script.decode("latin-1")) and not allow_public_token:
        raise AckpatchError(
            f"{place.name}: not written: the script holds a join token, with which whoever reads it can join machines "
            "under any name; let the bucket's policy give your VPC the right to read, or use --allow-public-token"
        )
    before = place.current()
    if before is not None and before.content != script and not force:
        tag = f" (ETag {before.tag})" if before.tag else ""
        raise AckpatchError(f"{place.name}: not written: another content lies there{tag}; --force replaces it")
    return before
