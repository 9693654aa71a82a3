"""Which commands exist in the throw-away root: ordinary programs of the machine, and the node's tools as stand-ins."""

import functools
import os

from ackpatch.node.commands import ORDINARY
from ackpatch.rehearse.places import HOST

# Commands whose stand-in has another name; one that bears its own is not listed.
STAND_INS = {
    "curl": "download",
    "wget": "download",
    "ip": "network",
    "ifconfig": "network",
    "hostname": "network",
    "tar": "archive",
    "unzip": "archive",
    "gpg": "gpg",
    "fuser": "nothing-found",
    "useradd": "accounts",
    "adduser": "accounts",
    "groupadd": "accounts",
    "addgroup": "accounts",
    **dict.fromkeys("nsenter systemd-run start-stop-daemon daemonize".split(), "launch"),
    "gpg2": "gpg",
    "insmod": "modprobe",
    "rmmod": "modprobe",
    **dict.fromkeys("containerd crictl docker nerdctl runc".split(), "runtime"),
    **{
        name: name
        for name in """systemctl service sudo su sleep date mktemp hostnamectl getenforce lsmod modprobe sysctl
        lsb_release""".split()
    },
}

MANAGERS = {
    "rpm": ("yum", "dnf", "microdnf", "tdnf", "zypper", "rpm"),
    "deb": ("apt-get", "apt", "aptitude", "apt-cache", "dpkg", "dpkg-query"),
    "binary": ("yum", "dnf", "rpm", "apt-get", "apt", "apt-cache", "dpkg", "dpkg-query"),
}

# Programs that the stand-ins themselves use; all belong to a minimal system.
NEEDED = frozenset(
    """cat chmod cp cut date env find grep hostname ln mkdir mkfifo printenv readlink rm sed seq sh sort tar tr
    unzip""".split()
)

FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")


@functools.cache
def real_programs() -> dict[str, str]:
    """Where the machine keeps its programs, as seen inside the root: name → resolved path."""
    found = {}
    for name in {*ORDINARY, *NEEDED}:
        for folder in FOLDERS:
            if os.access(f"{folder}/{name}", os.X_OK):
                found[name] = HOST + os.path.realpath(f"{folder}/{name}")
                break
    return found
