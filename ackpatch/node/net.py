"""The net below all rules: a mention of kubelet or of a join in a command that no rule has understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from ackpatch.node.commands import KNOWN
from ackpatch.node.mentions import mention_in, named_in, start_in
from ackpatch.shell.programs import basename, program, string_position

# Commands to which kubelet is a name that they look for, a package or a user; a text that they run is read apart.
_KNOWS_THE_NAME = frozenset(
    """systemctl journalctl kubeadm kubelet yum dnf microdnf tdnf apt apt-get apt-mark apt-cache zypper rpm dpkg pkill
    killall pgrep pidof kill kubectl docker crictl nerdctl ctr podman curl wget tar unzip cp mv rm ln install
    chmod chown ls cat grep egrep test [ echo printf logger log info warn error die usage sed useradd usermod
    groupadd id getent ps ss netstat lsof fuser iptables firewall-cmd command type which hash export local
    declare readonly let set return exit case for read basename dirname realpath readlink find du df stat tee
    touch mkdir head tail cut sort uniq wc tr diff file md5sum sha256sum sha1sum alias unalias unset eval bash
    sh dash source . trap su sudo crontab at batch xargs parallel mapfile readarray service rc-service
    invoke-rc.d update-rc.d chkconfig rc-update ssh scp rsync pdsh pssh ansible restorecon chcon semanage setcap
    getcap strings ldd strip upx gzip gunzip zcat debconf-set-selections needs-restarting needrestart
    yumdownloader repoquery add-apt-repository versionlock mount umount logrotate sysctl modprobe nsenter chroot
    cgcreate cgset timeout wait sleep : true false flock script ufw nft passwd whiptail dialog notify-send mail
    wall auditctl ssh-keygen git etckeeper tput watch jq yq easyrsa cfssl cfssljson openssl keytool
    datadog-agent pacman apk lvcreate lvextend mkfs.ext4 mkfs.xfs mkfs e2label xfs_admin vgcreate pvcreate
    parted sgdisk aria2c axel az aws gsutil cosign minisign update-alternatives systemd-analyze systemd-cgls
    systemd-delta whereis locate figlet cowsay sentry-cli emerge xbps-install brew transactional-update 7z
    aa-complain aa-enforce alternatives audit2allow augtool ausearch chattr consul cpulimit dnf5 lsattr objdump
    pidstat pv readelf rpm-ostree xattr systemd-cgtop nano supervisorctl monit initctl snap gcloud ossutil
    ossutil64 qsctl s3cmd rclone skopeo oras crane
    repotrack reposync""".split()
)
# Programs that start nothing; those that run what they are given are read apart.
_HARMLESS = KNOWN - frozenset(
    """busybox env flock nice nohup setsid stdbuf taskset timeout watch xargs parallel chroot runcon script expect tmux
    screen strace numactl setarch prlimit chrt unshare cgexec systemd-nspawn systemd-run pkexec newgrp lxc virsh
    docker podman vim vi ex ed nano ftp psql mysql sqlite3 gdb socat nc ncat dc bc make start-stop-daemon daemon
    service rc-service ansible ansible-playbook exec eval bash sh command builtin time
    coproc split entr""".split()
)
# Languages whose programs may start anything.
_INTERPRETERS = re.compile(r"(?:python|perl|ruby|node|php|lua|tclsh|expect|g?awk|mawk|nawk)[\d.]*")
# Programs to which kubelet is a name, and what is in those of their arguments that they run.
_RUNS_ARGUMENTS = {
    **dict.fromkeys(("apt", "apt-get"), re.compile(r"-Invoke|Pre-Install-Pkgs")),
    "dpkg": re.compile(r"-invoke="),
    "git": re.compile(r"(?:^|=)!"),
    "rpm": re.compile(r"%\("),
    **dict.fromkeys(("rsync", "scp", "tar"), re.compile("")),
}
# The index of an array is evaluated, and with it a substitution in it, also where quotes stand around it.
_EVALUATED = re.compile(r"\[[^\]]*(?:\$\(|`)")
# What the kernel is told to let systemd start.
_KERNEL = re.compile(r"\bsystemd\.(?:wants|unit|run)=\S{0,200}kubelet")
_VERSIONED = re.compile(r"kubelet[-_.](?:wrapper|v?\d[\w.]*)")
_GLOB = re.compile(r"[*?\[]")
_PROGRAMS = ("kubelet", "kubeadm", "systemctl", "k3s", "rke2", "k0s")
# What writes a text that is given to it into a file, and such a text that starts kubelet.
_EDITORS = frozenset({"sed", "gsed", "ed", "ex"})
_PUTS_IN = tuple(re.compile(rf"\b(?:{one})\b") for one in ("systemctl|service", "start|restart", "kubelet"))
_ASKS = re.compile(r"\b(?:Wants|Requires)=\S{0,200}kubelet|\bsystemd\.(?:wants|unit)=\S{0,200}kubelet")
_BETWEEN_STRINGS = re.compile(r"([\"'])\s*[+.]?\s*\1")
_CALLS = re.compile(r"system|spawn|exec|popen|subprocess|check_call|run\b|call\b|`|qx|shell", re.IGNORECASE)


def is_interpreter(name: str) -> bool:
    """Say whether a command is another language's interpreter."""
    return _INTERPRETERS.fullmatch(basename(name)) is not None


# A program of the owner's that does something to kubelet, by its name: start_kubelet, kubeadm-join.
_NAMED_AFTER = re.compile(
    r"(?:start|run|join|init|boot\w*|enable)[-_]?(?:[a-z]+[-_])?kube(?:let|adm)|"
    r"kube(?:let|adm)[-_](?:re)?(?:start|run|join|init|boot\w*|enable)",
    re.IGNORECASE,
)


def not_understood(words: Sequence[str]) -> str:
    """The mention of kubelet or of a join in a command that no rule has read; "" where the name says nothing.

    The net below all rules: what no rule knows is told, never passed over in silence.
    """
    first, name = program(words)
    if not name:
        return ""
    text = string_position(words)  # which is read by itself
    rest = [one for number, one in enumerate(words) if number > first and number != text]
    if _is_one_by_its_name(name, rest):
        return name
    if name in _EDITORS:
        return next((found for word in rest if (found := _put_in(word))), "")
    if _INTERPRETERS.fullmatch(name):
        return next((found for word in rest if _CALLS.search(word) and (found := _named_in_program(word))), "")
    if _keeps(name):
        return _evaluated(name, rest)
    several = (mention_in(word, after) for word, after in pairwise([words[first], *rest, ""]))
    return start_in(" ".join(rest)) or _evaluated(name, rest) or next(filter(None, several), "")


def _is_one_by_its_name(name: str, rest: Sequence[str]) -> bool:
    """Say whether a program is kubelet, kubeadm or an agent, or starts one, by a name that is not quite theirs."""
    by_pattern = (
        _GLOB.search(name) is not None
        and len(name.strip("*?")) > 2
        and any(fnmatchcase(one, name) for one in _PROGRAMS)
    )
    by_version = _VERSIONED.fullmatch(name) is not None and any("config" in word for word in rest)
    return by_pattern or by_version or starts_by_name(name)


def _keeps(name: str) -> bool:
    """Say whether a command takes what it is given for names and texts, and runs none of it."""
    return name in _KNOWS_THE_NAME or name in _HARMLESS or (_is_inert_name(name) and not does_more(name))


def _evaluated(name: str, rest: Sequence[str]) -> str:
    """The start in an argument that bash, the program itself, or the kernel evaluates."""
    runs = _RUNS_ARGUMENTS.get(name)
    for word in rest:
        if _EVALUATED.search(word) or (runs is not None and runs.search(word)):
            found = start_in(word)
            if found:
                return found
        if _KERNEL.search(word) and not _is_inert_name(name):
            return "kubelet"
    return ""


def reads_a_start(words: Sequence[str], texts: Iterable[str]) -> str:
    """The mention of kubelet in the texts that a command is given to read, and may run; "" where it only keeps them."""
    first, name = program(words)
    if not name:
        return ""
    if _INTERPRETERS.fullmatch(name):
        # What it reads is its program, or data where it has one.
        runs = all(word.startswith("-") and word[1:2] not in ("c", "e", "m") for word in words[first + 1 :])
        return next(filter(None, map(_named_in_program, texts)), "") if runs else ""
    if name in _KNOWS_THE_NAME or (_is_inert_name(name) and not does_more(name)):
        return ""
    return next(filter(None, map(start_in, texts)), "")


def _named_in_program(text: str) -> str:
    """What a program in another language names, also where it puts the name together: ``"kube" + "let"``."""
    return named_in(text) or named_in(_BETWEEN_STRINGS.sub("", text))


# Helpers that only print or look, by the parts of their names: those that begin or end with one of the first, are one
# of the second.
_PRINTS = (
    "log", "echo", "print", "msg", "info", "warn", "err", "debug", "fatal", "usage", "notice", "title", "banner",
    "section", "uninstall",
)  # fmt: skip
_LOOKS = frozenset(
    """remove purge delete backup die say note step ok fail failed wait check checks is has assert verify require
    requires need needs have ensure stop disable status version download fetch pull hold unhold pin clean cleanup list
    show get validate exists installed notify notification alert slack""".split()
)
_PARTS = re.compile(r"[^a-zA-Z0-9]+|(?<=[a-z])(?=[A-Z])")


def _is_inert_name(name: str) -> bool:
    parts = [one.lower() for one in _PARTS.split(name) if one]
    return any(one in _LOOKS or one.startswith(_PRINTS) or one.endswith(_PRINTS) for one in parts)


_DOES_MORE = re.compile(
    r"[-_]and[-_]|[a-z]And[A-Z]|^(?:re)?start[-_A-Z]|^systemctl[-_]|^enable[-_]|^(?:run|exec|do)[-_A-Z]"
)


def _put_in(word: str) -> str:
    """The line of an editor's text that starts kubelet; each part of it is looked for once."""
    for line in re.split(r"[|;\n]", word):
        if all(one.search(line) for one in _PUTS_IN) or _ASKS.search(line):
            return "kubelet"
    return ""


def starts_by_name(name: str) -> bool:
    """Say whether a program of the owner's starts kubelet or joins, by its name."""
    return _NAMED_AFTER.search(name) is not None and (does_more(name) or not _is_inert_name(name))


def does_more(name: str) -> bool:
    """Say whether a helper does something besides looking or printing, by its name: ``restart_and_wait``."""
    return _DOES_MORE.search(name) is not None
