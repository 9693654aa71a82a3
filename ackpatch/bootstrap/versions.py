"""Versions of Kubernetes and of container runtimes: their shape, and which are supported."""

from __future__ import annotations

import re

from ackpatch.errors import UsageError

OLDEST_KUBERNETES = (1, 20)
OLDEST_RUNTIME = {"containerd": (1, 4), "docker": (18, 6)}
# Of Docker's packages these years spell the month with two digits: 18.6.3 is 18.06.3.
_TWO_DIGITS = (17, 18, 19)
# What a builder adds at the end is not the packages' own: +k3s1, ~ds1, -aliyun.1.
_VERSION = re.compile(r"v?(\d{1,3})\.(\d{1,3})\.(\d{1,4})(?:[-+~][A-Za-z0-9.+~-]*)?")


def numbers(text: str, what: str) -> tuple[int, int, int]:
    """The three numbers of a version, with or without a ``v``; raises UsageError."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{what} {text!r}: give three numbers, as in 1.28.2")
    return int(match[1]), int(match[2]), int(match[3])


def kubernetes_version(text: str) -> tuple[int, int, int]:
    """A Kubernetes version that is supported; raises UsageError."""
    found = numbers(text, "Kubernetes version")
    if found[0] != 1 or found[:2] < OLDEST_KUBERNETES:
        oldest = ".".join(map(str, OLDEST_KUBERNETES))
        raise UsageError(f"Kubernetes version {text!r}: only 1.x from {oldest} on is supported")
    return found


def runtime_version(runtime: str, text: str) -> str:
    """A runtime's version as its packages spell it; raises UsageError."""
    found = numbers(text, f"{runtime} version")
    oldest = OLDEST_RUNTIME[runtime]
    if found[:2] < oldest:
        raise UsageError(f"{runtime} version {text!r}: only {'.'.join(map(str, oldest))} and later are supported")
    if runtime == "docker" and found[0] in _TWO_DIGITS:
        return f"{found[0]}.{found[1]:02}.{found[2]}"
    return ".".join(map(str, found))
