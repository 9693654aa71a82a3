"""The rehearsal on a real systemd: what it needs, and what its root has besides the model's.

systemctl, the units and kubelet's command line are systemd's own; all else that is a stand-in stays one. ``keeper.py``
boots the root with systemd-nspawn.
"""

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ackpatch.rehearse.places import HIDDEN, HOST, HOST_NAME, STAND_INS
from ackpatch.rehearse.tree import Entry, Tree

REAL = Path(__file__).parent / "stand_ins_real"
UNITS = "/usr/lib/systemd/system"
# Units that others may need; the script's own words to them go to the model.
_RUNTIMES = ("containerd", "docker", "cri-docker", "crio")
_RUNTIME = (
    "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/.host/usr/bin/true\n"
    "[Install]\nWantedBy=multi-user.target\n"
)
_TARGET = "[Unit]\nRequires=ackpatch-run.service\nAfter=ackpatch-run.service\n"
_SERVICE = f"""[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
KillMode=process
TimeoutStartSec=infinity
LimitNPROC={{RLIMIT_NPROC}}
LimitFSIZE={{RLIMIT_FSIZE}}
LimitAS={{RLIMIT_AS}}
LimitCPU={{RLIMIT_CPU}}
ExecStart=/.host/usr/bin/bash {HIDDEN}/run
ExecStopPost=/.host/usr/bin/systemctl poweroff --force --force
"""
_NOT_SHARED = ("system", "system-generators")
_SERVICES = ("systemd-journald.service",)
# What a container has of its own.
_OF_THE_CONTAINER = ("/dev/", "/proc/", "/sys/")


def missing() -> str:
    """Say what a real systemd needs and this machine lacks, or ""."""
    if os.geteuid() != 0:
        return "a rehearsal on a real systemd needs root"
    if shutil.which("systemd-nspawn") is None:
        return "a rehearsal on a real systemd needs systemd-nspawn (package systemd-container)"
    return ""


def with_systemd(tree: Tree, spec: Mapping[str, Any]) -> Tree:
    """The model's tree with the machine's systemd in it, and what runs the script there."""
    entries = {path: entry for path, entry in tree.entries.items() if not path.startswith(_OF_THE_CONTAINER)}
    folders = {path: mode for path, mode in tree.folders.items() if not path.startswith(_OF_THE_CONTAINER)}
    links = {path: entry for path, entry in _links().items() if not any(one.startswith(f"{path}/") for one in entries)}
    links = {path: entry for path, entry in links.items() if path not in folders}
    entries = {**links, **entries, **_stand_ins(tree), **_run(spec)}
    return replace(tree, entries=entries, folders=folders, devices=(), sealed=())


def _links() -> dict[str, Entry]:
    """The machine's systemd, file by file, so that the script can write beside it: its programs, targets, sockets and
    slices, and no service or generator of the machine's but the journal.
    """
    found = [f"/usr/lib/systemd/{name}" for name in os.listdir("/usr/lib/systemd") if name not in _NOT_SHARED]
    found += [f"{UNITS}/{name}" for name in os.listdir(UNITS) if name in _SERVICES or not name.endswith(".service")]
    return {path: Entry(link=HOST + path) for path in found}


def _stand_ins(tree: Tree) -> dict[str, Entry]:
    """The stand-ins that lead to the real systemd; the model's keep their work under another name."""
    found, new = {}, {}
    for name in ("systemd.sh", "systemctl", "kubelet"):
        model = tree.entries[f"{STAND_INS}/{name}"].content
        found[f"{STAND_INS}/model-{name}"] = Entry(model.replace(b"/systemd.sh\n", b"/model-systemd.sh\n"), 0o755)
        new[model] = (REAL / name).read_bytes().replace(b"#!/bin/sh\n", f"#!{HIDDEN}/sh\n".encode(), 1)
    for name in ("hostnamectl", "network"):
        model = tree.entries[f"{STAND_INS}/{name}"].content
        new[model] = model.replace(b"ask set-host-name", b"/.host/usr/bin/hostname")
    return found | {path: Entry(new[one.content], 0o755) for path, one in tree.entries.items() if one.content in new}


def _run(spec: Mapping[str, Any]) -> dict[str, Entry]:
    """The unit that runs the script, and what runs in it; at last kubelet is started as the next boot would."""
    variables = [f"{name}={value}" for name, value in spec["env"].items()]
    argv = list(spec["argv"])
    argv[0] = argv[0] if "/" in argv[0] else f"{HIDDEN}/real/{argv[0]}"
    command = shlex.join(["/.host/usr/bin/env", "-i", *variables, *argv])
    text = f"""cd {shlex.quote(spec["folder"])}
umask 022
echo '        ' >{HIDDEN}/status # room for the number, also where the script fills the disk
/.host/usr/bin/timeout -s KILL {spec["timeout"]:g} {command} </dev/null >{HIDDEN}/stdout 2>{HIDDEN}/stderr
echo $? 1<>{HIDDEN}/status
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
        "/etc/systemd/system/ackpatch-run.service": Entry(_SERVICE.format(**spec["limits"]).encode()),
        "/etc/hostname": Entry(f"{HOST_NAME}\n".encode()),
        **{f"{UNITS}/{name}.service": Entry(_RUNTIME.encode()) for name in _RUNTIMES},
    }
