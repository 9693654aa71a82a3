"""``ackpatch publish``: from a script to a registered one, step by step; what was done is told when a step fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone

from ackpatch.api import prove
from ackpatch.bootstrap.collect import make_join_command, token_command
from ackpatch.bootstrap.join import join_words
from ackpatch.cli import upload as uploading
from ackpatch.cli.examine import examine_bytes
from ackpatch.cli.files import say
from ackpatch.errors import AckpatchError
from ackpatch.join_token import tokens_in
from ackpatch.kubectl import Kubectl
from ackpatch.options import Options
from ackpatch.publish.expiry import token_expiry
from ackpatch.publish.place import Place, looked_at, upload
from ackpatch.publish.places import Where, place_of
from ackpatch.publish.register import register, registered
from ackpatch.publish.web import shown
from ackpatch.source import read_script, replace_file


@dataclass(frozen=True, slots=True)
class Publishing:
    """The options of publish."""

    script: str
    where: Where
    kubectl: Kubectl
    dry_run: bool
    renew: bool
    ttl: str
    rehearse: bool
    verify: bool
    force: bool
    allow_public_token: bool


@dataclass(slots=True)
class _Steps:
    """One run: the script as it stands, and what has been changed so far."""

    options: Publishing
    place: Place
    script: bytes
    before: bytes
    changed: list[str] = field(default_factory=list)

    def renew(self) -> str:
        """Put a new token in the old one's place."""
        tokens = tokens_in(self.script)
        if len(tokens) != 1:
            raise AckpatchError(f"{self.options.script}: has {len(tokens)} join tokens; --renew needs one")
        if self.options.dry_run:
            token_command(self.options.ttl)
            return "would make a new join token"
        cluster = self.options.kubectl
        if cluster.context:
            raise AckpatchError("kubeadm knows no --context: give a --kubeconfig whose current one is the cluster's")
        printed = make_join_command(self.options.ttl, cluster.kubeconfig)
        new = tokens_in(" ".join(join_words(printed)).encode())
        if len(new) != 1:
            raise AckpatchError("kubeadm's join command holds no token")
        # The old token leaves the script only when the cluster knows the new one.
        token_expiry(cluster, new[0])
        self._write(self.script.replace(tokens[0].encode(), new[0].encode()))
        return f"the join token is a new one: {new[0].partition('.')[0]}.…"

    def apply(self) -> str:
        """Make the script carry the values, unless it does."""
        result = examine_bytes(self.options.script, self.script, Options(bootstrap=True)).result
        assert result is not None
        if result.errors:
            raise AckpatchError(f"{self.options.script}: {result.errors[0].message}; ackpatch check says more")
        if not result.changed:
            return "nothing to do: every start carries the values"
        if self.options.dry_run:
            self.script = result.patched
            return "would be changed"
        self._write(result.patched)
        return "written"

    def _write(self, script: bytes) -> None:
        replace_file(self.options.script, script)
        self.script = script
        if self.options.script not in self.changed:
            self.changed.append(self.options.script)

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
        if self.options.renew and self.options.dry_run:
            return "left out: the new token is not made in a dry run"
        tokens = tokens_in(self.script)
        told = []
        for token in tokens:
            end = token_expiry(self.options.kubectl, token)
            if end is not None and end <= datetime.now(timezone.utc):
                raise AckpatchError(
                    f"the join token {token.partition('.')[0]}.… ended at {end.isoformat()}; use --renew"
                )
            told.append("never expires" if end is None else f"ends at {end.isoformat()}; renew it before")
        return ", ".join(told) or "the script holds none"

    def upload(self) -> str:
        """Put the script where the cluster can reach it."""
        uploading.warn(self.place, self.script, self.options.where.internal)
        force, public = self.options.force, self.options.allow_public_token
        if self.options.renew and not force:
            # What was published before may be replaced; anything else is somebody else's.
            stored = self.place.current()
            force = stored is not None and stored.content == self.before
        if self.options.dry_run:
            before = looked_at(self.place, self.script, force=force, allow_public_token=public)
            same = before is not None and before.content == self.script
            return "nothing to do" if same else f"{self.place.name} would be {'replaced' if before else 'written'}"
        done = upload(self.place, self.script, force=force, allow_public_token=public)
        if done.changed:
            self.changed.append(self.place.name)
        return uploading.told(self.place, done)

    def verify(self) -> str:
        """Fetch it as the agent does."""
        if self.options.dry_run:
            return "left out in a dry run"
        return uploading.verify(self.place.address, self.script, self.options.where.internal)

    def register(self) -> str:
        """Tell the agent where it is."""
        before = registered(self.options.kubectl)
        if before.address == self.place.address:
            return f"nothing to do: {shown(before.address)} is registered"
        register(self.options.kubectl, self.place.address, before, self.options.dry_run)
        if not self.options.dry_run:
            self.changed.append("the ConfigMap ack-agent-config")
        would = "the cluster would take" if self.options.dry_run else "registered"
        return f"{would} {shown(self.place.address)} (before: {shown(before.address) or 'none'})"


def run(options: Publishing) -> int:
    """Go through the steps and stop at the first that fails; then say what is changed and what is not."""
    place = place_of(options.where)
    if not place.address:
        raise AckpatchError(f"{place.name}: the agent needs a web address for it: give --address URL")
    script = read_script(options.script)
    steps = _Steps(options, place, script, script)
    wanted = {"renew": options.renew, "rehearse": options.rehearse, "verify": options.verify}
    names = [
        name
        for name in ("renew", "apply", "rehearse", "token", "upload", "verify", "register")
        if wanted.get(name, True)
    ]
    for number, name in enumerate(names):
        try:
            say(f"{name}: {getattr(steps, name)()}")
        except AckpatchError as error:
            say(f"{name}: failed: {error}")
            return _stopped(steps, names[number:])
        except BaseException:
            _stopped(steps, names[number:])
            raise
    if not options.dry_run:
        print(place.address)
    return 0


def _stopped(steps: _Steps, left: list[str]) -> int:
    """Say what is changed and what was not done."""
    say(f"changed: {', '.join(steps.changed) or 'nothing'}; not done: {', '.join(left)}")
    return 2
