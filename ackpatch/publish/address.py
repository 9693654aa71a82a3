"""The address of a script as the cluster's agent takes it."""

from __future__ import annotations

from urllib.parse import urlsplit

from ackpatch.errors import UsageError

LONGEST = 1024  # characters; with a longer one the agent reports nothing at all


def checked_address(url: str) -> str:
    """Give an address that the agent accepts; raises UsageError with the rule that is broken."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url[:60]!r} is no address that the agent takes: it has to begin with http:// or https://")
    if len(url) > LONGEST:
        raise UsageError(f"the address has {len(url)} characters; the agent takes {LONGEST} at the most")
    if any(not "!" <= one <= "~" for one in url):
        raise UsageError("the address holds a blank or a character that has to be encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"the address cannot be read: {error}") from error
    if not parts.hostname or port == 0:
        raise UsageError("the address names no host")
    return url
