"""Kubernetes' rules for labels and taints on kubelet's command line, as kubelet applies them before it starts."""

import re

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
# The keys below kubernetes.io and k8s.io that a kubelet (1.16 and later) may set itself; on any other it exits.
ALLOWED_KEYS = frozenset(
    """
         kubernetes.io/hostname kubernetes.io/arch kubernetes.io/os beta.kubernetes.io/arch beta.kubernetes.io/os
    beta.kubernetes.io/instance-type node.kubernetes.io/instance-type topology.kubernetes.io/zone
    topology.kubernetes.io/region failure-domain.beta.kubernetes.io/zone failure-domain.beta.kubernetes.io/region
    """.split()
)
ALLOWED_NAMESPACES = ("kubelet.kubernetes.io", "node.kubernetes.io")
RESERVED_NAMESPACES = ("kubernetes.io", "k8s.io")
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\Z")
SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z")
SUBDOMAIN_LENGTH = 253


def labels(value: str) -> dict[str, str]:
    """The labels of one ``--node-labels`` value; empty pieces are skipped, a key without ``=`` has an empty value."""
    found = {}
    for piece in value.split(","):
        if piece:
            key, _, text = piece.partition("=")
            found[key.strip()] = text.strip()
    return found


def label_problem(key: str, value: str) -> str | None:
    """Why kubelet would exit on this label (illegal characters: 1.25 and later; before, the Node is refused)."""
    if not _is_qualified_name(key):
        return f"invalid label key {key!r}"
    if value and not NAME.match(value):
        return f"invalid label value {value!r} of {key!r}"
    return f"unknown 'kubernetes.io' or 'k8s.io' label {key!r}" if is_reserved(key) else None


def is_reserved(key: str) -> bool:
    """Say whether a key is below kubernetes.io or k8s.io, and none that kubelet may set itself."""
    namespace = key.rpartition("/")[0]
    own = key in ALLOWED_KEYS or _is_or_below(namespace, ALLOWED_NAMESPACES)
    return _is_or_below(namespace, RESERVED_NAMESPACES) and not own


def taints_problem(value: str) -> str | None:
    """Why kubelet would exit on this ``--register-with-taints`` value; an empty value is legal and erases."""
    seen: set[tuple[str, str]] = set()
    for piece in value.split(",") if value else []:
        if piece.endswith("-") and _is_qualified_name(piece[:-1].partition(":")[0]):
            continue
        pair, colon, effect = piece.partition(":")
        key, _, text = pair.partition("=")
        if not colon or effect not in EFFECTS:
            return f"invalid taint {piece!r}: its effect must be one of {', '.join(EFFECTS)}"
        if not _is_qualified_name(key) or (text and not NAME.match(text)):
            return f"invalid taint {piece!r}"
        if (key, effect) in seen:
            return f"duplicated taints with the same key and effect: {piece!r}"
        seen.add((key, effect))
    return None


def _is_or_below(namespace: str, domains: tuple[str, ...]) -> bool:
    return any(namespace == domain or namespace.endswith("." + domain) for domain in domains)


def _is_qualified_name(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and not (SUBDOMAIN.match(prefix) and len(prefix) <= SUBDOMAIN_LENGTH):
        return False
    return bool(NAME.match(name))
