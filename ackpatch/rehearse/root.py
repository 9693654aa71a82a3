"""Builds the throw-away root inside the namespaces and makes it the root of everything that follows.

It is one tmpfs of limited size. The machine's own folders are bind-mounted into it read-only, below a hidden folder;
nothing else of the machine can be seen, and nothing of it can be written.
"""

import os

from ackpatch.rehearse import namespaces
from ackpatch.rehearse.places import KERNEL_SETTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes 5 ms to import, in every rehearsal
    from typing import Any

# An existing folder to build on; only the new mount namespace sees what is mounted there.
BUILD_SITE = "/tmp"


def build(tree: "dict[str, Any]", megabytes: int) -> None:
    """Build a tree (see ``Tree.to_plain``) and pivot into it. Raises OSError."""
    namespaces.mount("rehearsal", BUILD_SITE, "tmpfs", namespaces.MS_NODEV, f"size={megabytes}m,mode=755")
    _make_folders(BUILD_SITE, tree)
    for target, source in tree["binds"].items():
        _make_folder(BUILD_SITE + target, 0o755)
        namespaces.bind_read_only(source, BUILD_SITE + target)
    for device in tree["devices"]:
        _bind_device(device)
    for folder in tree["sealed"]:
        _make_folder(BUILD_SITE + folder, 0o755)
        namespaces.mount("rehearsal", BUILD_SITE + folder, "tmpfs", 0, "size=8m,mode=755")
    _write_entries(BUILD_SITE, tree["entries"])
    for folder in tree["sealed"]:
        flags = namespaces.MS_REMOUNT | namespaces.MS_BIND | namespaces.MS_RDONLY
        namespaces.mount("none", BUILD_SITE + folder, None, flags)
    os.makedirs(BUILD_SITE + "/proc", exist_ok=True)
    namespaces.mount("proc", BUILD_SITE + "/proc", "proc", namespaces.MS_NOSUID | namespaces.MS_NODEV)
    _forbid_inner_namespaces()
    namespaces.mount(BUILD_SITE + KERNEL_SETTINGS, BUILD_SITE + "/proc/sys", None, namespaces.MS_BIND)
    namespaces.pivot_root(BUILD_SITE)


def fill(site: str, tree: "dict[str, Any]") -> None:
    """Write a tree's folders and entries below a folder, and nothing else of it. Raises OSError."""
    _make_folders(site, tree)
    _write_entries(site, tree["entries"])


def _make_folders(site: str, tree: "dict[str, Any]") -> None:
    for folder, mode in tree["folders"].items():
        _make_folder(site + folder, mode)


def _forbid_inner_namespaces() -> None:
    """In a user namespace of its own the script would have all rights again, over a mount namespace of its own."""
    for kind in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup"):
        try:
            setting = os.open(f"{BUILD_SITE}/proc/sys/user/max_{kind}_namespaces", os.O_WRONLY)
            os.write(setting, b"0")
            os.close(setting)
        except OSError:
            continue


def _make_folder(path: str, mode: int) -> None:
    os.makedirs(path, exist_ok=True)
    if mode != 0o755:
        os.chmod(path, mode)


def _bind_device(device: str) -> None:
    """A user namespace may not make device nodes, but it may show one that exists."""
    if not os.path.exists(device):
        return
    os.close(os.open(BUILD_SITE + device, os.O_WRONLY | os.O_CREAT, 0o666))
    namespaces.mount(device, BUILD_SITE + device, None, namespaces.MS_BIND)


def _write_entries(site: str, entries: dict[str, tuple[int, bytes, str | None]]) -> None:
    made: set[str] = set()
    for path, (mode, content, link) in entries.items():
        target = site + path
        if os.path.normpath(target) != target:
            raise OSError(0, f"{path}: not a plain path")
        parent = os.path.dirname(target)
        if parent not in made:
            os.makedirs(parent, exist_ok=True)
            made.add(parent)
        if link is not None:
            os.symlink(link, target)
            continue
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            os.write(descriptor, content)
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
