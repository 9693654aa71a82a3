"""Reads the words of one command: does it start kubelet, enable it, join the node, reboot?

The words are looked for anywhere in the command, since sudo, retry helpers and loops stand before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal as OneOf

from ackpatch.shell.nested import CONTAINERS, basename, skip_prefixes
from ackpatch.shell.values import UNKNOWN

Meaning = OneOf["start", "join", "init", "direct", "enable", "reboot", "exit", "reload", "stop"]

START_VERBS = frozenset(
    """start restart reload-or-restart try-restart condrestart try-reload-or-restart reload-or-try-restart
    force-reload""".split()  # noqa: SIM905 - words read better than a list of strings
)
# What makes systemd read all units again.
_RELOADS = frozenset({"daemon-reload", "daemon-reexec", "enable", "disable", "mask", "unmask", "preset", "reenable"})
_MATTERS = re.compile("kube|reboot|shutdown|exit|^init$|kexec|^daemon-re|able$|mask$|preset")
_UNIT = re.compile(r"kubelet(\.service)?|kubelet[*?].*")
# Commands whose words are text, files or names to them, never something that they run.
_INERT = frozenset(
    """echo printf cat grep egrep fgrep zgrep sed awk gawk mawk logger log info warn warning error debug die fail msg
    test [ [[ man which type whereis read mkdir rmdir rm cp mv ln chmod chown chgrp touch ls stat find tee head tail cut
    sort uniq wc tr diff curl wget journalctl less more basename dirname readlink realpath alias unalias export local
    systemd-cgls systemd-analyze pgrep pkill killall pidof ps rpm dpkg yum dnf apt apt-get apt-mark apt-cache zypper tar
    git scp rsync install true false : return hash declare typeset readonly unset""".split()  # noqa: SIM905
)
_STARTER_NAME = re.compile(r"(re)?start|service_enable|systemctl|svc_up", re.IGNORECASE)
_NOT_A_STARTER = re.compile(r"wait|check|is_|stop|disable|status|log|echo|print|started|verify|ensure_stopped", re.I)
_KUBEADM_VERBS = frozenset({"join", "init", "reset", "token", "config", "version", "upgrade", "certs", "kubeconfig"})
_SYSTEMCTL_VALUE = frozenset({"-t", "--type", "-p", "--property", "-n", "--lines", "-o", "--output", "-s", "--signal"})


@dataclass(frozen=True, slots=True)
class Meant:
    """What the words mean: ``how`` in the user's terms, ``words`` the indexes of the words that decide it.

    ``gentle``: a start that does nothing to a kubelet that runs already.
    """

    meaning: Meaning
    how: str
    words: tuple[int, ...]
    assumed: bool = False
    gentle: bool = False


def is_kubelet_unit(word: str) -> bool:
    """Say whether a word names kubelet's unit."""
    return _UNIT.fullmatch(word) is not None


def meanings(words: Sequence[str]) -> list[Meant]:
    """Give all that a command's words do to kubelet."""
    if not any(_MATTERS.search(word) for word in words):
        return []
    first = skip_prefixes(words)
    if first >= len(words) or _is_inert(words, first):
        return []
    if any(basename(word) == "systemctl" for word in words):
        return _systemctl(words, first)
    for reader in (_service, _kubeadm, _direct, _text, _helper, _shutdown):
        found = reader(words, first)
        if found:
            return found
    return []


def _is_inert(words: Sequence[str], first: int) -> bool:
    if "command" in words[:first] and {"-v", "-V"} & set(words[:first]):
        return True
    name = basename(words[first])
    return name in _INERT or (name in CONTAINERS and "exec" not in words)


def _systemctl(words: Sequence[str], first: int) -> list[Meant]:
    index = next((i for i, word in enumerate(words) if basename(word) == "systemctl"), None)
    if index is None:
        return []
    verb, units, options = _systemctl_words(words, index)
    if verb is None or any(words[i] in ("--user", "--root") or words[i].startswith("--root=") for i in options):
        return []
    name = words[verb]
    unit = next((i for i in units if is_kubelet_unit(words[i])), None)
    if unit is None:
        kind: Meaning | None = "reboot" if name in ("reboot", "kexec") else "reload" if name in _RELOADS else None
        return [Meant(kind, f"systemctl {name}", (index, verb))] if kind else []
    now = any(words[i] == "--now" for i in options)
    if name in START_VERBS or name == UNKNOWN:
        how = f"systemctl {name if name != UNKNOWN else '…'}"
        return [Meant("start", how, (index, verb, unit), name == UNKNOWN, gentle=name in ("start", UNKNOWN))]
    if name in ("enable", "reenable", "preset"):
        how = f"systemctl {name} --now" if now else f"systemctl {name}"
        return [Meant("start" if now else "enable", how, (index, verb, unit), gentle=True)]
    if name == "stop" or name in _RELOADS:
        return [Meant("stop" if name == "stop" or now else "reload", f"systemctl {name}", (index, verb, unit))]
    return []


def _systemctl_words(words: Sequence[str], index: int) -> tuple[int | None, list[int], list[int]]:
    verb, units, options, skip = None, [], [], False
    for number in range(index + 1, len(words)):
        word = words[number]
        if skip:
            skip = False
        elif word.startswith("-"):
            options.append(number)
            skip = word in _SYSTEMCTL_VALUE
        elif verb is None:
            verb = number
        else:
            units.append(number)
    return verb, units, options


def _service(words: Sequence[str], first: int) -> list[Meant]:
    for index, word in enumerate(words[:-1]):
        name = basename(word)
        if name in ("service", "invoke-rc.d", "rc-service") and index + 2 < len(words):
            if is_kubelet_unit(words[index + 1]) and words[index + 2] == "stop":
                return [Meant("stop", f"{name} stop", (index, index + 1, index + 2))]
            if is_kubelet_unit(words[index + 1]) and words[index + 2] in START_VERBS:
                how = f"{name} {words[index + 2]}"
                return [Meant("start", how, (index, index + 1, index + 2), gentle=words[index + 2] == "start")]
        elif word.endswith("/init.d/kubelet") and words[index + 1] in START_VERBS:
            how = f"/etc/init.d/kubelet {words[index + 1]}"
            return [Meant("start", how, (index, index + 1), gentle=words[index + 1] == "start")]
    return []


def _kubeadm(words: Sequence[str], first: int) -> list[Meant]:
    for index, word in enumerate(words[:-1]):
        if basename(word) != "kubeadm":
            continue
        rest = [i for i in range(index + 1, len(words)) if not words[i].startswith("-")]
        # A number or a path before the verb is the value of an option.
        while rest and words[rest[0]] not in _KUBEADM_VERBS and words[rest[0] - 1].startswith("-"):
            rest.pop(0)
        if not rest or words[rest[0]] not in ("join", "init", "reset") or {"--help", "-h", "--dry-run"} & set(words):
            return []
        verb = words[rest[0]]
        if verb == "reset":
            return [Meant("stop", "kubeadm reset", (index, rest[0]))]
        phase = words[rest[1] : rest[1] + 2] if len(rest) > 1 else []
        if phase[:1] == ["phase"] and phase[1:] != ["kubelet-start"]:
            return []
        return [Meant("join" if verb == "join" else "init", f"kubeadm {verb}", (index, rest[0]))]
    return []


def _direct(words: Sequence[str], first: int) -> list[Meant]:
    for index, word in enumerate(words):
        behind = words[index + 1 : index + 2]
        if basename(word) == "kubelet" and (
            (index == first and word != "exec") or (word.endswith("/kubelet") and behind and behind[0].startswith("--"))
        ):
            if behind and behind[0] in ("--version", "--help", "-h", "version", "help"):
                return []
            if index != first and basename(words[first]) in CONTAINERS:
                return []
            return [Meant("direct", "kubelet run directly", (index,))]
    return []


def _text(words: Sequence[str], first: int) -> list[Meant]:
    """Read a command that is handed to an unknown helper as one word."""
    for index, word in enumerate(words[first + 1 :], first + 1):
        if " " in word and re.search(r"retry|run|exec|try|attempt", basename(words[first]), re.I):
            inner = meanings(word.split())
            if inner:
                return [Meant(one.meaning, one.how, (index,), assumed=True, gentle=one.gentle) for one in inner]
    return []


def _helper(words: Sequence[str], first: int) -> list[Meant]:
    name = words[first]
    if not _STARTER_NAME.search(name) or _NOT_A_STARTER.search(name) or "=" in name:
        return []
    unit = next((i for i in range(first + 1, len(words)) if is_kubelet_unit(words[i])), None)
    found = Meant("start", f"{name} … kubelet", (first, unit or 0), assumed=True, gentle=True)
    return [found] if unit is not None else []


def _shutdown(words: Sequence[str], first: int) -> list[Meant]:
    name = basename(words[first])
    if name == "reboot" or (name == "shutdown" and "-r" in words) or (name == "init" and words[-1] == "6"):
        return [Meant("reboot", name, (first,))]
    return [Meant("exit", "exit", (first,))] if name == "exit" else []
