"""The block for agents: what it writes is read back by a YAML library, whatever the values are."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ackpatch import patch
from ackpatch.inserted.blocks import Kind, block

from .ground import SHELLS, VALUES, needs
from .test_values import HOSTILE

PROVIDER_ID, NAME, LABELS, TAINTS = VALUES
each_shell = pytest.mark.parametrize("shell", [pytest.param(one, marks=needs(SHELLS[one][0])) for one in SHELLS])


CALLS = [
    ("systemctl enable rke2-agent\nsystemctl start rke2-agent\n", 1),
    ("systemctl enable rke2-agent\nsystemctl daemon-reload\nsystemctl start rke2-agent\n", 1),
    ("systemctl enable rke2-agent\nrm -rf /etc/rancher\nsystemctl start rke2-agent\n", 2),
    ("systemctl enable rke2-agent\nif x; then systemctl start rke2-agent; fi\n", 2),
    ("systemctl enable k3s-agent\nsystemctl start rke2-agent\n", 2),
]


def run(folder: Path, shell: str, env: dict[str, str], before: str = "") -> subprocess.CompletedProcess[str]:
    script = folder / "script"
    script.write_text(
        f"{before}{block(Kind.AGENT)}ackpatch_agent {folder}/a {folder}/b\necho after\n", encoding="utf-8"
    )
    program, *options = SHELLS[shell]
    command = [shutil.which(program) or program, *options, str(script)]
    return subprocess.run(command, env={"PATH": "/nowhere", **env}, capture_output=True, text=True, check=False)


def written(folder: Path) -> Any:
    first, second = ((folder / name / "zz-ackpatch.yaml").read_text() for name in "ab")
    assert first == second
    assert sorted(os.listdir(folder / "a")) == ["zz-ackpatch.yaml"]
    return yaml.safe_load(first)


@each_shell
@pytest.mark.parametrize("before", ["", "set -euo pipefail\n", "IFS=:\n", "set -f\n", "alias printf=false\n", "cd /\n"])
def test_it_writes_the_four_values(shell: str, before: str, tmp_path: Path) -> None:
    if shell == "dash" or shell.startswith("busybox"):
        before = before.replace("o pipefail", "")
    done = run(tmp_path, shell, VALUES, before)
    assert (done.returncode, done.stdout, done.stderr) == (0, "after\n", "")
    assert written(tmp_path) == {
        "node-name": VALUES[NAME],
        "with-node-id": False,
        "node-label+": VALUES[LABELS].split(","),
        "node-taint+": VALUES[TAINTS].split(","),
        "kubelet-arg+": [f"provider-id={VALUES[PROVIDER_ID]}"] * 2,
    }


@each_shell
def test_without_values_nothing_happens(shell: str, tmp_path: Path) -> None:
    done = run(tmp_path, shell, {})
    assert (done.returncode, done.stdout, done.stderr) == (0, "after\n", "")
    assert os.listdir(tmp_path) == ["script"]


def test_the_provider_id_alone_leaves_the_other_keys_out(tmp_path: Path) -> None:
    assert run(tmp_path, "bash", {PROVIDER_ID: "a.b"}).returncode == 0
    assert written(tmp_path) == {"kubelet-arg+": ["provider-id=a.b"] * 2}


@each_shell
def test_what_kubelet_exits_on_is_left_out(shell: str, tmp_path: Path) -> None:
    labels = "node-role.kubernetes.io/x=y,rack=r1,node.kubernetes.io/ok=1,=x"
    taints = "a=1:NoSchedule,a=2:NoSchedule,a=1:NoExecute,b:NoSchedule"
    done = run(tmp_path, shell, {**VALUES, LABELS: labels, TAINTS: taints})
    assert done.stderr.count("left out") == 2
    found = written(tmp_path)
    assert found["node-label+"] == ["rack=r1", "node.kubernetes.io/ok=1"]
    assert found["node-taint+"] == ["a=1:NoSchedule", "a=1:NoExecute", "b:NoSchedule"]


@each_shell
@pytest.mark.parametrize("variable", VALUES)
def test_a_hostile_value_ends_the_script_and_writes_nothing(shell: str, variable: str, tmp_path: Path) -> None:
    for value in (*HOSTILE, "a: b", "a'b", "a\n- b", "a #b", "- a", "&a", "*a", "!a"):
        done = run(tmp_path, shell, {**VALUES, variable: value})
        assert (done.returncode, done.stdout) == (1, ""), (variable, value)
        assert os.listdir(tmp_path) == ["script"]


def test_a_folder_that_cannot_be_written_ends_the_script(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    done = run(tmp_path, "bash", VALUES, "set +e\n")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize(("text", "calls"), CALLS)
def test_one_call_where_nothing_comes_between(text: str, calls: int) -> None:
    assert patch(f"#!/bin/sh\n{text}").patched.count("ackpatch_agent /") == calls
