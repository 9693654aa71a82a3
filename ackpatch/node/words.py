"""Reads the words of one command: does it start kubelet, enable it, join the node, reboot?

The words are looked for anywhere in the command, since sudo, retry helpers and loops stand before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal as OneOf

from ackpatch.node.net import does_more
from ackpatch.shell.environment import UNKNOWN, shown
from ackpatch.shell.programs import CONTAINERS, basename, skip_prefixes

Meaning = OneOf[
    "start", "join", "init", "direct", "enable", "reboot", "exit", "reload", "stop", "kill", "harmless", "unknown"
]

START_VERBS = frozenset(
    """start restart --full-restart reload-or-restart try-restart condrestart try-reload-or-restart
    reload-or-try-restart force-reload""".split()
)
# What makes systemd read all units again.
_RELOADS = frozenset(
    {"daemon-reload", "daemon-reexec", "enable", "disable", "mask", "unmask", "preset", "reenable", "revert", "edit"}
)
_MATTERS = re.compile(
    "kube|reboot|shutdown|exit|^init$|telinit|kexec|^daemon-re|able$|mask$|preset|isolate|default|\x01|[*?\\[]"
)
_UNIT = re.compile(r"(?:.*/)?kubelet(\.service)?")
# Commands whose words are text, files or names to them, never something that they run.
_INERT = frozenset(
    """echo printf cat grep egrep fgrep zgrep sed awk gawk mawk logger log info warn warning error debug die fail msg
    test [ [[ ]] man which type whereis read mkdir rmdir rm cp mv ln chmod chown chgrp touch ls stat find tee head tail
    cut sort uniq wc tr diff curl wget journalctl less more basename dirname readlink realpath alias
    unalias export local systemd-cgls systemd-analyze pgrep pkill killall pidof ps rpm dpkg yum dnf apt
    apt-get apt-mark apt-cache zypper tar git scp rsync install true false : return hash declare typeset
    readonly unset az aws gsutil gcloud ossutil ossutil64 qsctl s3cmd rclone skopeo oras crane cosign""".split()
)
_STARTER_NAME = re.compile(r"(re)?start|service_enable|systemctl|svc_up", re.IGNORECASE)
# Helpers that are given a verb, as systemctl is; and those that start kubelet by their name alone.
_TAKES_VERB = re.compile(r"systemctl|svc", re.IGNORECASE)
_STARTS_KUBELET = re.compile(
    r"(?:re)?(?:start|enable|launch)(?:_and_\w+)?[-_]?kubelet(?:[-_](?:service|unit|daemon))?", re.I
)
_NOT_A_STARTER = re.compile(r"wait|check|is_|stop|disable|status|log|echo|print|started|verify|ensure_stopped", re.I)
_STARTING_PHASES = frozenset({"kubelet-start", "kubelet-finalize"})
_KUBEADM_VERBS = frozenset({"join", "init", "reset", "token", "config", "version", "upgrade", "certs", "kubeconfig"})
# What takes the verbs of systemctl.
_SYSTEMCTL = frozenset({"systemctl", "deb-systemd-invoke"})
_SYSTEMCTL_VALUE = frozenset(
    """-t --type -p --property -n --lines -o --output -s --signal --job-mode --state --kill-who -H --host -M
    --machine""".split()
)


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
    """Say whether a word names kubelet's unit, also by its path or a pattern."""
    if _UNIT.fullmatch(word) is not None:
        return True
    return any(one in word for one in "*?[") and UNKNOWN not in word and fnmatchcase("kubelet.service", word)


def may_be_kubelet(word: str) -> bool:
    """Say whether a word that only a run can tell may name kubelet's unit."""
    if UNKNOWN not in word:
        return False
    form = ".*".join(re.escape(part) for part in word.split(UNKNOWN))
    return any(re.fullmatch(form, one) for one in ("kubelet", "kubelet.service"))


def meanings(words: Sequence[str]) -> list[Meant]:
    """All that a command's words do to kubelet."""
    if not any(_MATTERS.search(word) for word in words):
        return []
    first = skip_prefixes(words)
    if any(map(_RUN_UNIT.search, words)) and "systemd-run" in map(basename, words) and not _direct(words, first):
        return [Meant("start", "systemd-run", (), gentle=True)]
    if first >= len(words) or is_inert(words, first):
        return []
    if any(basename(word) in _SYSTEMCTL for word in words):
        return _systemctl(words, first)
    for reader in (_service, _bus, _kubeadm, _direct, _text, _helper, _shutdown):
        found = reader(words, first)
        if found:
            return found
    return []


def is_inert(words: Sequence[str], first: int) -> bool:
    """Say whether a command's words are text, files or names to it; ``first`` is the index of the command itself."""
    if "command" in words[:first] and {"-v", "-V"} & set(words[:first]):
        return True
    name = basename(words[first])
    return name in _INERT or (name in CONTAINERS and "exec" not in words)


def _systemctl(words: Sequence[str], first: int) -> list[Meant]:
    index = next((i for i, word in enumerate(words) if basename(word) in _SYSTEMCTL), None)
    if index is None:
        return []
    verb, units, options = _systemctl_words(words, index)
    if verb is None or any(
        words[i] in ("--user", "--root") or (words[i].startswith("--root=") and words[i] != "--root=/") for i in options
    ):
        return []
    name = words[verb]
    if name == UNKNOWN and not units:  # its verb and its unit in one
        return [Meant("start", "systemctl …", (index, verb), assumed=True)]
    unit = next((i for i in units if is_kubelet_unit(words[i])), None)
    if unit is None:
        return _other_unit(words, index, verb, units, options)
    now = any(words[i] == "--now" for i in options)
    if name in START_VERBS or name == UNKNOWN:
        how = f"systemctl {name if name != UNKNOWN else '…'}"
        return [Meant("start", how, (index, verb, unit), name == UNKNOWN, gentle=name == "start")]
    if name in _ENABLES:
        how = f"systemctl {name} --now" if now else f"systemctl {name}"
        return [Meant("start" if now else "enable", how, (index, verb, unit), gentle=True)]
    if name == "stop" or name in _RELOADS:
        return [Meant("stop" if name == "stop" or now else "reload", f"systemctl {name}", (index, verb, unit))]
    if name == "kill":
        return [Meant("kill", "systemctl kill", (index, verb, unit))]
    return [Meant("harmless" if name in _HARMLESS_VERBS else "unknown", f"systemctl {name}", (index, verb, unit))]


# Verbs after which it runs from the next boot on.
_ENABLES = frozenset({"enable", "reenable", "preset", "add-wants", "add-requires"})
# Verbs after which kubelet does not run if it did not before.
_HARMLESS_VERBS = frozenset(
    """status is-active is-enabled is-failed show cat help list-units list-unit-files list-dependencies
    reload clean freeze thaw list-timers list-sockets
    reset-failed link set-property set-environment unset-environment import-environment""".split()
)


def _other_unit(words: Sequence[str], index: int, verb: int, units: list[int], options: list[int]) -> list[Meant]:
    """Read a systemctl command that does not name kubelet's unit."""
    name = words[verb]
    if name in ("reboot", "kexec"):
        return [Meant("reboot", f"systemctl {name}", (index, verb))]
    if name in ("isolate", "default") or (name == "preset-all" and any(words[i] == "--now" for i in options)):
        # All that is enabled is started.
        return [Meant("start", f"systemctl {name}", (index, verb), assumed=True, gentle=True)]
    unknown = next((i for i in units if may_be_kubelet(words[i])), None)
    starts = (
        name in START_VERBS
        or name == UNKNOWN
        or (name in ("enable", "reenable") and any(words[i] == "--now" for i in options))
    )
    if unknown is not None and (starts or name in _ENABLES):
        how = f"systemctl {shown(name)} {shown(words[unknown])}"
        return [Meant("start" if starts else "enable", how, (index, verb, unknown), assumed=True)]
    if name == "preset-all":
        return [Meant("enable", "systemctl preset-all", (index, verb), assumed=True)]
    return [Meant("reload", f"systemctl {name}", (index, verb))] if name in _RELOADS else []


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


# What makes the next boot start a service, in the tools of before systemd.
_RUN_UNIT = re.compile(r"^(?:--unit=|Unit=|--(?:timer|path|socket)-property=Unit=)kubelet(?:\.service)?$")
_AT_BOOT = {"update-rc.d": ("defaults", "enable"), "chkconfig": ("on", "--add"), "rc-update": ("add",)}
_SERVICE_HARMLESS = frozenset({"status", "describe"})


def _service(words: Sequence[str], first: int) -> list[Meant]:
    for index, word in enumerate(words[:-1]):
        name = basename(word)
        if name in _AT_BOOT and any(map(is_kubelet_unit, words)) and set(_AT_BOOT[name]) & set(words):
            return [Meant("enable", f"{name} kubelet", (index,))]
        if name in ("service", "invoke-rc.d", "rc-service") and index + 2 < len(words):
            if is_kubelet_unit(words[index + 1]) and words[index + 2] == "stop":
                return [Meant("stop", f"{name} stop", (index, index + 1, index + 2))]
            unit = words[index + 1]
            if is_kubelet_unit(unit) and words[index + 2] in _SERVICE_HARMLESS:
                return [Meant("harmless", f"{name} {words[index + 2]}", (index, index + 1, index + 2))]
            if may_be_kubelet(unit) and words[index + 2] in START_VERBS:
                how = f"{name} {shown(unit)} {words[index + 2]}"
                return [Meant("start", how, (index, index + 1, index + 2), assumed=True)]
            if is_kubelet_unit(unit) and words[index + 2] in START_VERBS:
                how = f"{name} {words[index + 2]}"
                return [Meant("start", how, (index, index + 1, index + 2), gentle=words[index + 2] == "start")]
        elif "/init.d/" in word and words[index + 1] in (*START_VERBS, UNKNOWN):
            unit, verb = basename(word), words[index + 1]
            if unit == "kubelet" or may_be_kubelet(unit):
                how = f"{shown(word)} {shown(verb)}"
                assumed = UNKNOWN in unit + verb
                return [Meant("start", how, (index, index + 1), assumed, gentle=verb == "start")]
    return []


_BUS = frozenset({"busctl", "dbus-send", "gdbus", "qdbus"})
_BUS_STARTS = re.compile(
    r"\bEnableUnitFiles$|\b(?:Start|Restart|TryRestart|ReloadOrRestart|ReloadOrTryRestart)Unit(?:Replace)?$"
)


# A method of the unit's own object.
_BUS_METHOD = re.compile(r"(?:^|\.)(?:Start|Restart|\w+Restart)$")


def _bus(words: Sequence[str], first: int) -> list[Meant]:
    """systemd asked for a unit over the message bus."""
    on_the_unit = any("/unit/kubelet_2eservice" in one for one in words)
    if basename(words[first]) in _BUS and on_the_unit and any(map(_BUS_METHOD.search, words)):
        return [Meant("start", f"{basename(words[first])} Start", (first,))]
    method = next((i for i, word in enumerate(words) if _BUS_STARTS.search(word)), None)
    if basename(words[first]) not in _BUS or method is None:
        return []
    for index in range(method + 1, len(words)):
        unit = words[index].removeprefix("array:").removeprefix("string:").strip("'\"")
        if is_kubelet_unit(unit) or may_be_kubelet(unit):
            return [Meant("start", f"{basename(words[first])} StartUnit", (first, method, index), UNKNOWN in unit)]
    return []


def _kubeadm(words: Sequence[str], first: int) -> list[Meant]:
    for index, word in enumerate(words[:-1]):
        if basename(word) != "kubeadm":
            continue
        rest = [i for i in range(index + 1, len(words)) if not words[i].startswith("-")]
        # A number or a path before the verb is the value of an option.
        while rest and words[rest[0]] not in _KUBEADM_VERBS and words[rest[0] - 1].startswith("-"):
            rest.pop(0)
        if not rest or {"--help", "-h", "--dry-run"} & set(words):
            return []
        verb = words[rest[0]]
        if UNKNOWN in verb:
            return [Meant("unknown", "kubeadm …", (index, rest[0]))]
        if verb == "upgrade" and words[rest[0] + 1 : rest[0] + 2] in (["node"], ["apply"]):
            # It writes kubelet's flags anew and restarts nothing; the next start, be it the next boot, reads them.
            return [Meant("enable", f"kubeadm upgrade {words[rest[0] + 1]}", (index, rest[0]))]
        if verb not in ("join", "init", "reset"):
            return []
        if verb == "reset":
            return [Meant("stop", "kubeadm reset", (index, rest[0]))]
        verbs = [words[i] for i in rest]
        if "phase" in verbs:
            # The words after it that are no values of options.
            named = [words[i] for i in rest[verbs.index("phase") + 1 :] if not words[i - 1].startswith("-")]
            names_node = named[:1] == ["kubeconfig"] and named[1:2] in (["kubelet"], ["all"])  # in kubelet.conf
            starts = any(one in _STARTING_PHASES for one in named) or any(UNKNOWN in one for one in named[:1])
            if not (starts or names_node):
                return []
            if named[:1] == ["kubelet-finalize"]:  # it starts kubelet anew, and takes no name
                return [Meant("start", f"kubeadm {verb} phase kubelet-finalize", (index, rest[0]))]
        return [Meant("join" if verb == "join" else "init", f"kubeadm {verb}", (index, rest[0]))]
    return []


_PROGRAM = re.compile(r"(?!/etc/).*/kubelet")


def _direct(words: Sequence[str], first: int) -> list[Meant]:
    for index, word in enumerate(words):
        rest = words[index + 1 : index + 2]
        if basename(word) == "kubelet" and (
            (index == first and word != "exec") or (_PROGRAM.fullmatch(word) and rest and rest[0].startswith("--"))
        ):
            if rest and re.fullmatch(r"(?:--)?(?:version|help)(?:=.*)?|-h", rest[0]):
                return []
            if index != first and basename(words[first]) in CONTAINERS:
                return []
            return [Meant("direct", "kubelet run directly", (index,))]
    return []


_RUNS_A_TEXT = re.compile(r"retry|run|exec|try|attempt|(?:^|_)do(?:_|$)", re.I)
# A helper that checks or logs a command, whatever the rest of its name says.
_TAKES_A_COMMAND = re.compile(r"cmd|command|(?:^|_)(?:call|with|quiet|silent)|_(?:on|if)_(?:err|fail)", re.I)


def _text(words: Sequence[str], first: int) -> list[Meant]:
    """Read a command that is handed to an unknown helper as one word."""
    name = basename(words[first])
    runs = _RUNS_A_TEXT.search(name) is not None
    for index, word in enumerate(words[first + 1 :], first + 1):
        if " " in word and (runs or _TAKES_A_COMMAND.search(name)):
            inner = [one for one in meanings(word.split()) if runs or one.meaning != "direct"]
            if inner:
                return [Meant(one.meaning, one.how, (index,), assumed=True, gentle=one.gentle) for one in inner]
    return []


def _helper(words: Sequence[str], first: int) -> list[Meant]:
    name = words[first]
    more = does_more(basename(name))
    if _STARTS_KUBELET.fullmatch(basename(name)):
        return [Meant("start", shown(name), (first,), assumed=True)]
    starts = _STARTER_NAME.search(name) or (more and START_VERBS & set(words))
    if not starts or (_NOT_A_STARTER.search(name) and not more) or "=" in name:
        return []
    unit = next((i for i in range(first + 1, len(words)) if is_kubelet_unit(words[i])), None)
    if unit is None:
        return []
    verbs = [word for word in words[first + 1 :] if word in START_VERBS or word in _ENABLES]
    how = f"{shown(name)} … kubelet"
    if not verbs and _TAKES_VERB.search(name) and not re.search(r"start|enable", name, re.IGNORECASE):
        return [Meant("harmless", how, (first, unit))]
    return [Meant("start", how, (first, unit), assumed=True, gentle=not more and "start" in (verbs or ["start"]))]


def _shutdown(words: Sequence[str], first: int) -> list[Meant]:
    name = basename(words[first])
    if name == "reboot" or (name == "shutdown" and "-r" in words) or (name in ("init", "telinit") and words[-1] == "6"):
        return [Meant("reboot", name, (first,))]
    return [Meant("exit", "exit", (first,))] if name == "exit" else []
