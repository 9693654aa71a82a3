"""What asks the cluster: collect, register; and new, which makes a script of what was collected."""

from __future__ import annotations

from dataclasses import replace

from ackpatch.bootstrap.collect import cluster_values, make_join_command, token_command, with_join
from ackpatch.bootstrap.script import NodeSetup, write_script
from ackpatch.bootstrap.values import Values
from ackpatch.join_token import tokens_in
from ackpatch.kubectl import Kubectl
from ackpatch.publish import register as registering
from ackpatch.publish.address import checked_address
from ackpatch.publish.expiry import token_expiry


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


def new(setup: NodeSetup) -> str:
    """A bootstrap script from nothing, injection included. Raises UsageError for a wish that cannot be met."""
    return write_script(setup)


def registered(kubectl: Kubectl) -> str:
    """The address that the cluster's agent has; empty for none. Raises AckpatchError."""
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
