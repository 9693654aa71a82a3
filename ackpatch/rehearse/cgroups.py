"""A cgroup for one container, in the hierarchies that systemd uses; removed at the end, and after a killed run."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PREFIX = "ackpatch-"
TRIES, PAUSE = 100, 0.02  # how often, and after how many seconds, a cgroup is asked whether it is empty


@contextmanager
def own_cgroup(owner: int) -> Iterator[Callable[[], None]]:
    """Make a cgroup that belongs to a user; gives what moves the process that calls it into it. Raises OSError."""
    parents = places(_read("/proc/self/mountinfo"), _read("/proc/self/cgroup"))
    if not parents:
        raise OSError(0, "no file system of cgroups is there, which systemd needs")
    made = []
    try:
        for parent in parents:
            _remove_left(parent)
            made.append(f"{parent}/{PREFIX}{os.getpid()}")
            os.mkdir(made[-1])
            _give(made[-1], owner)
        yield lambda: _enter(made)
    finally:
        for one in made:
            _remove(one)


def places(mounts: str, cgroups: str) -> list[str]:
    """This process's folder in each hierarchy that systemd uses (its own one, and that of version 2), from the
    texts of /proc/self/mountinfo and /proc/self/cgroup.
    """
    found = []
    for line in cgroups.splitlines():
        _, controllers, path = line.split(":", 2)
        for mount in mounts.splitlines() if controllers in ("", "name=systemd") else ():
            fields, _, rest = mount.partition(" - ")
            top, point = fields.split(" ")[3:5]
            kind, _, options = rest.split(" ", 2)
            fits = kind == "cgroup2" if not controllers else kind == "cgroup" and controllers in options.split(",")
            if fits and not os.path.relpath(path, top).startswith(".."):
                found.append(os.path.normpath(f"{point}/{os.path.relpath(path, top)}"))
                break
    return found


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _give(folder: str, owner: int) -> None:
    os.chown(folder, owner, owner)
    for name in os.listdir(folder):
        if name in ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "tasks"):
            os.chown(f"{folder}/{name}", owner, owner)


def _enter(folders: list[str]) -> None:
    for folder in folders:
        with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")


def _remove_left(parent: str) -> None:
    """Remove what runs left that were killed themselves."""
    for name in os.listdir(parent):
        number = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and number.isdigit() and not os.path.exists(f"/proc/{number}"):
            _remove(f"{parent}/{name}")


def _kill(folder: str) -> None:
    """A container lives on when its manager is killed."""
    with open(f"{folder}/cgroup.procs", encoding="ascii") as file:
        for line in file:
            with suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)


def _remove(folder: str, tries: int = TRIES) -> None:
    """End what runs in a cgroup and in those below it, and remove them."""
    for _ in range(tries):
        for parent, _, _ in os.walk(folder, topdown=False):
            with suppress(OSError):
                _kill(parent)
                os.rmdir(parent)
        if not os.path.exists(folder):
            return
        time.sleep(PAUSE)
