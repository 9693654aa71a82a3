"""The process between the caller and the script: enters the namespaces, builds the root, stays as process 1.

It runs in a Python of its own (see ``boot.py``), reads one specification from standard input, and writes messages to
the descriptor that the specification names: questions of stand-ins, which are answered on standard input, and last the
result. Once the root is built it imports nothing more.
"""

import os
import resource
import select
import signal
import time

from ackpatch.rehearse import channel, harvest, namespaces, root, window
from ackpatch.rehearse.places import HOST_NAME, REAL, STAND_INS

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes 5 ms to import, in every rehearsal
    from typing import Any

# How long processes that outlive the script (a background kubelet, a log's tee) may still run.
GRACE_SECONDS = 1.0
MANY_FILES = 1 << 20
BOOT_SECONDS = 2.0
NEEDED = (
    "user namespaces are needed; see the settings user.max_user_namespaces, kernel.unprivileged_userns_clone and "
    "kernel.apparmor_restrict_unprivileged_userns, and for a container its security profile"
)


def main() -> None:
    """Run one rehearsal; never returns."""
    parent = os.getppid()
    namespaces.die_with_parent()
    spec: dict[str, Any] = channel.receive(0)
    result = int(spec["result"])
    try:
        _own_outputs()
        _allow_many_files()
        namespaces.enter()
        # A change of user takes the wish away.
        namespaces.die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        child = os.fork()
    except OSError as error:
        channel.send(result, {"error": f"cannot isolate the script ({error}): {NEEDED}"})
        os._exit(1)
    if child == 0:
        _be_process_one(spec, result)
    os.waitpid(child, 0)
    os._exit(0)


def _own_outputs() -> None:
    """The two output pipes to the mapped root, which otherwise could not open /dev/stdout again."""
    if os.geteuid() == 0:
        for descriptor in (1, 2):
            os.fchown(descriptor, namespaces.FOREIGN_ID, namespaces.FOREIGN_ID)


def _allow_many_files() -> None:
    """Let a script raise its number of open files, as root may on a node."""
    try:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, max(hard, MANY_FILES)))
    except (OSError, ValueError):
        return


def _be_process_one(spec: "dict[str, Any]", result: int) -> None:
    try:
        namespaces.die_with_parent()
        namespaces.forbid_tracing()
        namespaces.set_host_name(HOST_NAME)
        root.build(spec["tree"], spec["megabytes"])
        answer = _rehearse(spec, Attendant(result))
    except Exception as error:
        told = str(error)
        if isinstance(error, OSError) and error.strerror:
            told = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        told = told.replace(f"{root.BUILD_SITE}/", "/")
        answer = {"error": f"cannot build the root of {spec['megabytes']} MB: {told}"}
    channel.send(result, answer)
    os._exit(0)


def _rehearse(spec: "dict[str, Any]", attendant: "Attendant") -> "dict[str, Any]":
    deadline = time.monotonic() + spec["timeout"]
    status = attendant.wait(_start(spec, spec["argv"]), deadline)
    timed_out = status is None
    if not timed_out:
        attendant.let_others_end(min(deadline, time.monotonic() + GRACE_SECONDS))
    _kill_all()
    if harvest.boot_is_due():
        attendant.wait(_start(spec, [f"{STAND_INS}/boot"]), time.monotonic() + BOOT_SECONDS)
        _kill_all()
    return {"status": status, "timed_out": timed_out, **harvest.collect(spec["tree"]["entries"])}


def _start(spec: "dict[str, Any]", argv: list[str]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        _limit(spec["limits"])
        namespaces.leave_keyring()
        namespaces.drop_capabilities()
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        os.umask(0o022)
        os.chdir(spec["folder"])
        os.execve(_program(argv[0]), argv, spec["env"])
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _program(name: str) -> str:
    """A path as it is; a bare name is the machine's own program, past the recording one."""
    return name if "/" in name else f"{REAL}/{name}"


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        number = int(getattr(resource, name))
        _, hard = resource.getrlimit(number)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (bound, bound))


class Attendant:
    """What process 1 does while others run: reap them, pass on the stand-ins' questions, keep the time."""

    def __init__(self, to_caller: int) -> None:
        self.to_caller = to_caller
        self.requests = window.open_requests()
        self.wake, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def wait(self, child: int, deadline: float) -> int | None:
        """The child's exit status as a shell would give it, or None at the deadline."""
        while True:
            reaped, status = _reap()
            if reaped == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
            left = deadline - time.monotonic()
            if left <= 0 or reaped < 0:
                return None
            if reaped == 0:
                self._sleep(left)

    def let_others_end(self, deadline: float) -> None:
        """Return when no other process is left, at the latest at the deadline."""
        while True:
            reaped, _ = _reap()
            left = deadline - time.monotonic()
            if reaped < 0 or left <= 0:
                return
            if reaped == 0:
                self._sleep(left)

    def _sleep(self, seconds: float) -> None:
        ready, _, _ = select.select([self.wake, self.requests], [], [], seconds)
        if self.wake in ready:
            os.read(self.wake, 512)
        if self.requests in ready:
            window.serve(self.requests, self.to_caller, 0)


def _reap() -> tuple[int, int]:
    """A reaped child and its status; (0, 0) when all still run, (-1, 0) when there is none."""
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return -1, 0


def _kill_all() -> None:
    """Kill every process of the namespace but this one, and reap them."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return
    while _reap_blocking():
        pass


def _reap_blocking() -> bool:
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        return False
    return True
