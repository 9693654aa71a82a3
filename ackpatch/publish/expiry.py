"""When a join token ends: the cluster itself knows, in a Secret that bears the token's public half."""

from __future__ import annotations

import base64
from datetime import datetime, timezone

from ackpatch.errors import AckpatchError
from ackpatch.kubectl import Kubectl, KubectlError


def token_expiry(kubectl: Kubectl, token: str) -> datetime | None:
    """The moment when a token ends, None for never; raises AckpatchError, also for one that has ended already."""
    public = token.partition(".")[0]
    try:
        secret = kubectl.json(
            "get", "secret", f"bootstrap-token-{public}", "--namespace", "kube-system", "--output", "json"
        )
    except KubectlError as error:
        if error.reason == "NotFound":
            raise AckpatchError(
                f"the cluster does not know the join token {public}.…: it has expired, or is another's"
            ) from error
        raise
    encoded = (secret.get("data") or {}).get("expiration")
    if not encoded:
        return None
    try:
        moment = datetime.fromisoformat(base64.b64decode(encoded).decode().replace("Z", "+00:00"))
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise AckpatchError(f"the Secret of the join token {public}.… has no readable date") from error
