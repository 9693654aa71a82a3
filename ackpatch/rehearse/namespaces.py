"""Linux namespaces by system call: user, mount, process, network, IPC and host name.

The calls are made through ctypes because ``os.unshare`` came with Python 3.12, and because a root caller needs a map of
65,536 user ids that the program ``unshare`` of older util-linux cannot write.
"""

import ctypes
import os
import signal

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 0x2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24

# What root of a rehearsal may do: own, change and read any file of its root, change its ids, kill, chroot. Not: mount
# (a read-only bind could be made writable again), trace, load modules, set the clock.
KEPT_CAPABILITIES = frozenset(
    {
        0,  # CAP_CHOWN
        1,  # CAP_DAC_OVERRIDE
        2,  # CAP_DAC_READ_SEARCH
        3,  # CAP_FOWNER
        4,  # CAP_FSETID
        5,  # CAP_KILL
        6,  # CAP_SETGID
        7,  # CAP_SETUID
        12,  # CAP_NET_ADMIN, for the settings of a network that has no way out
        18,  # CAP_SYS_CHROOT
        31,  # CAP_SETFCAP
    }
)
CAPABILITY_LIMIT = 64

# Where root's ids of the rehearsal lie outside it: an ordinary, unused range above those that systemd-nspawn takes
# (up to 0x6fffffff). So the kernel treats even a root caller's script as an unprivileged user.
FOREIGN_ID = 0x70000000
ID_COUNT = 65536

# pivot_root(2) has no wrapper in glibc.
PIVOT_ROOT = {
    "x86_64": 155,
    "aarch64": 41,
    "riscv64": 41,
    "loongarch64": 41,
    "ppc64le": 203,
    "s390x": 217,
    "armv7l": 218,
    "i686": 217,
}

# keyctl(2) has no wrapper in glibc either.
KEYCTL = {
    "x86_64": 250,
    "aarch64": 219,
    "riscv64": 219,
    "loongarch64": 219,
    "ppc64le": 271,
    "s390x": 280,
    "armv7l": 311,
    "i686": 288,
}
KEYCTL_JOIN_SESSION_KEYRING = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2). Raises OSError with the target in its text."""
    encode = os.fsencode
    _check(
        _libc.mount(
            encode(source),
            encode(target),
            encode(kind) if kind else None,
            ctypes.c_ulong(flags),
            encode(data) if data else None,
        ),
        f"mount {target}",
    )


def bind_read_only(source: str, target: str) -> None:
    """Show ``source`` (with what is mounted below it) at ``target``, read-only.

    A user namespace may not drop flags such as nosuid from a mount that it inherited, so they are kept.
    """
    mount(source, target, None, MS_BIND | MS_REC)
    for point in _mount_points_below(target):
        kept = os.statvfs(point).f_flag & (MS_NOSUID | MS_NODEV | 0x8 | 0x400 | 0x800 | 0x1000)
        # statvfs calls relatime 0x1000, mount(2) calls it 0x200000; the others agree.
        flags = (kept & ~0x1000) | (0x200000 if kept & 0x1000 else 0)
        mount("none", point, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)


def _mount_points_below(target: str) -> list[str]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        points = [line.split(" ")[4] for line in lines]
    return [point for point in points if point == target or point.startswith(target + "/")]


def unmount(target: str) -> None:
    """umount2(2), lazily."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def pivot_root(new_root: str) -> None:
    """Make ``new_root`` (a mount point) the only root; nothing of the old one stays reachable."""
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(0, f"pivot_root: unknown machine type {os.uname().machine}")
    os.chdir(new_root)
    _check(_libc.syscall(ctypes.c_long(number), b".", b"."), "pivot_root")
    # Now the old root lies on top of the new one, both at ".".
    unmount(".")
    os.chdir("/")


def set_host_name(name: str) -> None:
    """sethostname(2), for this UTS namespace only."""
    encoded = name.encode()
    _check(_libc.sethostname(encoded, ctypes.c_size_t(len(encoded))), "sethostname")


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Get a signal when the parent dies: a killed caller leaves nothing running."""
    _libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(number), 0, 0, 0)


def leave_mounts() -> None:
    """This process mounts of its own: what it mounts is seen by its children only, and ends with them."""
    _check(_libc.unshare(CLONE_NEWNS), "unshare")
    mount("none", "/", None, MS_REC | MS_PRIVATE)


def forbid_tracing() -> None:
    """Keep other processes, root of the same user namespace included, out of this one's memory and open files."""
    _libc.prctl(PR_SET_DUMPABLE, ctypes.c_ulong(0), 0, 0, 0)


def leave_keyring() -> None:
    """This process an empty session keyring: the caller's keys cannot be read in there."""
    number = KEYCTL.get(os.uname().machine)
    if number is not None:
        _libc.syscall(ctypes.c_long(number), ctypes.c_long(KEYCTL_JOIN_SESSION_KEYRING), None)


def drop_capabilities() -> None:
    """Give up all but ``KEPT_CAPABILITIES``, for this process after its next exec and for all its children."""
    for number in range(CAPABILITY_LIMIT):
        if number not in KEPT_CAPABILITIES:
            # Numbers that this kernel does not know fail, which is as good.
            _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(number), 0, 0, 0)


def enter() -> None:
    """Move this process into new namespaces and become root of the user namespace.

    The process namespace begins with the next child, as unshare(2) has it. Raises OSError.
    """
    flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
    if os.geteuid() == 0:
        _enter_as_root(flags)
    else:
        _enter_as_user(flags)
    mount("none", "/", None, MS_REC | MS_PRIVATE)


def _enter_as_user(flags: int) -> None:
    user, group = os.geteuid(), os.getegid()
    _check(_libc.unshare(CLONE_NEWUSER | flags), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"0 {user} 1")
    _write("/proc/self/gid_map", f"0 {group} 1")


def _enter_as_root(flags: int) -> None:
    """As root: a helper outside writes the map of many ids, which a process cannot do for itself."""
    ready_read, ready_write = os.pipe()
    done_read, done_write = os.pipe()
    target = os.getpid()
    helper = os.fork()
    if helper == 0:
        _write_maps(target, ready_read, (ready_write, done_read), done_write)
    os.close(ready_read)
    os.close(done_write)
    _check(_libc.unshare(CLONE_NEWUSER | flags), "unshare")
    os.write(ready_write, b"x")
    mapped = os.read(done_read, 1)
    os.close(ready_write)
    os.close(done_read)
    os.waitpid(helper, 0)
    if not mapped:
        raise OSError(0, "the user id map could not be written")
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _write_maps(target: int, ready: int, others: tuple[int, int], done: int) -> None:
    for descriptor in others:
        os.close(descriptor)
    status = 1
    try:
        if os.read(ready, 1):
            _write(f"/proc/{target}/uid_map", f"0 {FOREIGN_ID} {ID_COUNT}")
            _write(f"/proc/{target}/gid_map", f"0 {FOREIGN_ID} {ID_COUNT}")
            os.write(done, b"x")
            status = 0
    finally:
        os._exit(status)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
