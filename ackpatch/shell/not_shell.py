"""What is no shell script, told by its name, its first line or its shape; and templates of one."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from enum import Enum


class NotShell(Enum):
    """What a file is instead of a shell script; the value ends the sentence "this is …: …"."""

    INTERPRETER = "written for another interpreter than a shell: patch the shell script that it runs"
    CLOUD_CONFIG = "cloud-config or MIME: patch the script inside, as a file of its own"
    YAML = "YAML: patch the script inside, as a file of its own"
    JSON = "JSON: patch the script inside, as a file of its own"
    MAKEFILE = "a Makefile: patch the script that it runs"
    UNIT = "a systemd unit: patch the script that installs it"
    POWERSHELL = "PowerShell: a registered cluster's nodes run a shell script"
    OTHER = "another language by its name: patch the shell script inside, as a file of its own"
    PROSE = "a text for people"
    ENCODED = "an encoded text: decode it first"
    TEMPLATE = "a template: render it first, and patch the result"


_NAMES = {
    NotShell.TEMPLATE: (".tftpl", ".tpl", ".j2", ".jinja", ".jinja2", ".tmpl", ".erb", ".gotmpl"),
    NotShell.YAML: (".yaml", ".yml", ".bu"),
    NotShell.JSON: (".json", ".ign"),
    NotShell.UNIT: (".service", ".socket", ".timer", ".target", ".mount"),
    NotShell.POWERSHELL: (".ps1", ".psm1"),
    NotShell.PROSE: (".md", ".rst", ".adoc"),
    NotShell.MAKEFILE: (".mk",),
    NotShell.OTHER: (
        ".tf",
        ".hcl",
        ".py",
        ".pl",
        ".rb",
        ".go",
        ".js",
        ".fish",
        ".zsh",
        ".lua",
        ".php",
        ".bat",
        ".cmd",
        ".dockerfile",
    ),
}
_WHOLE_NAMES = {
    "makefile": NotShell.MAKEFILE,
    "gnumakefile": NotShell.MAKEFILE,
    "vagrantfile": NotShell.OTHER,
    "dockerfile": NotShell.OTHER,
    "jenkinsfile": NotShell.OTHER,
}
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "busybox"})
_SHEBANG = re.compile(rb"#![ \t]*(\S+)[ \t]*(.*)")
_MAPPING = re.compile(rb"(?:- )?[A-Za-z_][\w./-]*:(?:[ \t]|$)")
_SECTION = re.compile(rb"\[(?:Unit|Service|Install|Socket|Timer)\][ \t]*$")
_POWERSHELL = re.compile(
    rb"^[ \t]*(?:param[ \t]*\(|\$\w+[ \t]*=[ \t]*[\"'$@\[(]|\$env:|New-Item\b|Write-Host\b|Set-\w+ )", re.MULTILINE
)
_BLOCK = re.compile(
    rb"^(?:resource|variable|source|build|locals|terraform|provider|packer)\b[^\n]*\{[ \t]*$", re.MULTILINE
)
_IMAGE = re.compile(rb"^FROM[ \t]+\S+.*\n(?:.*\n)*?(?:RUN|COPY|ADD|CMD|ENTRYPOINT)[ \t]", re.MULTILINE | re.IGNORECASE)
_RULE = re.compile(rb"^(?:\.PHONY|[\w./-]+):[^\n=]*\n\t", re.MULTILINE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
# Directives of Jinja, Go, Terraform and ERB that begin a line; shell words never do.
_DIRECTIVE = re.compile(
    rb"^[ \t]*(?:\{% |\{%- |\{\{-? ?(?:(?:if|range|end|with|define|template)\b|/\*)|"
    rb"%\{~? ?(?:if|for|else|end)|<%[=-]? )",
    re.MULTILINE,
)


# The lines of a here-document: a script may write a template.
_WRITTEN = re.compile(rb"<<-?[ \t]*([\"']?)([A-Za-z_]\w*)\1[^\n]*\n(?:(?![ \t]*\2[ \t]*$)[^\n]*\n)*", re.MULTILINE)


def what_it_is(data: bytes, path: str = "") -> NotShell | None:
    """Say what a file is if it is surely no shell script; ``path`` is its name, if it has one."""
    shebang = _SHEBANG.match(data)
    if shebang is not None and not _is_shell(shebang[1], shebang[2]):
        return NotShell.INTERPRETER
    name = os.path.basename(path).lower()
    by_name = next((kind for kind, ends in _NAMES.items() if name.endswith(ends)), _WHOLE_NAMES.get(name))
    if by_name is NotShell.TEMPLATE or (by_name is not None and shebang is None):
        return by_name
    if shebang is None:
        found = _by_shape(data)
        if found is not None:
            return found
    return NotShell.TEMPLATE if _DIRECTIVE.search(_WRITTEN.sub(b"", data)) else None


def _is_shell(program: bytes, rest: bytes) -> bool:
    words = [os.path.basename(program.decode("latin-1"))]
    if words == ["env"]:
        words = [w for w in rest.decode("latin-1").split() if not w.startswith("-") and "=" not in w][:1] or ["sh"]
    return os.path.basename(words[0]) in _SHELLS


def _by_shape(data: bytes) -> NotShell | None:
    lines = [line.rstrip() for line in data.split(b"\n")]
    first = lines[0]
    if first.startswith(
        (b"#cloud-config", b"#cloud-boothook", b"#include", b"## template: jinja", b"Content-Type:", b"MIME-Version:")
    ):
        return NotShell.CLOUD_CONFIG
    said = [line for line in lines if line.strip() and not line.lstrip().startswith(b"#")]
    if not said:
        return None
    if said[0] == b"---" or _MAPPING.match(said[0]):
        return NotShell.YAML
    if said[0][:1] in (b"{", b"[") and _is_json(data):
        return NotShell.JSON
    if _SECTION.match(said[0]):
        return NotShell.UNIT
    if _BLOCK.search(data) or said[0].lower().startswith(b"@echo off") or _IMAGE.search(data):
        return NotShell.OTHER
    if _RULE.search(data):
        return NotShell.MAKEFILE
    if len(_POWERSHELL.findall(data)) > 1:
        return NotShell.POWERSHELL
    if len(data) > 40 and len(said[0]) > 30 and _BASE64.fullmatch(data) and b" " not in data:
        return NotShell.ENCODED
    return None


def decoded(data: bytes) -> bytes:
    """What an encoded text says, unpacked where it is packed; empty where it cannot be read."""
    try:
        text = base64.b64decode(data)
        return gzip.decompress(text) if text.startswith(b"\x1f\x8b") else text
    except (ValueError, OSError, EOFError):
        return b""


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
