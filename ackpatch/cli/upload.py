"""``ackpatch upload``: a script to a place that the cluster can reach, checked before and read back after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ackpatch.cli.examine import examine
from ackpatch.cli.files import say
from ackpatch.errors import AckpatchError, UsageError
from ackpatch.join_token import tokens_in
from ackpatch.options import Options
from ackpatch.publish.oss import LONGEST_LIFE
from ackpatch.publish.place import Place, Uploaded, upload
from ackpatch.publish.places import Where, place_of
from ackpatch.publish.web import fetch, shown
from ackpatch.source import read_script


@dataclass(frozen=True, slots=True)
class Uploading:
    """The options of upload."""

    script: str
    where: Where
    force: bool
    allow_public_token: bool
    check: bool
    verify: bool
    presign: int


def run(options: Uploading) -> int:
    """Upload, verify, print the address; raises AckpatchError."""
    place = place_of(options.where)
    script = read_script(options.script)
    if options.presign and not hasattr(place, "presigned"):
        raise UsageError("--presign is for oss:// destinations")
    if options.presign and not 0 < options.presign <= LONGEST_LIFE.days:
        raise UsageError(f"--presign {options.presign}: give days, {LONGEST_LIFE.days} at the most")
    if options.check:
        check(options.script)
    warn(place, script, options.where.internal)
    say(told(place, upload(place, script, force=options.force, allow_public_token=options.allow_public_token)))
    address = _presigned(place, options.presign) if options.presign else place.address
    if options.verify:
        say(verify(address, script, options.where.internal))
    if address:
        print(address)
    return 0


def check(path: str) -> None:
    """Raise AckpatchError where a script is not ready."""
    report = examine(path, Options(bootstrap=True))
    if report.error:
        raise AckpatchError(report.error)
    if report.exit_code:
        todo = "ackpatch apply mends that" if report.exit_code == 1 else "ackpatch check says why"
        raise AckpatchError(f"{path}: not uploaded: kubelet is started without the four values; {todo} (or --no-check)")


def warn(place: Place, script: bytes, internal: bool) -> None:
    """Say what is not ours to know about who can read a place."""
    kind = type(place).__name__
    if tokens_in(script) and kind in ("Web", "Folder"):
        say("warning: the script holds a join token, and who can read this place is not known here")
    elif kind == "Oss" and not place.public and not internal:
        say("note: the object is private: let the bucket's policy give your VPC the right to read it")


def told(place: Place, done: Uploaded) -> str:
    """Say what an upload did."""
    if not done.changed:
        return f"{place.name}: nothing to do: the same content lies there already"
    before = f"; the version before had the ETag {done.before}" if done.before else ""
    return f"{place.name}: written and read back{before}"


def verify(address: str, script: bytes, internal: bool) -> str:
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


def _presigned(place: Place, days: int) -> str:
    url: str = place.presigned(timedelta(days=days))  # type: ignore[attr-defined]  # asked for before
    say(f"warning: the signed address ends in {days} days; registered, it breaks scale-out from then on without a word")
    return url
