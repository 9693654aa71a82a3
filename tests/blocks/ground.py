"""Runs composed prologues under real shells, in scratch folders that stand for the root of a node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ackpatch.splice.prologue import prologue

SHELLS = {"bash": ["bash"], "posix": ["bash", "--posix"], "dash": ["dash"]}
AWKS = {"mawk": ["mawk"], "gawk": ["gawk"], "busybox": ["busybox", "awk"], "original-awk": ["original-awk"]}
# The folders of a node that the blocks name; PATH, which they extend, is left alone.
NODE_FOLDER = re.compile(
    r"(?<![\w.*])/(?=(etc|run/systemd|usr/local/lib/systemd|usr/lib/systemd|lib/systemd|var/lib/kubelet)/)"
)
REGION_ID = "cn-hangzhou.i-bp1"
NODE_NAME = "cn-hangzhou.192.168.1.5"
PROVIDER_ID = "ALIBABA_CLOUD_PROVIDER_ID"
NAME = "ALIBABA_CLOUD_NODE_NAME"
LABELS = "ALIBABA_CLOUD_LABELS"
TAINTS = "ALIBABA_CLOUD_TAINTS"
ALL_FOUR = {
    PROVIDER_ID: REGION_ID,
    NAME: NODE_NAME,
    LABELS: "alibabacloud.com/nodepool-id=np1,zone=new",
    TAINTS: "gpu=true:NoSchedule",
}


def shells() -> list[object]:
    """The shells as test parameters; one that the machine lacks is skipped by name."""
    return [pytest.param(command, id=name, marks=needs(command[0])) for name, command in SHELLS.items()]


def find(program: str) -> str | None:
    """Where a program is; those of the Python that runs the tests come first."""
    return shutil.which(program, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find(program) is None, reason=f"{program} is not installed")


def rooted(text: str, root: Path | str = ".") -> str:
    """The same text for a node whose root is another folder, by default the working directory."""
    return NODE_FOLDER.sub(f"{root}/", text)


def block(runtime: str | None = "kubeadm", **more: bool) -> str:
    """A prologue whose node is the working directory."""
    return rooted(prologue(runtime, **more))


def run(
    shell: Sequence[str],
    script: str,
    folder: Path,
    values: Mapping[str, str] | None = None,
    *,
    path: str | None = None,
    args: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a script file in ``folder``; beside ``values`` it sees PATH, HOME and a locale."""
    file = folder / "script.sh"
    file.write_bytes(os.fsencode(script))
    environment = {"PATH": path or os.environ["PATH"], "HOME": "/root", "LC_ALL": "C.UTF-8", **(values or {})}
    program = shutil.which(shell[0]) or shell[0]
    return subprocess.run(
        [program, *shell[1:], str(file), *args],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def awk_path(folder: Path, name: str) -> str:
    """A PATH whose awk is the given one."""
    command = AWKS[name]
    program = shutil.which(command[0])
    assert program is not None
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "awk").write_text(f'#!/bin/sh\nexec {" ".join([program, *command[1:]])} "$@"\n')
    (tools / "awk").chmod(0o755)
    return f"{tools}:{os.environ['PATH']}"
