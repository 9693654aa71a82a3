"""What the arguments of kubelet have to be after the block, worked out from the ones before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ackpatch.rehearse import view
from ackpatch.rehearse.environment_file import parse_environment_file
from ackpatch.rehearse.systemd_words import Escapes, words

from .ground import LABELS, NAME, PROVIDER_ID, TAINTS

FLAGS = {
    "provider-id": PROVIDER_ID,
    "hostname-override": NAME,
    "node-labels": LABELS,
    "register-with-taints": TAINTS,
}
VARIABLE = "KUBELET_EXTRA_ARGS"
# Where readings differ: 241 (escapes in quotes) and 254 (a backslash at the end of a comment).
VERSIONS = (219, 252, 255)


def variables(content: bytes, version: int) -> dict[str, str]:
    return parse_environment_file(content.decode("utf-8", "surrogateescape"), version)


def extra_arguments(content: bytes, version: int) -> list[str]:
    """What ``$KUBELET_EXTRA_ARGS`` gives on kubelet's command line."""
    return list(words(variables(content, version).get(VARIABLE, ""), Escapes.PROTECT, relaxed=True))


def others(arguments: Sequence[str]) -> list[str]:
    """The arguments that belong to none of the four flags, in order."""
    kept: list[str] = []
    skip = False
    for word in arguments:
        name, equals, _ = word.partition("=")
        if skip:
            skip = False
        elif name.startswith("--") and name[2:].replace("_", "-") in FLAGS:
            skip = not equals
        else:
            kept.append(word)
    return kept


def problems(old: Sequence[str], new: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with the arguments ``new``, which came out of ``old`` and the injected values."""
    found = []
    before, after = view(["kubelet", *old]), view(["kubelet", *new])
    if others(old) != others(new):
        found.append(f"other arguments: {others(old)} became {others(new)}")
    for flag, variable in FLAGS.items():
        want = 1 if values.get(variable) else before.counts[f"--{flag}"]
        if after.counts[f"--{flag}"] != want:
            found.append(f"--{flag} occurs {after.counts[f'--{flag}']} times, not {want}")
    pairs = [
        ("provider ID", after.provider_id, values.get(PROVIDER_ID) or before.provider_id),
        ("name", after.hostname_override, values.get(NAME) or before.hostname_override),
        ("labels", dict(after.labels), {**before.labels, **labels(values.get(LABELS, ""))}),
        ("taints", taints(after.taints), {**taints(before.taints), **taints(values.get(TAINTS, "").split(","))}),
    ]
    found += [f"{what}: {is_!r}, not {want!r}" for what, is_, want in pairs if is_ != want]
    if after.exits and not before.exits:
        found.append(f"kubelet would exit: {after.exits}")
    return found


def labels(text: str) -> dict[str, str]:
    return dict(item.split("=", 1) for item in text.split(",") if item)


def taints(items: Sequence[str]) -> dict[tuple[str, str], str]:
    """Taints by key and effect, the later one counting."""
    found = {}
    for item in items:
        if item:
            left, _, effect = item.rpartition(":")
            found[left.partition("=")[0], effect] = item
    return found
