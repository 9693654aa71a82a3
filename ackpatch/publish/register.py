"""The address of the script in the ConfigMap that the cluster's agent reads every minute."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ackpatch.errors import AckpatchError
from ackpatch.kubectl import Kubectl, KubectlError
from ackpatch.publish.address import checked_address

NAMESPACE, NAME, KEY = "kube-system", "ack-agent-config", "addNodeScriptPath"
MISSING = (
    f"there is no ConfigMap {NAME} in namespace {NAMESPACE}: is this a registered cluster of ACK One, and its agent "
    f"installed? Look at: kubectl -n {NAMESPACE} get deployments,configmaps"
)


@dataclass(frozen=True, slots=True)
class Registered:
    """The registered address (empty for none) and the version of the ConfigMap that it was read from."""

    address: str
    version: str


def registered(kubectl: Kubectl) -> Registered:
    """Read the ConfigMap; raises AckpatchError."""
    try:
        found = kubectl.json("get", "configmap", NAME, "--namespace", NAMESPACE, "--output", "json")
    except KubectlError as error:
        raise AckpatchError(MISSING) if error.reason == "NotFound" else error from error
    return _read(found)


def _read(configmap: dict[str, Any]) -> Registered:
    data, metadata = configmap.get("data") or {}, configmap.get("metadata") or {}
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        raise AckpatchError(f"the cluster's answer for the ConfigMap {NAME} cannot be read")
    return Registered(str(data.get(KEY) or ""), str(metadata.get("resourceVersion") or ""))


def register(kubectl: Kubectl, address: str, before: Registered, dry_run: bool = False) -> Registered:
    """Set the address, or take it away with an empty one; all other keys stay.

    The patch carries the version that was read: somebody else's change in between is an error and not lost. Raises
    UsageError for an address that the agent would not take, before the cluster is touched, and AckpatchError.
    """
    if address:
        checked_address(address)
    patch = {"metadata": {"resourceVersion": before.version}, "data": {KEY: address}}
    words = ["patch", "configmap", NAME, "--namespace", NAMESPACE, "--type", "merge", "--patch", json.dumps(patch)]
    words += ["--dry-run=server"] if dry_run else []
    try:
        after = _read(kubectl.json(*words, "--output", "json"))
    except KubectlError as error:
        if error.reason == "Conflict":
            raise AckpatchError("the ConfigMap was changed by somebody else just now; nothing was written") from error
        raise AckpatchError(MISSING) if error.reason == "NotFound" else error from error
    if after.address != address:
        raise AckpatchError(f"the cluster answered, but its {KEY} is {after.address or 'empty'!r}; look at {NAME}")
    return after
