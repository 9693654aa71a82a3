"""Nothing of the machine can be written, little of it seen, and every run ends."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ackpatch.errors import RehearsalError
from ackpatch.rehearse import rehearse
from ackpatch.rehearse.namespaces import KEYCTL

ADD_KEY = {"x86_64": 248, "aarch64": 217, "riscv64": 217, "loongarch64": 217, "ppc64le": 269, "s390x": 278}

MOUNT = b"""
python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print(libc.mount(b"none", b"/.host/usr", None, 0x1020, None))
print(libc.mount(b"/dev/vda", b"/mnt", b"ext4", 0, None))
try:
    os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0))
    print("made")
except OSError:
    print(-1)
'
"""


def test_the_machines_files_cannot_be_written(tmp_path: Path) -> None:
    marks = [f"/etc/ackpatch-mark-{os.getpid()}", f"/usr/local/ackpatch-mark-{os.getpid()}", str(tmp_path / "mark")]
    script = "".join(f"mkdir -p {os.path.dirname(mark)}; echo x >{mark} || echo failed\n" for mark in marks)
    script += (
        "rm -rf /etc /var /root /home /opt; echo x >/.host/usr/mark; rm -rf /.host/usr/share/doc /.host/usr/share\n"
    )
    rehearse(script.encode())
    assert not any(os.path.exists(mark) for mark in marks)
    assert not os.path.exists("/usr/mark")
    assert os.path.exists("/etc/passwd")
    assert os.path.isdir("/usr/share")


def test_root_of_the_rehearsal_cannot_mount_the_machine_or_make_its_disk() -> None:
    if not os.path.exists("/usr/bin/python3"):
        pytest.skip("no /usr/bin/python3 on this machine")
    assert rehearse(MOUNT).stdout.split() == [b"-1"] * 3


def test_the_callers_home_environment_and_processes_are_not_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "x")
    script = b"env; echo; ls -A $HOME; cat /proc/1/environ; ls /proc/1/fd; ls /proc | grep -c '^[0-9]'"
    environment, _, rest = rehearse(script, env={"A": "b"}).stdout.partition(b"\n\n")
    names = {line.partition(b"=")[0] for line in environment.splitlines()}
    assert names <= {b"A", b"PATH", b"HOME", b"LANG", b"PWD", b"SHLVL", b"_", b"OLDPWD"}
    listing = rest.split()
    assert listing[:-1] == [b".bashrc", b"bootstrap.sh"]
    assert int(listing[-1]) < 10


def test_no_network() -> None:
    rehearsal = rehearse(b"(exec 3<>/dev/tcp/127.0.0.1/22) 2>&1; echo $?; grep -c : /proc/net/dev")
    assert rehearsal.stdout.splitlines()[-2:] == [b"1", b"1"]


def test_processes_outside_cannot_be_killed() -> None:
    rehearse(f"kill -9 {os.getpid()} {os.getppid()}; kill -9 -1".encode())


def test_the_time_out_ends_everything() -> None:
    begin = time.monotonic()
    rehearsal = rehearse(b"echo before; (while :; do :; done) & while :; do :; done", timeout=0.5)
    assert time.monotonic() - begin < 5
    assert (rehearsal.exit_status, rehearsal.timed_out, rehearsal.stdout) == (None, True, b"before\n")


def test_what_happened_before_the_time_out_is_told() -> None:
    files = {"/etc/systemd/system/kubelet.service": b"[Service]\nExecStart=/usr/bin/kubelet a\n"}
    script = b"echo x >/etc/y; systemctl start kubelet; cat <(while :; do :; done)"
    rehearsal = rehearse(script, files=files, timeout=1)
    assert rehearsal.timed_out
    assert rehearsal.starts[0].argv == ("/usr/bin/kubelet", "a")
    assert rehearsal.files["/etc/y"].content == b"x\n"


def test_output_is_bounded() -> None:
    rehearsal = rehearse(b"head -c 50000000 /dev/zero; head -c 5000000 /dev/zero >&2")
    assert (len(rehearsal.stdout), len(rehearsal.stderr), rehearsal.exit_status) == (2**20, 2**20, 0)


def test_the_disk_cannot_be_filled() -> None:
    script = b"head -c 500000000 /dev/zero >/var/x; head -c 60000000 /dev/zero >/opt/y; du -sm /var /opt"
    rehearsal = rehearse(script)
    assert sum(int(line.split()[0]) for line in rehearsal.stdout.splitlines()) <= 65
    assert all(len(state.content) <= 2**20 for state in rehearsal.files.values())


def test_a_fork_bomb_ends() -> None:
    begin = time.monotonic()
    rehearsal = rehearse(b"bomb() { bomb | bomb & }; bomb; while :; do :; done", timeout=1.5)
    assert rehearsal.timed_out
    assert time.monotonic() - begin < 15


def test_no_input() -> None:
    rehearsal = rehearse(b"read -r answer; echo $? [$answer]; read -r again </dev/tty")
    assert rehearsal.stdout == b"1 []\n"


def test_output_can_be_opened_again() -> None:
    script = b"echo a >/dev/stdout; echo b >/dev/stderr; echo c | tee /dev/stderr >/dev/null; exec > >(cat); echo d"
    rehearsal = rehearse(script)
    assert (rehearsal.stdout, rehearsal.stderr) == (b"a\nd\n", b"b\nc\n")


@pytest.mark.parametrize(
    ("family", "files"), [("solaris", {}), ("rpm+", {}), ("rpm", {"relative": b""}), ("rpm", {"/.ackpatch/log": b""})]
)
def test_impossible_requests_are_errors(family: str, files: dict[str, bytes]) -> None:
    with pytest.raises(RehearsalError):
        rehearse(b":", family=family, files=files)


def test_nothing_is_left_behind() -> None:
    rehearse(f"echo x >/tmp/left-{os.getpid()}; nohup sh -c 'while :; do :; done' & :".encode())
    assert not os.path.exists(f"/tmp/left-{os.getpid()}")


def test_no_file_of_the_caller_can_be_given_a_place_outside(tmp_path: Path) -> None:
    outside = f"/var/tmp/ackpatch-mark-{os.getpid()}"
    for name in (f"http://../../../../../..{outside}", "http://a/\0b", "/x/../.ackpatch/log", "/../.ackpatch/log", "/"):
        with pytest.raises(RehearsalError):
            rehearse(b":", files={name: b"x"})
    assert not os.path.exists(outside)
    assert not os.path.exists(outside + ".content")


def test_a_killed_caller_leaves_nothing_running() -> None:
    mark = killed_while_it_runs(real=False)
    assert _within(5, lambda: not _is_running(mark))


def killed_while_it_runs(real: bool) -> str:
    """Kill a caller of a rehearsal; gives the word by which its script's process is known."""
    mark = f"ackpatch-spin-{os.getpid()}"
    script = f"bash -c 'while :; do :; done' {mark}"
    code = f"from ackpatch.rehearse import rehearse; rehearse({script.encode()!r}, timeout=30, real={real})"
    caller = subprocess.Popen([sys.executable, "-c", code])
    try:
        assert _within(10, lambda: _is_running(mark))
    finally:
        caller.kill()
        caller.wait()
    return mark


def _is_running(mark: str) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if entry.read_bytes().endswith(b"\0" + mark.encode() + b"\0"):
                return True
        except OSError:
            continue
    return False


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_no_descriptor_of_the_caller_is_open_in_the_script() -> None:
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(300)]
    try:
        # 255 is where bash itself keeps the script.
        assert rehearse(b"cd /proc/self/fd; echo *").stdout == b"0 1 2 255 3\n"
    finally:
        for descriptor in held:
            os.close(descriptor)


def test_a_script_cannot_make_namespaces_of_its_own() -> None:
    if not os.path.exists("/usr/bin/unshare"):
        pytest.skip("no unshare on this machine")
    for options in ("-Ur", "-Urm", "-Urn"):
        assert rehearse(f"/.host/usr/bin/unshare {options} true; echo $?".encode()).stdout == b"1\n"


def test_the_callers_keys_cannot_be_read() -> None:
    """A key in the session keyring, by system calls: neither side may have keyctl."""
    number = KEYCTL.get(os.uname().machine)
    if number is None or not os.path.exists("/usr/bin/python3"):
        pytest.skip("no number of keyctl(2) for this machine, or no /usr/bin/python3")
    # KEYCTL_SEARCH in KEY_SPEC_SESSION_KEYRING.
    search = (
        f"import ctypes, sys; c = ctypes.CDLL(None); n = ctypes.c_long; "
        f"print(c.syscall(n({number}), n(10), n(-3), b'user', b'ackpatch-test', n(0)) > 0)"
    )
    add = (
        "import ctypes, sys; c = ctypes.CDLL(None); n = ctypes.c_long; "
        f"c.syscall(n({number}), n(1), None); "
        f"c.syscall(n({ADD_KEY[os.uname().machine]}), b'user', b'ackpatch-test', b'x', n(1), n(-3)); "
        f"exec({search!r}); from ackpatch.rehearse import rehearse; "
        f"print(rehearse(b'python3 -c ' + {search!r}.encode().join([bytes([34])] * 2)).stdout.decode())"
    )
    done = subprocess.run([sys.executable, "-c", add], capture_output=True, text=True, check=True)
    if done.stdout.startswith("False"):
        pytest.skip("no keyrings on this machine")
    assert done.stdout.split() == ["True", "False"], done.stderr
