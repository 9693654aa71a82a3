"""How kubelet splits its arguments into flags (pflag's rules): ``--flag=v``, ``--flag v``, underscores, switches."""

import re
from collections.abc import Sequence

NAME = re.compile(r"[a-z0-9][a-z0-9-]*\Z", re.IGNORECASE)
# Flags that take no word after them: a following "true" would be a stray word, on which kubelet exits.
SWITCHES = frozenset(
    """
    add-dir-header address-all allow-privileged alsologtostderr anonymous-auth application-metrics-enabled
    authentication-token-webhook boot-id-file-enabled bootstrap-checkpoint-enabled cgroups-per-qos
    cloud-provider-external containerized cpu-cfs-quota docker-disable-shared-pid docker-only docker-tls
    enable-cadvisor-json-endpoints enable-controller-attach-detach enable-debugging-handlers enable-load-reader
    enable-server exit-on-lock-contention experimental-allocatable-ignore-eviction
    experimental-check-node-capabilities-before-mount experimental-fail-swap-on
    experimental-kernel-memcg-notification experimental-localhost-user-namespace-defaulting fail-swap-on help
    host-ipc host-pid keep-terminated-pod-volumes kernel-memcg-notification local-storage-capacity-isolation
    log-cadvisor-usage logtostderr make-iptables-util-chains one-output protect-kernel-defaults
    really-crash-for-testing redirect-container-streaming register-node register-schedulable require-kubeconfig
    rotate-certificates rotate-server-certificates runonce seccomp-default serialize-image-pulls skip-headers
    skip-log-headers storage-driver-secure streaming-connection-enabled
    """.split()
)
HELP_LETTERS = "h"


def read(arguments: Sequence[str]) -> tuple[list[tuple[str, str]], str | None]:
    """The flags in order (name with dashes, value) and why kubelet would exit, or None.

    After the first thing that stops kubelet, the rest is still read, so that flags can be counted.
    """
    flags: list[tuple[str, str]] = []
    problems: list[str] = []
    at = 0
    while at < len(arguments):
        word = arguments[at]
        at += 1
        if word == "--":
            problems += [f"unknown command {rest!r}" for rest in arguments[at:]]
            break
        if word.startswith("--"):
            at += _long(word[2:], arguments[at : at + 1], flags, problems)
        elif word.startswith("-") and word != "-":
            at += _short(word[1:], arguments[at : at + 1], flags, problems)
        else:
            problems.append(f"unknown command {word!r}")
    return flags, problems[0] if problems else None


def _long(text: str, following: Sequence[str], flags: list[tuple[str, str]], problems: list[str]) -> int:
    """Read one long flag; the result is how many following words it took."""
    spelled, equals, value = text.partition("=")
    name = spelled.replace("_", "-")
    if not NAME.match(name):
        problems.append(f"unknown flag: --{spelled}")
        return 0
    if equals or name in SWITCHES:
        flags.append((name, value if equals else "true"))
        return 0
    if not following:
        problems.append(f"flag needs an argument: --{spelled}")
        return 0
    flags.append((name, following[0]))
    return 1


def _short(text: str, following: Sequence[str], flags: list[tuple[str, str]], problems: list[str]) -> int:
    """Read a one-letter flag: only ``-v`` (verbosity, with a value) and ``-h`` exist."""
    letter, value = text[0], text[1:].removeprefix("=")
    if letter in HELP_LETTERS:
        flags.append(("help", "true"))
        return 0
    if letter != "v":
        problems.append(f"unknown shorthand flag: {letter!r} in -{text}")
        return 0
    if len(text) > 1:
        flags.append((letter, value))
        return 0
    if not following:
        problems.append("flag needs an argument: 'v' in -v")
        return 0
    flags.append((letter, following[0]))
    return 1
