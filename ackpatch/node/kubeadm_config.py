"""The part of a kubeadm ``--config`` file that reaches kubelet: nodeRegistration's name, taints and extra arguments.

Read with a small subset of YAML: maps and lists by indentation, several documents, plain and quoted scalars, comments,
and the inline forms ``{}``, ``[]``, ``{a: b}``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("JoinConfiguration", "InitConfiguration", "NodeConfiguration", "MasterConfiguration")

DEFAULTS = {
    "container-runtime-endpoint": "unix:///run/containerd/containerd.sock",
    "pod-infra-container-image": "registry.example/pause:3.9",
}

Yaml = str | dict[str, "Yaml"] | list["Yaml"]
Line = tuple[int, str]


@dataclass(frozen=True)
class NodeRegistration:
    """``name`` and the runtime's ``socket`` if the file gives them; ``flags`` are what it gives kubelet besides."""

    name: str | None
    flags: Mapping[str, str]
    socket: str = ""


def kubelet_arguments(registration: NodeRegistration, name: str, host: str, socket: str = "") -> str:
    """What ``kubeadm join`` puts into KUBELET_KUBEADM_ARGS; the name only where it is not the host's. ``socket``: the
    container runtime's, as an option gives it.
    """
    flags = dict(DEFAULTS)
    chosen = socket or registration.socket
    if chosen:
        flags["container-runtime-endpoint"] = chosen if "://" in chosen else f"unix://{chosen}"
    if name != host:
        flags["hostname-override"] = name
    flags |= registration.flags
    return " ".join(f"--{flag}={value}" for flag, value in sorted(flags.items()))


def read(text: str) -> NodeRegistration:
    """Read the nodeRegistration of the join or init document of a kubeadm configuration."""
    for document in re.split(r"(?m)^---.*$", text):
        content = _parse(_lines(document))
        if isinstance(content, dict) and content.get("kind") in KINDS:
            registration = content.get("nodeRegistration")
            if isinstance(registration, dict):
                return _registration(registration)
    return NodeRegistration(None, {})


def kubelet_taints(text: str) -> list[str]:
    """Give ``registerWithTaints`` of kubelet's own configuration, as ``key=value:Effect``; a flag replaces all of them.

    Source: kubelet reads its command line once more after the file.
    """
    found = []
    for document in re.split(r"(?m)^---.*$", text) if "KubeletConfiguration" in text else ():
        content = _parse(_lines(document))
        taints = content.get("registerWithTaints") if isinstance(content, dict) else None
        if isinstance(content, dict) and content.get("kind") == "KubeletConfiguration" and isinstance(taints, list):
            found += [_taint(item) for item in taints if isinstance(item, dict)]
    return found


def _registration(content: dict[str, Yaml]) -> NodeRegistration:
    flags = _extra_arguments(content.get("kubeletExtraArgs", {}))
    taints = content.get("taints")
    if isinstance(taints, list) and taints:
        flags.setdefault("register-with-taints", ",".join(_taint(item) for item in taints if isinstance(item, dict)))
    name, socket = content.get("name"), content.get("criSocket")
    return NodeRegistration(name if isinstance(name, str) and name else None, flags, str(socket or ""))


def _extra_arguments(content: Yaml) -> dict[str, str]:
    """A map, or from v1beta4 on a list of name and value."""
    if isinstance(content, dict):
        return {key: value for key, value in content.items() if isinstance(value, str)}
    pairs = [item for item in content if isinstance(item, dict)]
    return {str(item.get("name", "")): str(item.get("value", "")) for item in pairs}


def _taint(content: dict[str, Yaml]) -> str:
    value = content.get("value")
    return f"{content.get('key', '')}{f'={value}' if value else ''}:{content.get('effect', '')}"


def _lines(document: str) -> list[Line]:
    found = []
    for line in document.expandtabs().splitlines():
        text = re.sub(r"(^|\s)#.*$", "", line).rstrip()
        if text.strip():
            found.append((len(text) - len(text.lstrip()), text.strip()))
    return found


def _parse(lines: list[Line]) -> Yaml:
    """One block, which takes lines off the list as long as they belong to it."""
    if not lines:
        return ""
    indent, first = lines[0]
    if first.startswith("- ") or first == "-":
        return _parse_list(lines, indent)
    if _split(first) is None:
        lines.pop(0)
        return _scalar(first)
    return _parse_map(lines, indent)


def _parse_list(lines: list[Line], indent: int) -> list[Yaml]:
    items: list[Yaml] = []
    while lines and lines[0][0] == indent and lines[0][1][:2] in ("- ", "-"):
        rest = lines[0][1][1:]
        text = rest.lstrip()
        if text:
            lines[0] = (indent + 1 + len(rest) - len(text), text)
            items.append(_parse(lines))
        else:
            lines.pop(0)
            items.append(_parse(lines) if lines and lines[0][0] > indent else "")
    return items


def _parse_map(lines: list[Line], indent: int) -> dict[str, Yaml]:
    content: dict[str, Yaml] = {}
    while lines and lines[0][0] == indent:
        pair = _split(lines[0][1])
        if pair is None:
            break
        lines.pop(0)
        key, text = pair
        is_list = bool(lines) and lines[0][0] == indent and lines[0][1].startswith("-")
        if text:
            content[key] = _scalar(text)
        elif lines and (lines[0][0] > indent or is_list):
            content[key] = _parse(lines)
        else:
            content[key] = ""
    return content


def _split(text: str) -> tuple[str, str] | None:
    match = re.match(r"""("[^"]*"|'[^']*'|[^\s"'{\[][^:]*?)\s*:(?:\s+(.*))?$""", text)
    return (match.group(1).strip("\"'"), match.group(2) or "") if match else None


def _scalar(text: str) -> Yaml:
    if text[:1] in "\"'" and text[-1:] == text[:1] and len(text) > 1:
        return text[1:-1]
    if text.startswith("{") and text.endswith("}"):
        pairs = (_split(piece) for piece in _pieces(text[1:-1]))
        return {key: _scalar(value) for key, value in (pair for pair in pairs if pair)}
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(piece) for piece in _pieces(text[1:-1])]
    return text


def _pieces(text: str) -> list[str]:
    """Split an inline form at the commas that stand in no brackets and no quotes of its own."""
    found, depth, quote, start = [], 0, "", 0
    for number, one in enumerate(f"{text},"):
        if quote or one in "\"'":
            quote = "" if one == quote else quote or one
        elif one in "[{":
            depth += 1
        elif one in "]}":
            depth -= 1
        elif one == "," and depth <= 0:
            found.append(text[start:number].strip())
            start = number + 1
    return [one for one in found if one]
