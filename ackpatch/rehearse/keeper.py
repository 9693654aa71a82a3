"""The process between the caller and a container: builds the root in memory, boots it, reads what is left.

It has a mount namespace and a cgroup of its own and ends with its caller, so that nothing stays on the machine. What
reads in the root that the script owned is a child that cannot leave that root.
"""

import os
import select
import signal
import subprocess
import sys

from ackpatch.rehearse import channel, desk, harvest, namespaces, record, root, window
from ackpatch.rehearse.cgroups import own_cgroup
from ackpatch.rehearse.node_view import view
from ackpatch.rehearse.places import HIDDEN, HOST_NAME, LOG, REQUESTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

SITE = "/tmp"  # in a mount namespace of its own
ROOT = f"{SITE}/root"
BOOTING = f"{SITE}/boot"
SPARE_SECONDS = 6.0  # besides the script's own; the caller waits a little longer
OUTPUT_LIMIT = 1024 * 1024
VERSION = 252  # of systemd, for what a stand-in asks; the real one needs none
_KILLED = b"137"


def main() -> None:
    """Run one rehearsal in a container; never returns."""
    signal.signal(signal.SIGTERM, _end)
    namespaces.die_with_parent(signal.SIGTERM)
    spec: dict[str, Any] = channel.receive(0)
    result = int(spec["result"])
    try:
        answer = _run(spec)
    except (OSError, EOFError) as error:
        answer = {"error": f"cannot boot a container: {error}"}
    channel.send(result, answer)


def _end(_: int, __: "FrameType | None") -> None:
    sys.exit(1)


def _run(spec: "dict[str, Any]") -> "dict[str, Any]":
    namespaces.leave_mounts()
    namespaces.mount("rehearsal", SITE, "tmpfs", namespaces.MS_NODEV, f"size={spec['megabytes']}m,mode=755")
    # The container's manager leaves folders in there.
    namespaces.mount("rehearsal", "/run", "tmpfs", namespaces.MS_NODEV, "size=4m,mode=755")
    os.mkdir(ROOT)
    root.fill(ROOT, spec["tree"])
    for folder in (*spec["tree"]["binds"], "/proc", "/sys", "/dev"):
        os.makedirs(ROOT + folder, exist_ok=True)
    os.mkfifo(ROOT + REQUESTS, 0o600)
    _give_away(ROOT)
    with own_cgroup(namespaces.FOREIGN_ID) as enter:
        attendant = _Attendant(spec)
        try:
            ended = _boot(spec, enter)
            answer = attendant.answer(ended)
        finally:
            attendant.end()
    if answer["status"] is None and not answer["timed_out"]:
        raise OSError(0, _last_words())
    return answer


def _give_away(folder: str) -> None:
    """Let root of the container own its root."""
    owner = namespaces.FOREIGN_ID
    os.chown(folder, owner, owner)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(f"{parent}/{name}", owner, owner, follow_symlinks=False)


def _boot(spec: "dict[str, Any]", enter: "Callable[[], None]") -> bool:
    """Boot the container and wait for its end; says whether it ended by itself."""
    command = ["systemd-nspawn", "-q", "-D", ROOT, "--register=no", "--keep-unit", "--private-network"]
    command += [f"--private-users={namespaces.FOREIGN_ID}:{namespaces.ID_COUNT}", f"--hostname={HOST_NAME}"]
    command += ["--resolv-conf=off", "--timezone=off", "--link-journal=no", "--tmpfs=/sys/module"]
    command += [f"--bind-ro={source}:{target}" for target, source in spec["tree"]["binds"].items()]
    command += ["-b", "--", "--unit=ackpatch-run.target"]

    def prepare() -> None:
        namespaces.die_with_parent()
        namespaces.leave_keyring()
        enter()

    with open(BOOTING, "wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=prepare, start_new_session=True
        )
    try:
        process.wait(spec["timeout"] + SPARE_SECONDS)
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        process.kill()
        process.wait()


def _last_words() -> str:
    with open(BOOTING, "rb") as log:
        lines = [line for line in log.read(65536).decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


class _Attendant:
    """A child that is confined to the root: answers the stand-ins, then collects what is left."""

    def __init__(self, spec: "dict[str, Any]") -> None:
        stop_read, self._stop = os.pipe()
        self._answer, answer_write = os.pipe()
        self._child = os.fork()
        if self._child:
            os.close(stop_read)
            os.close(answer_write)
            return
        os.close(self._stop)
        status = 1
        try:
            _attend(spec, stop_read, answer_write)
            status = 0
        finally:
            os._exit(status)

    def answer(self, ended: bool) -> "dict[str, Any]":
        """What is left in the root; ``ended``: the container ended by itself."""
        os.write(self._stop, b"y" if ended else b"n")
        return channel.receive(self._answer)

    def end(self) -> None:
        """Let the child end."""
        os.close(self._stop)
        os.waitpid(self._child, 0)


def _attend(spec: "dict[str, Any]", stop: int, answer: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chroot(ROOT)
    os.chdir("/")
    requests = os.open(REQUESTS, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    while True:
        ready, _, _ = select.select([requests, stop], [], [])
        if requests in ready:
            window.answer_requests(requests, _answered)
        if stop in ready:
            break
    ended = os.read(stop, 1)
    if ended:
        channel.send(answer, _left(spec, ended == b"y"))


def _left(spec: "dict[str, Any]", ended: bool) -> "dict[str, Any]":
    def read(name: str) -> bytes:
        return harvest.read_file(f"{HIDDEN}/{name}", OUTPUT_LIMIT) or b""

    status = (read("status").split() or [b""])[0]
    found = harvest.collect(spec["tree"]["entries"])
    return {
        **found,
        "files": {path: state for path, state in found["files"].items() if not _is_ours(path)},
        "status": int(status) if status.isdigit() else None,
        "timed_out": status == _KILLED or (not status and not ended),
        "stdout": read("stdout"),
        "stderr": read("stderr"),
    }


def _is_ours(path: str) -> bool:
    return "ackpatch-run" in path or path.startswith(("/var/log/", "/var/lib/systemd/", "/var/tmp/", "/run/"))


def _answered(question: list[str]) -> str:
    if question[:1] == ["registers"]:
        return _registered()
    return desk.answer(question, window.files_for(question), VERSION)


def _registered() -> str:
    """The name under which the kubelet that was started last registers."""
    log = harvest.read_file(LOG, harvest.LOG_LIMIT) or b""
    runs = [one[3:] for one in record.records(log) if one[0] == "real"]
    if not runs:
        return ""
    seen = view(runs[-1])
    name = f"name={seen.hostname_override}\n" if seen.hostname_override else ""
    return name + (f"exits={seen.exits}\n" if seen.exits else "")
