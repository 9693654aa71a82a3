"""The rehearsal on a real systemd: systemd-nspawn boots a copy of the machine's root, with nothing of it written.

systemctl, the units and kubelet's command line are systemd's own; all else that is a stand-in stays one.
"""

import contextlib
import os
import selectors
import shlex
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ackpatch.errors import RehearsalError
from ackpatch.rehearse import desk, layout
from ackpatch.rehearse.harvest import paths_below, read_file
from ackpatch.rehearse.places import HIDDEN, HOST_NAME, STAND_INS
from ackpatch.rehearse.tree import Entry, Tree

HERE = Path(__file__).parent
REAL = HERE / "stand_ins_real"
WATCHED = ("/etc", "/opt", "/root", "/tmp", "/var", "/usr/lib/systemd", "/usr/local", "/srv", "/home")
SPARE_SECONDS = 15.0
CONTENT_LIMIT = 1024 * 1024
# Units that others may need; the script's own words to them go to the model.
_RUNTIMES = ("containerd", "docker", "cri-docker", "crio")
_RUNTIME = (
    "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/.host/usr/bin/true\n"
    "[Install]\nWantedBy=multi-user.target\n"
)
_TARGET = "[Unit]\nRequires=ackpatch-run.service\nAfter=ackpatch-run.service\n"
_SERVICE = f"""[Unit]
DefaultDependencies=no
Wants=dbus.socket
After=dbus.socket
[Service]
Type=oneshot
KillMode=process
TimeoutStartSec=infinity
ExecStart=/.host/usr/bin/bash {HIDDEN}/run
ExecStopPost=/.host/usr/bin/systemctl poweroff --force --force
"""
# What is not taken from the model's tree: the machine's own folders are there.
_OWN = ("/usr/lib64", "/usr/lib32", "/usr/share/", "/lib", "/bin", "/sbin", "/usr/sbin", "/dev/", "/proc", "/sys/")


def missing() -> str:
    """Say what a real systemd needs and this machine lacks, or ""."""
    if os.geteuid() != 0:
        return "a rehearsal on a real systemd needs root"
    if shutil.which("systemd-nspawn") is None:
        return "a rehearsal on a real systemd needs systemd-nspawn (package systemd-container)"
    return ""


def run(spec: Mapping[str, Any], tree: Tree) -> tuple[dict[str, Any], bytes, bytes]:
    """Run one rehearsal; the answer has the form of the model's. Raises RehearsalError."""
    lack = missing()
    if lack:
        raise RehearsalError(lack)
    with _mounted(int(spec["megabytes"])) as place:
        root = place / "root"
        _write(root, tree, spec)
        ended = _boot(root, float(spec["timeout"]))
        return _answer(root, place / "upper", tree, ended)


@contextlib.contextmanager
def _mounted(megabytes: int) -> Iterator[Path]:
    """An overlay over the machine's root in memory; unmounted whatever happens."""
    place = Path(tempfile.mkdtemp(prefix="ackpatch-real-"))
    mounted: list[Path] = []
    try:
        _call("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "ackpatch", place)
        mounted.append(place)
        for name in ("upper", "work", "root"):
            (place / name).mkdir()
        options = f"lowerdir=/,upperdir={place}/upper,workdir={place}/work"
        _call("mount", "-t", "overlay", "-o", options, "ackpatch", place / "root")
        mounted.append(place / "root")
        yield place
    finally:
        for one in reversed(mounted):
            subprocess.run(["umount", "-l", one], check=False, capture_output=True)
        with contextlib.suppress(OSError):
            place.rmdir()


def _call(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RehearsalError(f"{command[0]}: {done.stderr.strip()}")


def _write(root: Path, tree: Tree, spec: Mapping[str, Any]) -> None:
    for folder in ("/etc/systemd/system", "/etc/sysconfig", "/var/lib/kubelet", "/etc/kubernetes"):
        shutil.rmtree(f"{root}{folder}", ignore_errors=True)
    for leftover in ("/etc/default/kubelet", "/etc/redhat-release", "/etc/debian_version", "/etc/lsb-release"):
        with contextlib.suppress(OSError):
            os.unlink(f"{root}{leftover}")
    for folder, mode in tree.folders.items():
        if not folder.startswith(_OWN):
            os.makedirs(f"{root}{folder}", exist_ok=True)
            os.chmod(f"{root}{folder}", mode)
    for path, entry in {**tree.entries, **_real_entries(tree), **_run_entries(spec)}.items():
        if not _is_own(path, entry):
            for place in (path, *_other_places(root, path, entry)):
                _put(f"{root}{place}", entry)
    for folder in tree.binds:
        os.makedirs(f"{root}{folder}", exist_ok=True)
    os.mkfifo(f"{root}{HIDDEN}/requests", 0o600)


def _other_places(root: Path, path: str, entry: Entry) -> list[str]:
    """Where else the machine has a program that a stand-in takes the place of: its sbin can be a folder of its own."""
    folder, _, name = path.rpartition("/")
    if folder != "/usr/bin" or entry.link is not None:
        return []
    return [f"{one}/{name}" for one in ("/usr/sbin", "/sbin", "/bin") if _is_another(f"{root}{one}", root, name)]


def _is_another(folder: str, root: Path, name: str) -> bool:
    return os.path.lexists(f"{folder}/{name}") and os.path.realpath(folder) != os.path.realpath(f"{root}/usr/bin")


def _is_own(path: str, entry: Entry) -> bool:
    host_link = entry.link is not None and path.startswith("/usr/lib/")
    return path.startswith(_OWN) or host_link or path in layout.MERGED or path == "/etc/ld.so.cache"


def _put(path: str, entry: Entry) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if entry.link is not None:
        os.symlink(entry.link, path)
        return
    with open(path, "wb") as file:
        file.write(entry.content)
    os.chmod(path, entry.mode)


def _real_entries(tree: Tree) -> dict[str, Entry]:
    """The stand-ins that lead to the real systemd; the model's keep their work under another name."""
    found = {}
    for name in ("systemd.sh", "systemctl", "kubelet"):
        model = tree.entries[f"{STAND_INS}/{name}"]
        found[f"{STAND_INS}/model-{name}"] = Entry(
            model.content.replace(b"/systemd.sh\n", b"/model-systemd.sh\n"), 0o755
        )
        text = (REAL / name).read_bytes().replace(b"#!/bin/sh\n", f"#!{HIDDEN}/sh\n".encode(), 1)
        found[f"{STAND_INS}/{name}"] = Entry(text, 0o755)
    model_kubelet = tree.entries[f"{STAND_INS}/kubelet"].content
    for path, entry in tree.entries.items():
        if entry.content == model_kubelet and path != f"{STAND_INS}/kubelet":
            found[path] = found[f"{STAND_INS}/kubelet"]
    found["/usr/bin/systemctl"] = found[f"{STAND_INS}/systemctl"]
    return found


def _run_entries(spec: Mapping[str, Any]) -> dict[str, Entry]:
    """The unit that runs the script, and what runs in it; at last kubelet is started as the next boot would."""
    variables = [f"{name}={value}" for name, value in spec["env"].items()]
    argv = list(spec["argv"])
    argv[0] = argv[0] if "/" in argv[0] else f"{HIDDEN}/real/{argv[0]}"
    command = shlex.join(["/.host/usr/bin/env", "-i", *variables, *argv])
    text = f"""cd {shlex.quote(spec["folder"])}
umask 022
/.host/usr/bin/timeout -s KILL {spec["timeout"]:g} {command} </dev/null >{HIDDEN}/stdout 2>{HIDDEN}/stderr
echo $? >{HIDDEN}/status
/.host/usr/bin/sleep 0.1
if [ ! -e {HIDDEN}/state/runs ] && /.host/usr/bin/systemctl is-enabled -q kubelet.service 2>/dev/null; then
    echo boot >{HIDDEN}/state/how
    /.host/usr/bin/systemctl daemon-reload
    /.host/usr/bin/systemctl restart kubelet.service 2>/dev/null
    /.host/usr/bin/sleep 0.2
fi
"""
    return {
        f"{HIDDEN}/run": Entry(text.encode("utf-8", "surrogateescape"), 0o755),
        "/etc/systemd/system/ackpatch-run.target": Entry(_TARGET.encode()),
        "/etc/systemd/system/ackpatch-run.service": Entry(_SERVICE.encode()),
        "/etc/hostname": Entry(f"{HOST_NAME}\n".encode()),
        **{f"/usr/lib/systemd/system/{name}.service": Entry(_RUNTIME.encode()) for name in _RUNTIMES},
    }


def _boot(root: Path, timeout: float) -> bool:
    """Boot the container and wait for its end; says whether it ended by itself."""
    command = ["systemd-nspawn", "-q", "-D", str(root), "--register=no", "--keep-unit", "--private-network"]
    command += [
        f"--hostname={HOST_NAME}",
        "--bind-ro=/usr:/.host/usr",
        "--tmpfs=/sys/module",
        "-b",
        "--",
        "--unit=ackpatch-run.target",
    ]
    stop = threading.Event()
    server = threading.Thread(target=_serve, args=(root, stop), daemon=True)
    server.start()
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
    try:
        process.wait(timeout + SPARE_SECONDS)
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        stop.set()
        server.join()


def _serve(root: Path, stop: threading.Event) -> None:
    """Answer the stand-ins' questions, as the model's process 1 and its caller do together."""
    requests = os.open(f"{root}{HIDDEN}/requests", os.O_RDWR | os.O_NONBLOCK)
    with selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        while not stop.is_set():
            for _ in selector.select(0.05):
                fields = os.read(requests, 65536).decode("utf-8", "surrogateescape").split("\0")
                while len(fields) > 1 and fields[0].isdigit():
                    count = int(fields[0])
                    reply, *question = fields[1 : 1 + count]
                    fields = fields[1 + count :]
                    _reply(root, reply, _answered(root, question))
    os.close(requests)


def _answered(root: Path, question: list[str]) -> str:
    if question[:1] == ["registers"]:
        return _registered(root)
    files = {}
    if question[:1] == ["kubeadm-arguments"] and question[-1]:
        with contextlib.suppress(OSError):
            files[question[-1]] = Path(f"{root}{question[-1]}").read_bytes()
    return desk.answer(question, files, 252)


def _registered(root: Path) -> str:
    """The name under which the kubelet that was started last registers."""
    from ackpatch.rehearse.node_view import view
    from ackpatch.rehearse.record import records

    log = Path(f"{root}{HIDDEN}/log").read_bytes()
    runs = [record[3:] for record in records(log) if record[0] == "real"]
    if not runs:
        return ""
    seen = view(runs[-1])
    name = f"name={seen.hostname_override}\n" if seen.hostname_override else ""
    return name + (f"exits={seen.exits}\n" if seen.exits else "")


def _reply(root: Path, reply: str, text: str) -> None:
    path = f"{root}{HIDDEN}/replies/{os.path.basename(reply)}"
    for _ in range(100):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            os.write(descriptor, (text + ".\n").encode("utf-8", "surrogateescape"))
            os.close(descriptor)
            return
        time.sleep(0.01)


def _answer(root: Path, upper: Path, tree: Tree, ended: bool) -> tuple[dict[str, Any], bytes, bytes]:
    def read(name: str) -> bytes:
        with contextlib.suppress(OSError):
            return Path(f"{root}{HIDDEN}/{name}").read_bytes()
        return b""

    status = read("status").strip()
    if not ended and not status:
        raise RehearsalError("the container did not end in time")
    files, removed = _changes(upper, tree)
    answer = {
        "status": int(status) if status.isdigit() else None,
        "timed_out": status == b"137" or not status,
        "log": read("log"),
        "snapshots": {},
        "files": files,
        "removed": removed,
        "trouble": "",
    }
    return answer, read("stdout")[:CONTENT_LIMIT], read("stderr")[:CONTENT_LIMIT]


def _changes(upper: Path, tree: Tree) -> tuple[dict[str, tuple[int, bytes, str | None]], list[str]]:
    """Give what the script changed: the overlay's upper folder against what was laid into it."""
    changed, gone = {}, []
    for folder in WATCHED:
        for full in paths_below(f"{upper}{folder}", []):
            path = full[len(str(upper)) :]
            state = os.lstat(full)
            if stat.S_ISCHR(state.st_mode):
                gone += [path] if path in tree.entries else []
            elif stat.S_ISLNK(state.st_mode) or stat.S_ISREG(state.st_mode):
                link = os.readlink(full) if stat.S_ISLNK(state.st_mode) else None
                content = b"" if link is not None else read_file(full, CONTENT_LIMIT) or b""
                known = tree.entries.get(path)
                if known is None or known.link != link or (link is None and known.content != content):
                    changed[path] = (stat.S_IMODE(state.st_mode), content, link)
    return {path: state for path, state in changed.items() if not _is_ours(path)}, gone


def _is_ours(path: str) -> bool:
    return "ackpatch-run" in path or path.startswith(("/var/log/", "/var/lib/systemd/", "/etc/hostname", "/var/tmp/"))
