"""What a k3s or RKE2 agent gives kubelet, from its files of settings and its command line.

Files come in the order config.yaml, then config.yaml.d by name; the last value of a key counts, ``key+`` adds to a
list, a plain ``key`` throws away what was gathered. The command line comes after the files: a single value there
counts, lists are kept from both.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

Settings = dict[str, list[str]]
_LISTS = frozenset({"node-label", "node-taint", "kubelet-arg"})
_KEY = re.compile(r"(?P<key>[\w.-]+\+?):(?:\s+(?P<value>.*))?$")


def settings(files: Mapping[str, bytes], config: str) -> Settings:
    """Read the files of settings below ``config`` and ``config.d``; raises ValueError for what is no plain YAML."""
    folder = f"{config}.d/"
    inside = sorted(
        path for path in files if path.startswith(folder) and "/" not in path[len(folder) :]
        and path.endswith((".yaml", ".yml"))
    )  # fmt: skip
    found: Settings = {}
    for path in ([config] if config in files else []) + inside:
        for key, values in read_yaml(files[path].decode("utf-8", "replace")).items():
            name = key.removesuffix("+")
            found[name] = [*found.get(name, []), *values] if key.endswith("+") else values
    return found


def read_yaml(text: str) -> Settings:
    """Read a mapping of keys to scalars or lists of scalars; raises ValueError for anything else."""
    found: Settings = {}
    key = ""
    for line in text.splitlines():
        stripped = _uncommented(line).strip()
        if not stripped or stripped in ("---", "..."):
            continue
        if stripped == "-" or stripped.startswith("- "):
            if not key:
                raise ValueError(f"an item without a key: {line}")
            found[key].append(_scalar(stripped[1:].strip()))
            continue
        match = _KEY.fullmatch(stripped)
        if match is None or line[:1].isspace():
            raise ValueError(f"not understood: {line}")
        key, value = match["key"], (match["value"] or "").strip()
        if key in found:
            raise ValueError(f"the key {key} stands twice")
        if value.startswith("["):
            found[key] = [_scalar(one) for one in _flow(value)]
        else:
            found[key] = [_scalar(value)] if value else []
    return found


def _uncommented(line: str) -> str:
    quote = ""
    for number, one in enumerate(line):
        if quote:
            quote = "" if one == quote else quote
        elif one in "'\"":
            quote = one
        elif one == "#" and (number == 0 or line[number - 1].isspace()):
            return line[:number]
    return line


def _flow(value: str) -> list[str]:
    if not value.endswith("]"):
        raise ValueError(f"not understood: {value}")
    return [one.strip() for one in value[1:-1].split(",") if one.strip()]


def _scalar(text: str) -> str:
    if text[:1] == "'" and text[-1:] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text[:1] == '"' and text[-1:] == '"' and len(text) > 1:
        return text[1:-1]
    if text[:1] in "'\"&*!|>{%@`" and text:
        raise ValueError(f"not understood: {text}")
    return text


def kubelet_arguments(
    make: str, arguments: Sequence[str], files: Mapping[str, bytes], variables: Mapping[str, str], host: str
) -> list[str]:
    """The words of kubelet's command line; ``arguments`` are those after ``agent``. Raises ValueError."""
    line = _command_line(arguments)
    config = (line.get("config") or [variables.get(f"{make.upper()}_CONFIG_FILE", "")])[-1]
    known = settings(files, config or f"/etc/rancher/{make}/config.yaml")
    for key, values in line.items():
        known[key] = [*known.get(key, []), *values] if key in _LISTS else values
    named = known.get("node-name") or [variables.get(f"{make.upper()}_NODE_NAME", "") or host]
    name = named[-1].lower()
    if (known.get("with-node-id") or ["false"])[-1] not in ("false", "no"):
        name += "-0123abcd"
    flags: dict[str, list[str]] = {"hostname-override": [name]}
    for key, flag in (("node-label", "node-labels"), ("node-taint", "register-with-taints")):
        if any(not one for one in known.get(key, [])):
            raise ValueError(f"an empty item of {key}")
        if known.get(key):
            flags[flag] = [",".join(known[key])]
    for item in known.get("kubelet-arg", []):
        flag, _, value = item.removeprefix("--").partition("=")
        flags[flag] = [value]
    return [f"--{flag}={value}" for flag, values in flags.items() for value in values]


def worker_arguments(arguments: Sequence[str], host: str) -> list[str]:
    """The words of kubelet's command line that a k0s worker makes of the options after ``worker``.

    ``--labels`` and ``--taints`` may stand more than once; ``--kubelet-extra-args`` is split at spaces, the last option
    of a name in it counts, and its name of the node is taken for everything.
    """
    line = _command_line(arguments)
    labels = dict(one.partition("=")[::2] for value in line.get("labels", []) for one in value.split(",") if one)
    taints = [one for value in line.get("taints", []) for one in value.split(",") if one]
    extra = (line.get("kubelet-extra-args") or [""])[-1]
    flags = {"--node-labels": ",".join(f"{key}={value}" for key, value in labels.items())} if labels else {}
    flags |= dict(one.partition("=")[::2] for one in extra.split())
    flags["--hostname-override"] = flags.get("--hostname-override") or host
    if taints:
        flags["--register-with-taints"] = ",".join(taints)
    return [f"{flag}={value}" for flag, value in flags.items()]


def _command_line(arguments: Sequence[str]) -> Settings:
    found: Settings = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            continue
        key, equals, value = word.lstrip("-").partition("=")
        key = {"c": "config"}.get(key, key)
        if not equals:
            takes = key == "kubelet-extra-args" or (key != "with-node-id" and not "".join(rest[:1]).startswith("-"))
            value = rest.pop(0) if rest and takes else "true"
        found.setdefault(key, []).append(value)
    return found


def as_shell(words: Sequence[str]) -> str:
    """The words as one line that a shell reads back."""
    return shlex.join(words) + "\n"
