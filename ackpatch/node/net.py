"""The net below all rules: a mention of kubelet or of a join in a command that no rule has understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from ackpatch.node.commands import KNOWN
from ackpatch.shell.nested import basename, skip_prefixes

# A mention of kubelet as a unit or a program, or of a join; paths and other units' names are none.
MENTION = re.compile(
    r"(?<![\w./@:=*-])kubelet(?:\.service)?(?![\w.*/@=:-])|\bkubeadm\b[^|;&\n]*(?<![\w-])join(?![\w-])"
)
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
    systemd-delta whereis locate figlet cowsay sentry-cli emerge xbps-install brew
    transactional-update 7z aa-complain aa-enforce alternatives audit2allow augtool ausearch chattr consul cpulimit
    dnf5 lsattr objdump
    pidstat pv readelf rpm-ostree xattr systemd-cgtop nano supervisorctl monit initctl snap
    gcloud ossutil ossutil64 qsctl s3cmd rclone skopeo oras crane""".split()
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
# A text with a command in it that starts kubelet or an agent, or joins.
_STARTED = r"(?<![\w-])(?:kubelet|k3s(?:-agent)?|rke2-(?:agent|server)|k0sworker)(?![\w-])"
STARTING = re.compile(
    rf"\bsystemctl\b[^;&|\n]{{0,200}}?\b(?:re)?(?:start|enable)\b[^;&|\n]{{0,200}}?{_STARTED}|"
    rf"(?<![\w-])(?:service|rc-service|invoke-rc\.d|init\.d)[ \t/]+{_STARTED}[ \t]+\S*start|"
    r"(?<![\w-])kubeadm[ \t][^;&|\n]{0,200}?(?<![\w-])join(?![\w-])|"
    r"(?:^|[;&|(\"'=]|\b(?:sudo|exec|nohup)[ \t])[ \t]*(?:/\S*/)?"
    r"(?:(?:k3s|rke2)[ \t]+(?:agent|server)(?![\w-])|k0s[ \t]+(?:install[ \t]+)?worker)|"
    r"get\.k3s\.io[^\n]{0,200}\|[^\n|]{0,200}\bsh\b"
)
# An agent as a unit, by the name that it has.
_AGENT = re.compile(r"(?<![\w./@:=*-])(?:(?:k3s|rke2)-agent|k0sworker)(?:\.service)?(?![\w.*/@=:-])")
# kubelet itself, by its path or with a version, given to something that runs it.
_BY_PATH = re.compile(r"(?:^|[;&|][ \t]*)(?:/\S*)?/s?bin/kubelet[ \t]+[-$\x01]")
_VERSIONED = re.compile(r"kubelet[-_.](?:wrapper|v?\d[\w.]*)")
# Programs to which kubelet is a name, and what is in those of their arguments that they run.
_RUNS_ARGUMENTS = {
    **dict.fromkeys(("apt", "apt-get"), re.compile(r"-Invoke|Pre-Install-Pkgs")),
    "dpkg": re.compile(r"-invoke="),
    "git": re.compile(r"(?:^|=)!"),
    "rpm": re.compile(r"%\("),
    **dict.fromkeys(("rsync", "scp", "tar"), re.compile("")),
}
# A text that begins a command with kubelet, or says what is to be done with it: "start kubelet".
_ORDERS = re.compile(
    r"(?:^|[;&|]|\b(?:do|then|else|sudo|exec|nohup))\s*(?:/\S*/)?kubelet(?:\s+-|\s*$|\s*[;&|])|"
    r"^\s*(?:re)?(?:start|enable)\b|\bkubelet\s+(?:re)?start\b|[\n`]|\$\("
)
# The index of an array is evaluated, and with it a substitution in it, also where quotes stand around it.
_EVALUATED = re.compile(r"\[[^\]]*(?:\$\(|`)")
# What the kernel is told to let systemd start.
_KERNEL = re.compile(r"\bsystemd\.(?:wants|unit|run)=\S{0,200}kubelet")
_GLOB = re.compile(r"[*?\[]")
_PROGRAMS = ("kubelet", "kubeadm", "systemctl", "k3s", "rke2", "k0s")
# What writes a text that is given to it into a file, and such a text that starts kubelet.
_EDITORS = frozenset({"sed", "gsed", "ed", "ex"})
_PUTS_IN = tuple(re.compile(rf"\b(?:{one})\b") for one in ("systemctl|service", "start|restart", "kubelet"))
_ASKS = re.compile(r"\b(?:Wants|Requires)=\S{0,200}kubelet|\bsystemd\.(?:wants|unit)=\S{0,200}kubelet")
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
    first = skip_prefixes(words)
    if first >= len(words):
        return ""
    name = basename(words[first])
    inert = _is_inert_name(name) and not does_more(name)
    if starts_by_name(name):
        return name
    if _GLOB.search(name) and any(fnmatchcase(one, name) for one in _PROGRAMS):
        return name
    if _VERSIONED.fullmatch(name) and any("config" in word for word in words[first:]):
        return name
    if name in _EDITORS:
        return next((found for word in words[first:] if (found := _put_in(word))), "")
    runs = _RUNS_ARGUMENTS.get(name)
    if name not in _KNOWS_THE_NAME and name not in _HARMLESS and not inert:
        handed = STARTING.search(" ".join(words[first + 1 :]))
        if handed is not None:
            return handed[0][:40]
    for word, after in zip(words[first:], [*words[first + 1 :], ""], strict=True):
        if (_EVALUATED.search(word) or (runs is not None and runs.search(word))) and STARTING.search(word):
            return "kubelet"
        if _KERNEL.search(word) and not inert:
            return "kubelet"
        mention = MENTION.search(word) or _AGENT.search(word) or STARTING.search(word)
        mention = mention or _BY_PATH.search(f"{word} {after}" if word.endswith("/kubelet") else word)
        if mention is None or _is_prose(word):
            continue
        if _INTERPRETERS.fullmatch(name):
            if _CALLS.search(word):
                return mention[0]
        elif name not in _KNOWS_THE_NAME and name not in _HARMLESS and not inert:
            return mention[0]
    return ""


def _is_prose(word: str) -> bool:
    """Say whether a word of several is a text for people: no command in it does something to kubelet."""
    return " " in word.strip() and not any(one.search(word) for one in (STARTING, _ORDERS, _BY_PATH))


def reads_a_start(words: Sequence[str], text: str) -> str:
    """The mention of kubelet in a text that a command is given to read, and may run; "" where it only keeps it."""
    first = skip_prefixes(words)
    if first >= len(words):
        return ""
    name = basename(words[first])
    if _INTERPRETERS.fullmatch(name):
        # What it reads is its program, or data where it has one.
        runs = all(word.startswith("-") and word[1:2] not in ("c", "e", "m") for word in words[first + 1 :])
        mention = MENTION.search(text) if runs else None
        return mention[0] if mention is not None else ""
    if name in _KNOWS_THE_NAME or (_is_inert_name(name) and not does_more(name)):
        return ""
    return "kubelet" if STARTING.search(text) else ""


# Helpers that only print or look, by the parts of their names: those that begin or end with one of the first, are one
# of the second.
_PRINTS = (
    "log", "echo", "print", "msg", "info", "warn", "err", "debug", "fatal", "usage", "notice", "title", "banner",
    "section", "uninstall",
)  # fmt: skip
_LOOKS = frozenset(
    """remove purge delete backup die say note step ok fail failed wait check checks is has assert verify require
    requires need needs stop disable status version download fetch pull hold unhold pin clean cleanup list show get
    validate exists installed notify notification alert slack""".split()
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
