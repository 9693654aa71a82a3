"""From a cluster to a registered script, as a library: collect, new, upload, register, publish.

Each verb takes plain values and gives one; what it cannot do is an AckpatchError with one clear line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from ackpatch.api import patch_with, prove
from ackpatch.bootstrap.collect import cluster_values, make_join_command, token_command, with_join
from ackpatch.bootstrap.join import join_words
from ackpatch.bootstrap.script import Wishes, write_script
from ackpatch.bootstrap.values import Values
from ackpatch.errors import AckpatchError, UsageError
from ackpatch.join_token import tokens_in
from ackpatch.kubectl import Kubectl
from ackpatch.options import Options
from ackpatch.publish import place as storing
from ackpatch.publish import register as registering
from ackpatch.publish.address import checked_address
from ackpatch.publish.expiry import token_expiry
from ackpatch.publish.oss import LONGEST_LIFE
from ackpatch.publish.place import Access, Place, Uploaded
from ackpatch.publish.places import Where, place_of
from ackpatch.publish.web import fetch, shown
from ackpatch.report.examined import exit_code

__all__ = [
    "Kubectl",
    "Published",
    "Publishing",
    "Sent",
    "Uploading",
    "Values",
    "Where",
    "Wishes",
    "collect",
    "new",
    "publish",
    "register",
    "registered",
    "upload",
]


def collect(kubectl: Kubectl, *, ttl: str = "24h", join_command: str = "") -> Values:
    """Read versions and runtime from a cluster, with a join command: the given one, or one that kubeadm makes here.

    ``ttl`` is how long a new token lives, as in ``24h``; 0 is for ever. Raises AckpatchError.
    """
    token_command(ttl)
    found = cluster_values(kubectl)
    found = with_join(found, join_command or make_join_command(ttl))
    (token,) = tokens_in(found.join_command.encode()) or ("",)
    end = token_expiry(kubectl, token) if token else None
    return replace(found, join_expires=end.isoformat() if end else "")


def new(wishes: Wishes) -> str:
    """Give a bootstrap script from nothing, injection included. Raises UsageError for a wish that cannot be met."""
    return write_script(wishes)


def registered(kubectl: Kubectl) -> str:
    """Give the address that the cluster's agent has; empty for none. Raises AckpatchError."""
    return registering.registered(kubectl).address


def register(kubectl: Kubectl, address: str, *, dry_run: bool = False) -> str:
    """Tell the agent where the script is, or take the address away with an empty one; gives the address before.

    Raises UsageError for an address that the agent would not take, before the cluster is touched, and AckpatchError.
    """
    if address:
        checked_address(address)
    before = registering.registered(kubectl)
    if before.address != address:
        registering.register(kubectl, address, before, dry_run)
    return before.address


# --- upload


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
    notes.append(_told(place, done))
    address = place.address
    if days:
        address = place.presigned(timedelta(days=days))  # type: ignore[attr-defined]  # asked for above
        notes.append(
            f"warning: the signed address ends in {days} days; registered, it breaks scale-out from then on "
            "without a word"
        )
    if how.verify:
        notes.append(_verified(address, script, how.where.internal))
    return Sent(address, done.changed, tuple(notes))


def _require_ready(script: bytes, name: str, options: Options) -> None:
    code = exit_code(patch_with(script, options).findings)
    if code:
        todo = "ackpatch apply mends that" if code == 1 else "ackpatch check --bootstrap says why"
        raise AckpatchError(f"{name}: not uploaded: kubelet is started without the four values; {todo} (or --no-check)")


def about_readers(place: Place, script: bytes, internal: bool) -> list[str]:
    """Say what is not ours to know about who can read a place."""
    if tokens_in(script) and place.access is Access.UNKNOWN:
        return ["warning: the script holds a join token, and who can read this place is not known here"]
    if place.access is Access.OWNER and not internal:
        return ["note: the object is private: let the bucket's policy give your VPC the right to read it"]
    return []


def _told(place: Place, done: Uploaded) -> str:
    if not done.changed:
        return f"{place.name}: nothing to do: the same content lies there already"
    before = f"; the version before had the ETag {done.before}" if done.before else ""
    return f"{place.name}: written and read back{before}"


def _verified(address: str, script: bytes, internal: bool) -> str:
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


# --- publish


@dataclass(frozen=True, slots=True)
class Publishing:
    """What to publish and how. ``name`` is the script's in messages; ``renew`` puts a new join token in."""

    where: Where
    kubectl: Kubectl
    name: str = "script.sh"
    dry_run: bool = False
    renew: bool = False
    ttl: str = "24h"
    rehearse: bool = True
    verify: bool = True
    force: bool = False
    allow_public_token: bool = False
    options: Options = field(default_factory=lambda: Options(bootstrap=True))


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it: the script as it was sent, its address; ``left`` are the steps that were not done.

    ``changed`` names what is not as it was; ``error`` says why a step failed, empty when all were done.
    """

    script: bytes
    address: str
    changed: tuple[str, ...]
    left: tuple[str, ...] = ()
    error: str = ""


def publish(
    script: bytes,
    how: Publishing,
    *,
    write: Callable[[bytes], None],
    agree: Callable[[list[str]], bool],
    tell: Callable[[str], None],
) -> Published:
    """Apply, rehearse, upload, verify and register; stop at the first step that fails.

    The cluster is asked first, and nothing is changed before it has answered. ``agree`` is shown the plan and says
    whether to go on; ``write`` keeps a changed script; ``tell`` hears a line for each step.
    """
    place = place_of(how.where)
    if not place.address:
        raise AckpatchError(f"{place.name}: the agent needs a web address for it: give --address URL")
    before = registering.registered(how.kubectl)
    steps = _Steps(how, place, before, script, script, write)
    names = [name for name, wanted in _wanted(how).items() if wanted]
    if not agree(_plan(steps)):
        return Published(script, "", (), tuple(names), "not agreed to")
    for number, name in enumerate(names):
        try:
            tell(f"{name}: {getattr(steps, name)()}")
        except AckpatchError as error:
            return Published(steps.script, "", tuple(steps.changed), tuple(names[number:]), f"{name}: failed: {error}")
        except BaseException:
            tell(not_done(steps.changed, names[number:]))
            raise
    return Published(steps.script, place.address, tuple(steps.changed))


def not_done(changed: list[str] | tuple[str, ...], left: list[str] | tuple[str, ...]) -> str:
    """Say what is changed and what was not done."""
    return f"changed: {', '.join(changed) or 'nothing'}; not done: {', '.join(left)}"


def _wanted(how: Publishing) -> dict[str, bool]:
    return {
        "renew": how.renew,
        "apply": True,
        "rehearse": how.rehearse,
        "token": True,
        "upload": True,
        "verify": how.verify,
        "register": True,
    }


def _plan(steps: _Steps) -> list[str]:
    result = patch_with(steps.script, steps.how.options)
    edits = f"{len(result.edits)} edits" if result.changed else "no change"
    token = "a new join token, " if steps.how.renew else ""
    now = shown(steps.before.address) or "none"
    return [
        f"script:   {steps.how.name}: {token}{edits}",
        f"upload:   {steps.place.name}",
        f"register: {shown(steps.place.address)} (now: {now})",
    ]


@dataclass(slots=True)
class _Steps:
    """One run: the script as it stands, and what has been changed so far."""

    how: Publishing
    place: Place
    before: registering.Registered
    original: bytes
    script: bytes
    write: Callable[[bytes], None]
    changed: list[str] = field(default_factory=list)

    def renew(self) -> str:
        """Put a new token in the old one's place."""
        tokens = tokens_in(self.script)
        if len(tokens) != 1:
            raise AckpatchError(f"{self.how.name}: has {len(tokens)} join tokens; --renew needs one")
        if self.how.dry_run:
            token_command(self.how.ttl)
            return "would make a new join token"
        cluster = self.how.kubectl
        if cluster.context:
            raise AckpatchError("kubeadm knows no --context: give a --kubeconfig whose current one is the cluster's")
        printed = make_join_command(self.how.ttl, cluster.kubeconfig)
        made = tokens_in(" ".join(join_words(printed)).encode())
        if len(made) != 1:
            raise AckpatchError("kubeadm's join command holds no token")
        # The old token leaves the script only when the cluster knows the new one.
        token_expiry(cluster, made[0])
        self._keep(self.script.replace(tokens[0].encode(), made[0].encode()))
        return f"the join token is a new one: {made[0].partition('.')[0]}.…"

    def apply(self) -> str:
        """Make the script carry the values, unless it does."""
        result = patch_with(self.script, self.how.options)
        if result.errors:
            raise AckpatchError(f"{self.how.name}: {result.errors[0].message}; ackpatch check --bootstrap says more")
        if not result.changed:
            return "nothing to do: every start carries the values"
        if self.how.dry_run:
            self.script = result.patched
            return "would be changed"
        self._keep(result.patched)
        return "written"

    def _keep(self, script: bytes) -> None:
        self.write(script)
        self.script = script
        if self.how.name not in self.changed:
            self.changed.append(self.how.name)

    def rehearse(self) -> str:
        """See that every start gets the values."""
        from ackpatch.rehearse.verdict import VALUES

        proof = prove(self.script, values=VALUES)
        if not proof.holds:
            reasons = [*proof.reasons, *(reason for one in proof.starts for reason in one.reasons)]
            raise AckpatchError(f"the rehearsal does not hold: {reasons[0]}; ackpatch rehearse says more")
        return f"holds: {len(proof.starts)} start(s) of kubelet carry the values"

    def token(self) -> str:
        """Say when the join token ends."""
        if self.how.renew and self.how.dry_run:
            return "left out: the new token is not made in a dry run"
        told = []
        for token in tokens_in(self.script):
            end = token_expiry(self.how.kubectl, token)
            if end is not None and end <= datetime.now(timezone.utc):
                raise AckpatchError(
                    f"the join token {token.partition('.')[0]}.… ended at {end.isoformat()}; use --renew"
                )
            told.append("never expires" if end is None else f"ends at {end.isoformat()}; renew it before")
        return ", ".join(told) or "the script holds none"

    def upload(self) -> str:
        """Put the script where the cluster can reach it."""
        notes = about_readers(self.place, self.script, self.how.where.internal)
        force, public = self.how.force, self.how.allow_public_token
        if self.how.renew and not force:
            # What was published before may be replaced; anything else is somebody else's.
            stored = self.place.current()
            force = stored is not None and stored.content == self.original
        if self.how.dry_run:
            before = storing.looked_at(self.place, self.script, force=force, allow_public_token=public)
            same = before is not None and before.content == self.script
            does = "nothing to do" if same else f"{self.place.name} would be {'replaced' if before else 'written'}"
            return "; ".join([does, *notes])
        done = storing.upload(self.place, self.script, force=force, allow_public_token=public)
        if done.changed:
            self.changed.append(self.place.name)
        return "; ".join([_told(self.place, done), *notes])

    def verify(self) -> str:
        """Fetch it as the agent does."""
        if self.how.dry_run:
            return "left out in a dry run"
        return _verified(self.place.address, self.script, self.how.where.internal)

    def register(self) -> str:
        """Tell the agent where it is."""
        before = registering.registered(self.how.kubectl)
        if before.address == self.place.address:
            return f"nothing to do: {shown(before.address)} is registered"
        registering.register(self.how.kubectl, self.place.address, before, self.how.dry_run)
        if not self.how.dry_run:
            self.changed.append("the ConfigMap ack-agent-config")
        would = "the cluster would take" if self.how.dry_run else "registered"
        return f"{would} {shown(self.place.address)} (before: {shown(before.address) or 'none'})"
