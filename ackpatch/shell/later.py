"""What systemd and others run from the files that a script writes: units, hooks, schedules, the profiles of shells."""

from __future__ import annotations

import re
from dataclasses import replace

from ackpatch.shell.environment import UNKNOWN
from ackpatch.shell.nested import Reader
from ackpatch.shell.render import Rendered

# Scripts that something runs after this one has ended: at the next boot, at a login, when a network is there.
_SCRIPT = re.compile(
    r"/etc/(?:rc\.d/)?rc\.local$|/etc/rc\.d/init\.d/|/etc/init\.d/(?!kubelet$)|/var/lib/cloud/scripts/|"
    r"/etc/network/if-[\w-]+\.d/|/etc/profile(?:\.d/|$)|/etc/bash(?:rc|\.bashrc)$|"
    r"/etc/cron\.(?:hourly|daily|weekly|monthly)/|"
    r"(?:^|/)\.(?:bashrc|bash_profile|bash_login|profile|zshrc)$|/NetworkManager/dispatcher\.d/|/networkd-dispatcher/|"
    r"/etc/dhcp/dhclient-\w+-hooks|/systemd/system-(?:sleep|shutdown|generators)/|/etc/kernel/\w+\.d/|"
    r"/etc/update-motd\.d/|/etc/ssh/sshrc$|^(?:/etc|/run)?/(?:service|sv|runit|s6[\w-]*)/(?:\S*/)?run$"
)
_CRONTAB = re.compile(r"/etc/cron\.d/|/etc/crontab$|/var/spool/cron/")
# Files of other languages with commands in them.
_RULES = re.compile(
    r"/etc/(?:logrotate|init|incron|ifplugd|apt/apt\.conf|modprobe|pam|dnf/plugins/\S+)(?:\.d)?/|"
    r"/etc/(?:monit|supervis\w+|acpi|keepalived|cloud)/|/etc/(?:inittab|anacrontab)$"
)
_LISTED = str.maketrans("[],\"'", "     ")
_SCHEDULE = re.compile(r"^[ \t]*(?:@\w+|(?:[\w*/,\-]+[ \t]+){4}[\w*/,\-]+)[ \t]+(?:(root)[ \t]+)?", re.MULTILINE)
_ORDER = re.compile(
    r"(?:(?<=[\s\"'=:])|^)(?:/[\w./-]*/)?(?:systemctl|service|rc-service|kubeadm|kubelet|k3s|rke2)[ \t][^\"'\n;|&]*",
    re.MULTILINE,
)
# Files with the lines by which other programs make links to a unit, start it, or have systemd start it at the boot.
_ASKS_OTHERWISE = re.compile(
    r"/udev/rules\.d/|/tmpfiles\.d/|/dbus-1/(?:system-)?services/|/etc/default/grub|/etc/kernel/cmdline$|/loader/entries/"
)
_NAMED_UNIT = re.compile(
    r"(?:\.(?:wants|requires|upholds)/|SystemdService=|SYSTEMD_WANTS\}?\+?=\"|\bsystemd\.(?:wants|unit)=)([\w@.\\:-]+\.\w+)"
)
_UNIT = re.compile(
    r"(?:/systemd/system|^\x01)/([\w@.\\:-]+\.(?:service|target|timer|path|socket|mount|automount))(?:\.d/[^/]+\.conf)?$"
)
_QUADLET = re.compile(r"/containers/systemd/([\w@-]+)\.(?:container|pod|kube)$")
_EVERY_SERVICE = re.compile(r"/systemd/system/service\.d/[^/]+\.conf$")
_COMMAND = re.compile(
    r"^[ \t]*Exec(?:Start|StartPre|StartPost|Reload|Stop|StopPost)[ \t]*=[ \t]*[-@:+!]*((?:[^\n\\]|\\[\s\S])*)$",
    re.MULTILINE,
)
# What starts another unit with this one, after it, or when a condition is met; and what is enabled with it.
_ASKS = re.compile(
    r"^[ \t]*(?:Wants|Requires|BindsTo|Upholds|OnSuccess|OnFailure|Unit|Also|Service)[ \t]*=[ \t]*"
    r"((?:[^\n\\]|\\[\s\S])+)$",
    re.MULTILINE,
)
STARTS = frozenset("start restart reload-or-restart try-restart enable reenable".split())
_TIMED = re.compile(r"(.+)\.(?:timer|path|socket)")
# Specifiers of a unit's own name, and a dollar that systemd leaves to a shell.
_SPECIFIER = re.compile(r"%[iIjJpPnN]|\$\$")
# Units that are read for what they are to kubelet, and not as something of the script's own.
_READ_ELSEWHERE = frozenset({"kubelet", "k3s", "rke2"})


def runs_later(path: str, text: Rendered) -> list[Rendered]:
    """The commands that a file makes something run after the script has ended; a unit's only where the file is a
    drop-in of another one, since a unit runs when it is asked for.
    """
    if _SCRIPT.search(path):
        return [text]
    if _CRONTAB.search(path):
        return without_schedule(text)
    if _RULES.search(path):
        if "/cloud/" in path:  # in a list of YAML a command has its words between commas and brackets
            text = replace(text, text=text.text.translate(_LISTED))
        return [text.piece(*one.span()) for one in _ORDER.finditer(text.text)]
    if _ASKS_OTHERWISE.search(path):
        named = [_asked("systemctl start ", text, *one.span(1)) for one in _NAMED_UNIT.finditer(text.text)]
        return [*named, *(text.piece(*one.span()) for one in _ORDER.finditer(text.text))]
    if _EVERY_SERVICE.search(path):
        return commands_of(text)
    unit = unit_of(path)
    return commands_of(text) if unit and path.endswith(".conf") else []


def is_run_later(path: str) -> bool:
    """Say whether something runs what is in a file, after the script has ended."""
    return (_SCRIPT.search(path) or _CRONTAB.search(path)) is not None


def reader_of(path: str) -> Reader:
    """Who reads the commands in a file that something runs later."""
    return "shell" if is_run_later(path) else "systemd" if unit_of(path) or _EVERY_SERVICE.search(path) else "other"


def unit_of(path: str) -> str:
    """The unit of the script's own that a file gives or changes; "" for none."""
    quadlet = _QUADLET.search(path)
    if quadlet is not None:
        return f"{quadlet[1]}.service"
    unit = _UNIT.search(path)
    if unit is None or unit[1].partition(".")[0] in _READ_ELSEWHERE:
        return ""
    return unit[1]


def is_asked_for(unit: str, words: set[str]) -> bool:
    """Say whether one of the words names a unit, without its suffix too, or an instance of it."""
    stem, _, kind = unit.rpartition(".")
    words = words | {_TIMED.sub(r"\1.service", word) for word in words}  # which another unit of that name starts
    if stem.endswith("@"):
        return any(word.startswith(stem) and word.removesuffix(f".{kind}") != stem for word in words)
    return bool({unit, stem} & words)


def commands_of(text: Rendered) -> list[Rendered]:
    """The commands of a unit or drop-in, and as ``systemctl start`` the units that it asks systemd for."""
    text = _without_specifiers(text)
    found = [text.piece(*match.span(1)) for match in _COMMAND.finditer(text.text) if match[1] != UNKNOWN]
    for asks in _ASKS.finditer(text.text):
        found.append(_asked("systemctl start ", text, *asks.span(1)))
    return found


def _asked(verb: str, text: Rendered, start: int, end: int) -> Rendered:
    """A command that does what the units named in a part of a text are asked for."""
    order = Rendered()
    order.add(verb, text.starts[start], text.ends[start], "none")
    order.extend(text.piece(start, end))
    return order


def _without_specifiers(text: Rendered) -> Rendered:
    """A unit in which what its name gives is what only a run can tell."""
    return text.replaced(_SPECIFIER, lambda one: "$" if one[0] == "$$" else UNKNOWN)


def without_schedule(text: Rendered) -> list[Rendered]:
    """The commands of a crontab, without the times and the user before them."""
    found = []
    for match in _SCHEDULE.finditer(text.text):
        end = text.text.find("\n", match.end())
        found.append(text.piece(match.end(), end if end >= 0 else len(text.text)))
    return found
