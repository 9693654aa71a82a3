"""The contents of the throw-away root: a small node of a family, the stand-ins, and the files that the caller gives."""

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path

from ackpatch.errors import RehearsalError
from ackpatch.node.commands import ORDINARY, TOOLS
from ackpatch.rehearse import programs
from ackpatch.rehearse.places import HIDDEN, HOST, HOST_NAME, KERNEL_SETTINGS, LOG, REAL, STAND_INS
from ackpatch.rehearse.tree import Entry, Tree
from ackpatch.rehearse.unknown import unknown_commands

FAMILIES = ("rpm", "deb", "binary", "agent")
INSTALLED = "+installed"
HERE = Path(__file__).parent
# Where binary installations keep kubelet; there it is in every family.
KUBELET_FOLDERS = ("/opt/kubernetes/bin", "/opt/kube/bin")
BINARY_FOLDERS = ("/usr/bin", "/usr/local/bin")
KUBELET_MARK = b"#!kubelet"
# What a package or an archive brings is not there before.
PROGRAMS_OF_KUBERNETES = frozenset({"kubelet", "kubeadm", "kubectl"})
# In every root /usr is merged, and sbin is bin, so that each program is at all its usual places.
MERGED = {
    "/bin": "usr/bin",
    "/sbin": "usr/bin",
    "/usr/sbin": "bin",
    "/lib": "usr/lib",
    "/usr/local/sbin": "bin",
    "/var/run": "../run",
    "/var/lock": "../run/lock",
}
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
DEVICE_LINKS = {"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1",
                "/dev/stderr": "/proc/self/fd/2"}  # fmt: skip
PLAIN_FOLDERS = frozenset(
    """
    /usr/bin /usr/lib/systemd/system /usr/lib/sysctl.d /usr/lib/modules-load.d /usr/share/keyrings /usr/local/bin
    /usr/local/lib /usr/local/src /usr/share/bash-completion/completions /usr/libexec /usr/src /etc/systemd/system
    /etc/sysctl.d /etc/modules-load.d /etc/init.d /etc/profile.d /etc/cron.d /etc/security/limits.d /etc/ssh
    /etc/udev/rules.d /etc/logrotate.d /etc/rsyslog.d /etc/pki/rpm-gpg /etc/ssl/certs /etc/skel /var/lib /var/log
    /var/cache /var/spool/cron /run/lock /run/systemd/system /home /opt /srv /mnt /media /boot /dev/shm /sys
    """.split()
)
FOLDERS = {
    **dict.fromkeys(PLAIN_FOLDERS, 0o755),
    "/tmp": 0o1777,
    "/var/tmp": 0o1777,
    "/root": 0o700,
    **dict.fromkeys((f"{HIDDEN}/{name}" for name in ("state", "starts", "snapshots", "replies", "urls")), 0o755),
}
FAMILY_FOLDERS = {
    "rpm": ("/etc/sysconfig", "/etc/yum.repos.d", "/etc/yum/vars", "/etc/rc.d"),
    "deb": ("/etc/default", "/etc/apt/sources.list.d", "/etc/apt/keyrings", "/etc/apt/apt.conf.d",
            "/etc/apt/trusted.gpg.d", "/etc/apt/preferences.d"),
    "binary": ("/etc/sysconfig", "/etc/default", "/etc/yum.repos.d", "/etc/apt/sources.list.d"),
    "agent": ("/etc/sysconfig", "/etc/yum.repos.d", "/etc/yum/vars", "/etc/rancher"),
}  # fmt: skip
_EXPORTS_FUNCTIONS = re.compile(rb"export -f|-(?:fx|xf)\b|\bset -\w*a|\ballexport\b")
# What the packages of kubelet bring besides their files.
INSTALLED_FOLDERS = ("/etc/kubernetes", "/etc/kubernetes/manifests")
OS_RELEASE = {
    "rpm": 'NAME="Rocky Linux"\nVERSION="8.9"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.9"\n',
    "deb": 'NAME="Ubuntu"\nVERSION="22.04.4 LTS (Jammy Jellyfish)"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\n'
    "VERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy\n",
}
# What a shell's path may hold in /usr/share and a program needs at run time.
SHARED = (
    "awk",
    "ca-certificates",
    "file",
    "i18n",
    "locale",
    "misc",
    "perl",
    "perl5",
    "python3",
    "terminfo",
    "zoneinfo",
)
# A few settings of the kernel and facts of the machine that scripts read or write.
MACHINE = {
    f"{KERNEL_SETTINGS}/net/ipv4/ip_forward": "0",
    f"{KERNEL_SETTINGS}/net/bridge/bridge-nf-call-iptables": "1",
    f"{KERNEL_SETTINGS}/net/bridge/bridge-nf-call-ip6tables": "1",
    f"{KERNEL_SETTINGS}/net/netfilter/nf_conntrack_max": "262144",
    f"{KERNEL_SETTINGS}/net/core/somaxconn": "4096",
    f"{KERNEL_SETTINGS}/kernel/random/uuid": "01234567-89ab-cdef-0123-456789abcdef",
    f"{KERNEL_SETTINGS}/kernel/random/boot_id": "01234567-89ab-cdef-0123-456789abcdef",
    f"{KERNEL_SETTINGS}/kernel/hostname": HOST_NAME,
    f"{KERNEL_SETTINGS}/kernel/pid_max": "32768",
    f"{KERNEL_SETTINGS}/vm/swappiness": "60",
    f"{KERNEL_SETTINGS}/fs/file-max": "100000",
    "/sys/class/net/eth0/address": "00:16:3e:00:00:05",
    "/sys/class/dmi/id/product_uuid": "01234567-89ab-cdef-0123-456789abcdef",
    "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids",
}
SYSTEMD_SETTINGS = (("journald", "Journal"), ("system", "Manager"), ("resolved", "Resolve"), ("logind", "Login"))
# What a few addresses of every node hold: the instance's metadata, a kubelet that is well.
METADATA = {
    "http://127.0.0.1:10248/healthz": b"ok",
    "http://localhost:10248/healthz": b"ok",
    "http://100.100.100.200/latest/meta-data/region-id": b"cn-hangzhou",
    "http://100.100.100.200/latest/meta-data/instance-id": b"i-rehearsal",
    "http://100.100.100.200/latest/meta-data/private-ipv4": b"192.168.1.5",
}


# The installers of agents that run kubelet themselves, by their addresses.
INSTALLERS = {
    "https://get.k3s.io": "k3s",
    "http://get.k3s.io": "k3s",
    "https://rancher-mirror.rancher.cn/k3s/k3s-install.sh": "k3s",
    "https://get.rke2.io": "rke2",
    "http://get.rke2.io": "rke2",
    "https://rancher-mirror.rancher.cn/rke2/install.sh": "rke2",
    "https://get.k0s.sh": "k0s",
    "https://rancher.example.com/system-agent-install.sh": "rancher",
}


def split_family(family: str) -> tuple[str, bool]:
    """``rpm+installed`` → ``("rpm", True)``. Raises RehearsalError for an unknown family."""
    base = family.removesuffix(INSTALLED)
    if base not in FAMILIES:
        raise RehearsalError(f"unknown family {family!r}: one of {', '.join(FAMILIES)}, with {INSTALLED} or without")
    return base, base != family


def plan(family: str, files: Mapping[str, bytes], script: bytes = b"") -> Tree:
    """The tree of one rehearsal; commands of ``script`` that nothing in it provides get a stand-in.

    Raises RehearsalError.
    """
    base, installed = split_family(family)
    entries = dict(_common_entries())
    entries |= _family_entries(base)
    if installed:
        entries |= _installed_entries(base)
    for name, content in files.items():
        path = _canonical(name)
        entries[path] = _given(name, content)
    names = {os.path.basename(path) for path in entries if path.startswith(("/usr/bin/", "/usr/local/bin/"))}
    managers = {name for several in programs.MANAGERS.values() for name in several}
    unknown = unknown_commands(script, frozenset(names | managers | PROGRAMS_OF_KUBERNETES))
    entries |= {f"/usr/bin/{name}": _stand_in("tool") for name in unknown}
    if _EXPORTS_FUNCTIONS.search(script):
        # dash does not hand on the functions that bash exports.
        entries[f"{HIDDEN}/sh"] = Entry(link=programs.real_programs()["bash"])
    if "/usr/lib/systemd/system/kubelet.service" in entries or "/etc/systemd/system/kubelet.service" in entries:
        entries["/etc/init.d/kubelet"] = _stand_in("service")
    return Tree(
        entries=entries,
        folders=FOLDERS | dict.fromkeys((*FAMILY_FOLDERS[base], *(INSTALLED_FOLDERS if installed else ())), 0o755),
        binds=_binds(),
        devices=DEVICES,
        sealed=(STAND_INS, REAL),
        unknown=unknown,
    )


def _canonical(path: str) -> str:
    """The path without the links of a merged /usr; a URL is kept apart, below the hidden folder."""
    if path.startswith(("http://", "https://")):
        if ".." in path.split("/") or "\0" in path:
            raise RehearsalError(f"not an address that a script could fetch: {path!r}")
        return f"{HIDDEN}/urls/{path}.content".replace("//", "/")
    absolute = path.startswith("/") and "\0" not in path
    path = os.path.normpath(path).replace("//", "/")
    if not absolute or path == "/" or path.startswith((HIDDEN, HOST)):
        raise RehearsalError(f"not an absolute path of the node: {path!r}")
    for link, target in MERGED.items():
        if path.startswith(link + "/"):
            path = os.path.normpath(os.path.join(os.path.dirname(link), target)) + path.removeprefix(link)
    return path


def _given(path: str, content: bytes) -> Entry:
    if content.startswith(KUBELET_MARK):
        return _stand_in("kubelet")
    runs = content.startswith(b"#!") or path.startswith(("/usr/bin/", "/usr/local/bin/"))
    return Entry(content, 0o755 if runs else 0o644)


@functools.cache
def _stand_in_files() -> dict[str, bytes]:
    """All stand-ins. Their shell is the hidden one: the root's own /bin/sh is itself a recorded program."""
    found = {}
    for file in sorted((HERE / "stand_ins").iterdir()):
        if file.is_file() and not file.name.startswith("."):
            found[file.name] = file.read_bytes().replace(b"#!/bin/sh\n", f"#!{HIDDEN}/sh\n".encode(), 1)
    return found


def _installer(make: str) -> bytes:
    return f'#!/bin/sh\nexec {STAND_INS}/install-agent {make} "$@"\n'.encode()


def _agent_entries() -> dict[str, Entry]:
    """A node on which k3s and RKE2 are installed and no agent is started yet."""
    entries = {f"/usr/local/bin/{make}": _stand_in("k3s") for make in ("k3s", "rke2")}
    for make in ("k3s", "rke2"):
        unit = f"[Service]\nEnvironmentFile=-/etc/default/{make}-agent\nExecStart=/usr/local/bin/{make} agent\n"
        text = f"[Unit]\n{unit}[Install]\nWantedBy=multi-user.target\n"
        entries[f"/usr/lib/systemd/system/{make}-agent.service"] = Entry(text.encode())
        entries[f"/usr/local/bin/{make}-agent-uninstall.sh"] = Entry(
            f"#!/bin/sh\nrm -rf /etc/rancher/{make} /var/lib/rancher/{make}\n".encode(), 0o755
        )
    entries["/usr/local/bin/k0s"] = _stand_in("k0s")
    return entries


def _stand_in(name: str) -> Entry:
    return Entry(_stand_in_files()[name], 0o755)


@functools.cache
def _common_entries() -> dict[str, Entry]:
    entries = {path: Entry(link=target) for path, target in (MERGED | DEVICE_LINKS).items()}
    entries |= _machine_links()
    real = programs.real_programs()
    missing = [name for name in programs.NEEDED if name not in real and name != "unzip"]
    if missing:
        raise RehearsalError(f"the machine lacks what the stand-ins need: {', '.join(missing)}")
    entries |= {f"{REAL}/{name}": Entry(link=path) for name, path in real.items()}
    entries[f"{HIDDEN}/sh"] = Entry(link=real.get("dash", real["sh"]))
    entries |= {f"{STAND_INS}/{name}": Entry(content, 0o755) for name, content in _stand_in_files().items()}
    entries |= {f"/usr/bin/{name}": Entry(link=f"{STAND_INS}/record") for name in ORDINARY if name in real}
    # The node's tools are files of their own: a script may well replace /usr/bin/containerd by a download.
    entries |= {f"/usr/bin/{name}": _stand_in("tool") for name in TOOLS}
    entries |= {f"/usr/bin/{name}": _stand_in(kind) for name, kind in programs.STAND_INS.items()}
    entries |= {f"{folder}/kubelet": _stand_in("kubelet") for folder in KUBELET_FOLDERS}
    entries |= {_canonical(url): Entry(content) for url, content in METADATA.items()}
    entries |= {_canonical(url): Entry(_installer(make)) for url, make in INSTALLERS.items()}
    # A download of kubelet's unit gives the one of the RPM.
    entries |= {f"{HIDDEN}/packages/rpm/{path}": Entry(content) for path, content in _package_files("rpm").items()}
    return entries | _settings()


def _machine_links() -> dict[str, Entry]:
    """The machine's libraries, folder by folder, so that /usr/lib/systemd can be the root's own."""
    entries = {}
    for name in sorted(os.listdir("/usr/lib")):
        if f"/usr/lib/{name}" not in FOLDERS and name not in ("systemd", "sysctl.d", "modules-load.d"):
            entries[f"/usr/lib/{name}"] = Entry(link=f"{HOST}/usr/lib/{name}")
    for name in ("lib64", "lib32", "libexec"):
        if os.path.isdir(f"/usr/{name}") and name != "libexec":
            entries[f"/usr/{name}"] = Entry(link=f"{HOST}/usr/{name}")
        if os.path.isdir(f"/{name}"):
            entries[f"/{name}"] = Entry(link=f"usr/{name}" if os.path.islink(f"/{name}") else f"{HOST}/{name}")
    for name in SHARED:
        if os.path.isdir(f"/usr/share/{name}"):
            entries[f"/usr/share/{name}"] = Entry(link=f"{HOST}/usr/share/{name}")
    return entries


def _binds() -> dict[str, str]:
    """Folders of the machine that are shown, read-only and hidden; /bin and the like only where they are no links."""
    folders = ("/usr", *(name for name in ("/bin", "/sbin", "/lib", "/lib64") if not os.path.islink(name)))
    return {HOST + name: name for name in folders if os.path.isdir(name)}


def _settings() -> dict[str, Entry]:
    entries = {
        "/etc/passwd": Entry(b"root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"),
        "/etc/group": Entry(b"root:x:0:\nwheel:x:10:\nsudo:x:27:\nnogroup:x:65534:\n"),
        "/etc/hosts": Entry(f"127.0.0.1 localhost\n192.168.1.5 {HOST_NAME}\n".encode()),
        "/etc/hostname": Entry(f"{HOST_NAME}\n".encode()),
        "/etc/fstab": Entry(b"/dev/vda1 / ext4 defaults 1 1\n/dev/vda2 swap swap defaults 0 0\n"),
        "/etc/nsswitch.conf": Entry(b"passwd: files\ngroup: files\nhosts: files\n"),
        "/etc/profile": Entry(b"export PATH\n"),
        "/etc/resolv.conf": Entry(b"nameserver 100.100.2.136\n"),
        "/etc/sysctl.conf": Entry(b""),
        "/etc/ssh/sshd_config": Entry(b"PermitRootLogin yes\n"),
        "/etc/machine-id": Entry(b"0123456789abcdef0123456789abcdef\n"),
        "/root/.bashrc": Entry(b""),
        "/etc/sudoers": Entry(b"root ALL=(ALL:ALL) ALL\n", 0o440),
        "/etc/environment": Entry(b""),
        "/etc/security/limits.conf": Entry(b"# limits\n"),
        "/etc/default/grub": Entry(b'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=""\n'),
        **{f"/etc/systemd/{name}.conf": Entry(f"[{section}]\n".encode()) for name, section in SYSTEMD_SETTINGS},
        # A script that waits for the first boot's other scripts goes on.
        "/var/lib/cloud/instance/boot-finished": Entry(b"done\n"),
        "/dev/kmsg": Entry(link="/dev/null"),
        LOG: Entry(b""),
    }
    entries |= {path: Entry(f"{value}\n".encode()) for path, value in MACHINE.items()}
    entries[f"{HIDDEN}/trace.sh"] = Entry((HERE / "trace.sh").read_bytes())
    if os.path.isfile("/etc/ld.so.cache"):
        entries["/etc/ld.so.cache"] = Entry(Path("/etc/ld.so.cache").read_bytes())
    return entries


@functools.cache
def _family_entries(base: str) -> dict[str, Entry]:
    if base == "agent":
        return _family_entries("rpm") | _agent_entries()
    entries = {f"/usr/bin/{name}": _stand_in("packages") for name in programs.MANAGERS[base]}
    entries["/etc/os-release"] = Entry(OS_RELEASE["deb" if base == "deb" else "rpm"].encode())
    entries[f"{HIDDEN}/state/family"] = Entry(f"{base}\n".encode())
    real = programs.real_programs()
    if base == "deb":
        entries["/etc/debian_version"] = Entry(b"bookworm/sid\n")
        entries["/etc/apt/sources.list"] = Entry(b"deb http://packages.example/ubuntu jammy main\n")
        entries["/etc/chrony/chrony.conf"] = Entry(b"pool pool.example iburst\n")
        entries["/etc/lsb-release"] = Entry(b"DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\n")
    else:
        entries["/etc/redhat-release"] = Entry(b"Rocky Linux release 8.9 (Green Obsidian)\n")
        entries["/etc/centos-release"] = entries["/etc/redhat-release"]
        entries["/etc/yum.conf"] = Entry(b"[main]\ngpgcheck=1\n")
        entries["/etc/chrony.conf"] = Entry(b"pool pool.example iburst\n")
        entries["/etc/selinux/config"] = Entry(b"SELINUX=enforcing\nSELINUXTYPE=targeted\n")
        # Here /bin/sh is bash.
        entries[f"{REAL}/sh"] = Entry(link=real.get("bash", real["sh"]))
    if base == "binary":
        for folder in BINARY_FOLDERS:
            entries |= {f"{folder}/{name}": _stand_in(name) for name in ("kubelet", "kubeadm")}
        return entries
    for path, content in _package_files(base).items():
        entries[f"{HIDDEN}/packages/{base}/{path}"] = Entry(content)
    return entries


@functools.cache
def _package_files(base: str) -> dict[str, bytes]:
    """What the packages bring: ``PACKAGE/path`` → content."""
    folder = HERE / "packages" / base
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def _installed_entries(base: str) -> dict[str, Entry]:
    if base == "binary":
        return {}
    entries = {"/" + path.partition("/")[2]: Entry(content) for path, content in _package_files(base).items()}
    for name in ("kubelet", "kubeadm"):
        entries[f"/usr/bin/{name}"] = _stand_in(name)
        entries[f"{HIDDEN}/state/installed.{name}"] = Entry()
    if base == "deb":
        link = "/etc/systemd/system/multi-user.target.wants/kubelet.service"
        entries[link] = Entry(link="/usr/lib/systemd/system/kubelet.service")
    return entries
