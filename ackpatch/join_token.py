"""kubeadm's join token: six characters that are public, a dot, sixteen that are the secret."""

from __future__ import annotations

import re

# After a slash stands a host or a file of that shape; a sentence may end after a token.
TOKEN = re.compile(r"(?:(?<![\w./@-])|(?<=\\[nt]))([a-z0-9]{6})\.[a-z0-9]{16}(?!\w|[./]\w)")


def tokens_in(script: bytes) -> list[str]:
    """The different tokens of a script, in the order in which they stand there."""
    return list(dict.fromkeys(match[0] for match in TOKEN.finditer(script.decode("latin-1"))))
