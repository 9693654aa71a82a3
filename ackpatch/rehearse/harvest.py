"""What is left when the script has ended: the log, the snapshots of units, the files it changed.

Runs in process 1 of a root that the script owned, so nothing here may block or trust: only regular files are opened.
"""

import os
import stat
from zlib import crc32

from ackpatch.rehearse.places import HIDDEN, LOG, STARTS

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes 5 ms to import, in every rehearsal
    from collections.abc import Iterator
    from typing import Any

WATCHED = ("/etc", "/opt", "/root", "/run", "/tmp", "/var", "/usr/lib/systemd", "/usr/local", "/srv", "/home")
CONTENT_LIMIT = 1024 * 1024
LOG_LIMIT = 16 * CONTENT_LIMIT
FILE_LIMIT = 20_000
# What runs kubelet; the stand-in boot starts the same.
BOOTED = (
    "kubelet.service",
    "k3s-agent.service",
    "rke2-agent.service",
    "k0sworker.service",
    "k3s.service",
    "rke2-server.service",
)
SPARE_BYTES = 64 * 1024
# Of more than this in all files only a sum of each is kept: enough to compare two runs.
TREE_LIMIT = 64 * CONTENT_LIMIT
# Folders in each other; a path through more of them may be longer than the kernel takes.
DEEPEST_FOLDER = 100

File = tuple[int, bytes, str | None]


def read_file(path: str, limit: int) -> bytes | None:
    """The first ``limit`` bytes of a regular file, else None; never blocks on a fifo or a device."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(limit)


def read_tree(folder: str, room: int = TREE_LIMIT, beyond: "list[str] | None" = None) -> dict[str, File]:
    """Regular files and symbolic links below ``folder``: path → mode, content, link target.

    Where all contents come to more than ``room`` bytes, the others are given as a sum of each. Folders that are nested
    too deeply to be read are added to ``beyond``.
    """
    found: dict[str, File] = {}
    for path in paths_below(folder, [] if beyond is None else beyond):
        state = _read_state(path)
        if state is None:
            continue
        room -= len(state[1])
        found[path] = state if room >= 0 or not state[1] else (state[0], _sum(state[1]), state[2])
        if len(found) > FILE_LIMIT:
            break
    return found


def paths_below(folder: str, beyond: list[str]) -> "Iterator[str]":
    """All that lies below a folder, but for what is nested too deeply: such folders are added to ``beyond``."""
    waiting = [(folder, 0)]
    while waiting:
        here, depth = waiting.pop()
        for name in _names(here):
            path = f"{here}/{name}"
            yield path
            if os.path.isdir(path) and not os.path.islink(path):
                if depth < DEEPEST_FOLDER:
                    waiting.append((path, depth + 1))
                else:
                    beyond.append(path)


def _sum(content: bytes) -> bytes:
    return f"{len(content)} bytes, crc32 {crc32(content):08x}".encode()


def _read_state(path: str) -> File | None:
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            return stat.S_IMODE(mode), b"", os.readlink(path)
    except OSError:
        return None
    if not stat.S_ISREG(mode):
        return None
    content = read_file(path, CONTENT_LIMIT)
    return None if content is None else (stat.S_IMODE(mode), content, None)


def collect(initial: dict[str, File]) -> "dict[str, Any]":
    """Log, snapshots, changed and removed files; ``initial`` is what the root was built of."""
    changed = {}
    watched = tuple(f"{folder}/" for folder in WATCHED)
    room = TREE_LIMIT
    beyond: list[str] = []
    for folder in WATCHED:
        tree = read_tree(folder, max(room, 0), beyond)
        room -= sum(len(content) for _, content, _ in tree.values())
        for path, state in tree.items():
            mode, content, link = initial.get(path, (0, b"", None))
            known = path in initial and link == state[2] and (link is not None or (mode, content) == state[:2])
            if not known:
                changed[path] = state
    log = read_file(LOG, LOG_LIMIT)
    return {
        "log": log or b"",
        "trouble": _trouble(log, beyond),
        "snapshots": {start: snapshot(start) for start in _names(STARTS)},
        "files": changed,
        "removed": [path for path in initial if path.startswith(watched) and not os.path.lexists(path)],
    }


def _trouble(log: bytes | None, beyond: list[str]) -> str:
    """Say why what was seen of a run is not all of it, or an empty text."""
    if log is None:
        return "the script removed the record of the run"
    if len(log) >= LOG_LIMIT:
        return "the script ran too many commands to be recorded"
    if beyond:
        return f"the script nests more than {DEEPEST_FOLDER} folders in {'/'.join(beyond[0].split('/')[:4])}"
    space = os.statvfs("/")
    return "the throw-away root is full" if space.f_bavail * space.f_frsize < SPARE_BYTES else ""


def snapshot(start: str) -> dict[str, File]:
    """The files that systemd had read for one start of a unit, by their path on the node."""
    folder = f"{STARTS}/{os.path.basename(start)}"
    return {path[len(folder) :]: state for path, state in read_tree(folder).items()}


def boot_is_due() -> bool:
    """Kubelet, or an agent that runs it, is enabled and never ran: then the next boot is its first start."""
    units = "/etc/systemd/system"
    wanting = [name for name in _names(units) if name.endswith((".wants", ".requires"))]
    return any(
        os.path.lexists(f"{units}/{name}/{unit}")
        for unit in BOOTED
        if not os.path.exists(f"{HIDDEN}/state/started.{unit}")
        for name in wanting
    )


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
