"""A rehearsal works for root and for an ordinary user, and says what is missing where it cannot work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import ackpatch
from ackpatch.rehearse import rehearse
from tests.commands import run

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from ackpatch.rehearse import rehearse
files = {"/etc/systemd/system/kubelet.service": b"[Service]\\nExecStart=/usr/bin/kubelet --x\\n"}
run = rehearse(b"id -u; touch /etc/x || exit 1; systemctl start kubelet", files=files)
print(run.exit_status, run.stdout, [one.argv for one in run.starts], "/etc/x" in run.files)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may read, with a copy of the package."""
    folder = Path(tempfile.mkdtemp(prefix="ackpatch-"))
    folder.chmod(0o755)
    shutil.copytree(Path(ackpatch.__file__).parent, folder / "ackpatch")
    yield folder
    shutil.rmtree(folder)


def test_an_ordinary_user_may_rehearse(open_folder: Path) -> None:
    command = ["/usr/bin/python3", "-c", PROGRAM, str(open_folder)]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", *command]
    if not os.path.exists("/usr/bin/python3") or sys.version_info < (3, 10):
        pytest.skip("no /usr/bin/python3 that an ordinary user may run")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env={"PATH": os.environ["PATH"]}
    )
    assert done.stdout == "0 b'0\\n' [('/usr/bin/kubelet', '--x')] True\n", done.stderr


def test_where_there_are_no_namespaces_it_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("systemctl start kubelet\n")
    forbid = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'
    command = ["unshare", "-Ur", "sh", "-c", forbid, "sh", sys.executable, "-m", "ackpatch", "rehearse", "a.sh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "user.max_user_namespaces" in done.stderr
    assert "Traceback" not in done.stderr


def test_on_another_system_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ackpatch.RehearsalError, match="a rehearsal needs Linux"):
        rehearse(b"systemctl start kubelet")


def test_the_machine_is_as_it_was_after_a_hostile_script(tmp_path: Path) -> None:
    """All at once: writes, kills, sockets, the home folder, a full disk, forks without end."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "key").write_text("secret of the caller")
    script = tmp_path / "a.sh"
    script.write_text(
        f"""
        echo x >/etc/ackpatch-hostile; echo x >{tmp_path}/hostile; rm -rf {home}
        kill -9 {os.getpid()} -1
        (exec 3<>/dev/tcp/127.0.0.1/22) && touch /opt/connected
        cat {home}/key ~/key /proc/*/environ | grep -a secret && touch /opt/seen
        head -c 900000000 /dev/zero >/var/fill
        bomb() {{ bomb | bomb & }}; bomb
        systemctl start kubelet
        """
    )
    before = os.statvfs("/").f_bavail
    done = run("rehearse", "--timeout", "5", "--json", script, cwd=tmp_path, HOME=str(home))
    assert done.returncode == 1, done.stderr
    assert b"secret of the caller" not in done.stdout
    assert (home / "key").read_text() == "secret of the caller"
    assert not os.path.exists("/etc/ackpatch-hostile")
    assert not (tmp_path / "hostile").exists()
    assert abs(before - os.statvfs("/").f_bavail) * os.statvfs("/").f_frsize < 800_000_000
    assert b"/opt/connected" not in done.stdout
