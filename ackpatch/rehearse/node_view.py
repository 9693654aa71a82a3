"""Kubelet's own reading of the flags that make the Node: provider ID, name, labels, taints, and when it exits.

Of the flags that are read here: a string given twice is taken from the last; labels merge, key by key; taints are
replaced as a whole by the last flag, and an empty one erases them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ackpatch.node import label_rules
from ackpatch.rehearse import kubelet_flags

WATCHED = ("provider-id", "hostname-override", "node-labels", "register-with-taints", "node-ip")


@dataclass(frozen=True)
class NodeView:
    """What kubelet would take from its arguments; ``exits`` is why it would stop at once, or None.

    ``counts`` says how often each flag occurs, by its name with two dashes, however it is spelled.
    """

    provider_id: str | None
    hostname_override: str | None
    labels: Mapping[str, str]
    taints: tuple[str, ...]
    node_ip: str | None
    counts: Mapping[str, int]
    exits: str | None


def view(argv: Sequence[str]) -> NodeView:
    """Read a full argument list (argv[0] included) as kubelet does.

    Only the five flags' values are judged; of the others kubelet's names are not known here, so that an unknown flag is
    found only when its name cannot be one.
    """
    flags, problem = kubelet_flags.read(argv[1:])
    values: dict[str, list[str]] = {name: [] for name in WATCHED}
    for name, value in flags:
        if name in values:
            values[name].append(value)
    labels: dict[str, str] = {}
    for value in values["node-labels"]:
        labels.update(label_rules.labels(value))
    taints = values["register-with-taints"]
    problems = [problem, *_problems(taints, labels)]
    return NodeView(
        provider_id=_last(values["provider-id"]),
        hostname_override=_last(values["hostname-override"]),
        labels=labels,
        taints=tuple(taints[-1].split(",")) if taints and taints[-1] else (),
        node_ip=_last(values["node-ip"]),
        counts={f"--{name}": sum(flag == name for flag, _ in flags) for name in _names(flags)},
        exits=next((text for text in problems if text), None),
    )


def _names(flags: Sequence[tuple[str, str]]) -> list[str]:
    return sorted({*WATCHED, *(name for name, _ in flags)})


def _last(values: Sequence[str]) -> str | None:
    """The last value counts; an empty one unsets."""
    return values[-1] or None if values else None


def _problems(taints: Sequence[str], labels: Mapping[str, str]) -> Iterator[str | None]:
    """Every occurrence of the taint flag is parsed, also one that a later flag replaces."""
    for value in taints:
        yield label_rules.taints_problem(value)
    for key, value in labels.items():
        yield label_rules.label_problem(key, value)
