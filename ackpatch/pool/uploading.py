"""Uploads a script to where the nodes fetch it, after it was looked at, and fetches it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from ackpatch.api import patch_with
from ackpatch.errors import AckpatchError, UsageError
from ackpatch.join_token import secrets_in
from ackpatch.options import Options
from ackpatch.publish import place as storing
from ackpatch.publish.oss import LONGEST_LIFE
from ackpatch.publish.place import Access, Place, Uploaded
from ackpatch.publish.places import Where, place_of
from ackpatch.publish.web import fetch, shown
from ackpatch.report.examined import exit_code


@dataclass(frozen=True, slots=True)
class Uploading:
    """How to upload. ``force``: replace another content. ``check``: only a script whose starts carry the values.

    ``verify``: fetch it as the agent would. ``presign_days``: make a signed address of an object in OSS.
    """

    where: Where
    force: bool = False
    allow_public_token: bool = False
    check: bool = True
    verify: bool = True
    presign_days: int = 0
    options: Options = field(default_factory=lambda: Options(bootstrap=True))


@dataclass(frozen=True, slots=True)
class Sent:
    """What an upload did: the address (empty where it is not known), and lines that a person should read."""

    address: str
    changed: bool
    notes: tuple[str, ...]


def upload(script: bytes, how: Uploading, name: str = "script.sh") -> Sent:
    """Put a script where the cluster can reach it and read it back. Raises AckpatchError."""
    place = place_of(how.where)
    days = how.presign_days
    if days and not hasattr(place, "presigned"):
        raise UsageError("--presign is for oss:// destinations")
    if days and not 0 < days <= LONGEST_LIFE.days:
        raise UsageError(f"--presign {days}: give days, {LONGEST_LIFE.days} at the most")
    if how.check:
        _require_ready(script, name, how.options)
    notes = about_readers(place, script, how.where.internal)
    done = storing.upload(place, script, force=how.force, allow_public_token=how.allow_public_token)
    notes.append(told(place, done))
    address = place.address
    if days:
        address = place.presigned(timedelta(days=days))  # type: ignore[attr-defined]  # asked for above
        notes.append(
            f"warning: the signed address ends in {days} days; registered, it breaks scale-out from then on "
            "without a word"
        )
    if how.verify:
        notes.append(verified(address, script, how.where.internal))
    return Sent(address, done.changed, tuple(notes))


def _require_ready(script: bytes, name: str, options: Options) -> None:
    code = exit_code(patch_with(script, options).findings)
    if code:
        todo = "ackpatch apply mends that" if code == 1 else "ackpatch check --bootstrap says why"
        raise AckpatchError(f"{name}: not uploaded: kubelet is started without the four values; {todo} (or --no-check)")


def about_readers(place: Place, script: bytes, internal: bool) -> list[str]:
    """Say what is not ours to know about who can read a place."""
    if secrets_in(script.decode("latin-1")) and place.access is Access.UNKNOWN:
        return ["warning: the script holds a join token, and who can read this place is not known here"]
    if place.access is Access.OWNER and not internal:
        return ["note: the object is private: let the bucket's policy give your VPC the right to read it"]
    return []


def told(place: Place, done: Uploaded) -> str:
    """Say what became of the upload, and where it lies."""
    if not done.changed:
        return f"{place.name}: nothing to do: the same content lies there already"
    before = f"; the version before had the ETag {done.before}" if done.before else ""
    return f"{place.name}: written and read back{before}"


def verified(address: str, script: bytes, internal: bool) -> str:
    """Fetch the address as the agent does and compare; says why it could not. Raises AckpatchError."""
    if not address:
        return "not fetched as the agent would: the address is not known; give it with --address"
    if internal:
        return f"not fetched as the agent would: {shown(address)} can be reached inside its VPC only"
    try:
        found = fetch(address)
    except AckpatchError as error:
        raise AckpatchError(
            f"written, but the agent could not fetch it: {error}; --no-verify leaves this out"
        ) from error
    if found != script:
        raise AckpatchError(f"written, but {shown(address)} gives another content; a cache between?")
    return f"{shown(address)}: fetched as the agent does, and the same"
