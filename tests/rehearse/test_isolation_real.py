"""A container that boots is as far from the machine as the model is, and leaves nothing on it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ackpatch.rehearse import Rehearsal, container, rehearse
from ackpatch.rehearse.cgroups import PREFIX, places
from tests.rehearse.test_isolation import MOUNT, _is_running, _within, killed_while_it_runs

pytestmark = pytest.mark.skipif(bool(container.missing()), reason=container.missing() or "-")


def real(script: str | bytes, timeout: float = 20.0) -> Rehearsal:
    return rehearse(script.encode() if isinstance(script, str) else script, env={}, real=True, timeout=timeout)


def traces() -> tuple[list[str], list[str], list[str]]:
    """What a container could leave on the machine: mounts, cgroups, its manager's files."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    parents = places(Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text())
    groups = [f"{one}/{name}" for one in parents for name in os.listdir(one) if os.path.isdir(f"{one}/{name}")]
    # Other tests have theirs, as long as they run.
    groups = [one for one in groups if not os.path.exists(f"/proc/{one.rpartition(PREFIX)[2]}")]
    run = Path("/run/systemd")
    return mounts, sorted(groups), sorted(map(str, run.rglob("*"))) if run.exists() else []


def test_the_machines_files_cannot_be_written(tmp_path: Path) -> None:
    marks = [f"/etc/ackpatch-mark-{os.getpid()}", f"/usr/local/ackpatch-mark-{os.getpid()}", str(tmp_path / "mark")]
    script = "".join(f"mkdir -p {os.path.dirname(mark)}; echo x >{mark}\n" for mark in marks)
    script += "echo x >/.host/usr/mark; rm -rf /.host/usr/share/doc; /.host/usr/bin/mount -o remount,rw,bind /.host/usr && echo done\n"
    run = real(script + "rm -rf /etc /var /root /home /opt\n")
    assert not any(os.path.exists(one) for one in (*marks, "/usr/mark"))
    assert os.path.exists("/etc/passwd")
    assert run.stdout == b""


def test_no_disk_can_be_made_or_mounted() -> None:
    if not os.path.exists("/usr/bin/python3"):
        pytest.skip("no /usr/bin/python3 on this machine")
    assert real(MOUNT).stdout.split() == [b"-1"] * 3


def test_the_callers_home_and_environment_are_not_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "x")
    run = real("ls -A $HOME /home; cat /proc/1/environ; cat /proc/self/uid_map; cat /etc/shadow")
    assert b"SECRET" not in run.stdout
    assert run.stdout.startswith(b"/home:\n\n/root:\n.bashrc\nbootstrap.sh\n")
    assert run.stdout.split()[-2:] != [b"0", b"4294967295"]
    assert b"No such file" in run.stderr


def test_no_network_and_no_input() -> None:
    run = real("(exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null; echo $?; grep -c : /proc/net/dev; read -r a; echo $?")
    assert run.stdout.split() == [b"1", b"1", b"1"]


def test_time_disk_and_output_are_bounded() -> None:
    began = time.monotonic()
    run = real("echo before; bash -c 'while :; do :; done' & while :; do :; done", timeout=0.5)
    assert (run.timed_out, run.stdout) == (True, b"before\n")
    assert time.monotonic() - began < 10
    run = real("head -c 3000000 /dev/zero; head -c 500000000 /dev/zero >/opt/x; head -c 500000000 /dev/zero >/opt/y")
    assert (len(run.stdout), run.exit_status, run.trouble) == (2**20, 1, "the throw-away root is full")


def test_a_link_that_leads_out_is_not_followed_by_who_collects() -> None:
    secret = "/etc/hostname"
    run = real(
        f"echo shown; rm /.ackpatch/stderr; ln -s {secret} /.ackpatch/stderr; ln -s / /opt/out; rm -f /etc/hostname"
    )
    assert run.stdout == b"shown\n"
    assert Path(secret).read_bytes() not in (run.stderr, run.files.get("/opt/out"))


def test_nothing_is_left_behind() -> None:
    before = traces()
    run = real("systemctl start kubelet; nohup bash -c 'while :; do :; done' ackpatch-left-behind & :")
    assert run.exit_status == 0
    assert traces() == before
    assert not _is_running("ackpatch-left-behind")


def test_a_killed_caller_leaves_nothing() -> None:
    before = traces()
    mark = killed_while_it_runs(real=True)
    assert _within(20, lambda: not _is_running(mark) and traces() == before)


def test_where_a_process_stands_in_each_hierarchy() -> None:
    mounts = (
        "30 25 0:26 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n"
        "31 25 0:27 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup rw,xattr,name=systemd\n"
        "32 25 0:28 /docker/x /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
    )
    assert places(mounts, "3:pids:/docker/x\n1:name=systemd:/a/b\n0::/a/c\n") == [
        "/sys/fs/cgroup/systemd/a/b",
        "/sys/fs/cgroup/unified/a/c",
    ]
    inside = "30 25 0:26 /box /sys/fs/cgroup rw - cgroup2 cgroup rw\n"
    assert places(inside, "0::/box/x\n") == ["/sys/fs/cgroup/x"]
    assert places(inside, "0::/elsewhere\n") == []
