"""All steps in one: apply, rehearse, upload, verify, register; it stops at the first that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ackpatch.api import patch_with, prove
from ackpatch.bootstrap.collect import make_join_command, token_command
from ackpatch.bootstrap.join import join_words
from ackpatch.errors import AckpatchError
from ackpatch.hunks import counted
from ackpatch.join_token import tokens_in
from ackpatch.kubectl import Kubectl
from ackpatch.options import Options
from ackpatch.pool.uploading import about_readers, told, verified
from ackpatch.publish import place as storing
from ackpatch.publish import register as registering
from ackpatch.publish.expiry import token_expiry
from ackpatch.publish.place import Place
from ackpatch.publish.places import Where, place_of
from ackpatch.publish.web import shown


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
    edits = counted(len(result.edits), "edit") if result.changed else "no change"
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
        if proof.unstarted:
            raise AckpatchError(f"the rehearsal saw no start of kubelet: {proof.unstarted}; see ackpatch rehearse")
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
        return "; ".join([told(self.place, done), *notes])

    def verify(self) -> str:
        """Fetch it as the agent does."""
        if self.how.dry_run:
            return "left out in a dry run"
        return verified(self.place.address, self.script, self.how.where.internal)

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
