"""Hides secrets in everything that is shown, except the raw diff and the patched script themselves."""

from __future__ import annotations

import re

# Wider than a token of kubeadm: what only looks like one is hidden too.
_TOKEN = re.compile(r"([a-z0-9]{6})([\"']?\.[\"']?)[a-z0-9]{16}(?![a-z0-9])")
# Options and headers whose value is a secret.
SECRET_OPTIONS = (
    "--certificate-key",
    "--password",
    "--secret",
    "--http-password",
    "--access-key-secret",
    "--secret-access-key",
    "--bootstrap-token",
    "--agent-token",
    "--token",
)
_SETTING = r"\b\w*(?:TOKEN|PASSWORD|PASSWD|SECRET|SECRET_KEY|ACCESS_KEY)="
_VALUES = (
    # A variable is no secret.
    re.compile(r"((?:" + "|".join(SECRET_OPTIONS) + r")[= ]+[\"']?)(?![\"'$]|[a-z0-9]{6}[\"']?\.[\"']?\*)[^\s\"']+"),
    # Settings by their names, between quotes with blanks too, and the value of one in a file of settings.
    re.compile(rf"({_SETTING}')(?!\$)[^'\n]{{4,}}(?=')"),
    re.compile(rf'({_SETTING}")(?!\$)[^"$`\n]{{4,}}(?=")'),
    re.compile(
        rf"({_SETTING}[\"']?)"
        r"(?![\"'$]|[a-z0-9]{6}[\"']?\.[\"']?\*)[^\s\"'$;&|)]{4,}"
    ),
    re.compile(r"(^[-+ ]?[ \t]*(?:agent-)?token:[ \t]*[\"']?)(?![\"'$]|[a-z0-9]{6}\.\*)[^\s\"'$]{8,}", re.MULTILINE),
    re.compile(r"(\bK10[0-9a-f]{4})[0-9a-f]{12,}::[\w-]+:[\w.-]+"),
    re.compile(r"(\bH4sI)[A-Za-z0-9+/]{40,}=*"),
    re.compile(r"(\b[Bb]earer +)[^\s\"']+"),
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),
    re.compile(r"((?:^|\s)(?:-u|--user)[= ]?[^\s:\"'()]+:)(?!\$)[^\s\"']+"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What a runner of workflows takes for a command: at the begin of a line, after blanks too; an older form anywhere.
_WORKFLOW = re.compile(r"^[ \t]*:(?=:)|##(?=\[)")


def masked(text: str) -> str:
    """The text with the secret half of join tokens, keys, passwords and bearer tokens replaced by stars."""
    text = _TOKEN.sub(r"\1\2****************", text)
    for pattern in _VALUES:
        text = pattern.sub(r"\1****", text)
    return text


def masked_bytes(data: bytes) -> bytes:
    """The same for bytes of any encoding."""
    return masked(data.decode("latin-1")).encode("latin-1")


def masked_words(words: list[str]) -> list[str]:
    """The words of one command with their secrets replaced; the value of an option may be a word of its own."""
    shown, before = [], ""
    for word in words:
        secret = before in SECRET_OPTIONS
        user = before in ("-u", "--user") and ":" in word
        known = masked(word)  # of kubeadm's token the public half is shown
        shown.append("****" if secret and known == word else f"{word.partition(':')[0]}:****" if user else known)
        before = word
    return shown


def printable(text: str) -> str:
    """A line with control characters written out, newlines too: what comes from a path, a script or a server can
    neither steer a terminal nor begin a line of its own, nor be a command of a workflow's runner.
    """
    return _WORKFLOW.sub(_last_escaped, _CONTROL.sub(_last_escaped, text))


def _last_escaped(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}\\x{ord(match[0][-1]):02x}"


def printable_lines(data: bytes) -> bytes:
    """The lines of a text in which every one is printable; for one that says so all bytes are the same."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return "\n".join(map(printable, lines)).encode("utf-8", "surrogateescape")


def file_name(path: str) -> str:
    """A path as a line of output may begin with it: none is a command of a workflow's runner."""
    return f"./{path}" if path.startswith((":", "#")) else path
