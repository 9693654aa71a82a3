"""The address of a script as the cluster's agent takes it."""

from __future__ import annotations

from urllib.parse import urlsplit

from ackpatch.errors import UsageError

LONGEST = 1024  # characters; with a longer one the agent reports nothing at all


def checked_address(url: str) -> str:
    """An address that the agent accepts; raises UsageError with the rule that is broken."""
    if not url.startswith(("http://", "https://")):
        scheme = url.partition("://")[0] if "://" in url else "nothing"
        raise UsageError(
            f"the agent takes addresses that begin with http:// or https://; this one begins with {scheme[:20]!r}"
        )
    if len(url) > LONGEST:
        raise UsageError(f"the address has {len(url)} characters; the agent takes {LONGEST} at the most")
    if any(not "!" <= one <= "~" for one in url):
        raise UsageError("the address holds a blank or a character that has to be encoded")
    try:
        parts = urlsplit(url)
        port = None if "@" in parts.netloc else parts.port
    except ValueError as error:
        raise UsageError(f"the address cannot be read: {error}") from error
    if "@" in parts.netloc:
        raise UsageError("the address holds a name or a password, which every reader of the ConfigMap would see")
    if parts.fragment or url.endswith("#"):
        raise UsageError("the address has a fragment (#), which is never sent to a server")
    if not parts.hostname or port == 0:
        raise UsageError("the address names no host")
    return url
