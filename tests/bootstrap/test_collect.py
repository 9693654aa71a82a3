"""``ackpatch collect`` with the real kubectl against an API endpoint on loopback, and a stand-in for kubeadm."""

from __future__ import annotations

import base64
import os
import shutil
import stat
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ackpatch.bootstrap.collect import seconds_of, token_command, with_join
from ackpatch.bootstrap.values import Values, as_toml, read_values
from ackpatch.errors import AckpatchError, UsageError
from tests.api_server import Cluster
from tests.commands import run

JOIN = "kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:00 \n"
NEW, OLD = "node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"


def collect(
    kubeconfig: Path, target: Path, *words: str, path: str = os.environ["PATH"]
) -> subprocess.CompletedProcess[bytes]:
    return run("collect", "--kubeconfig", kubeconfig, "-o", target, *words, stdin=JOIN.encode(), PATH=path)


@pytest.fixture
def cluster() -> Cluster:
    found = Cluster()
    add_token(found, "abcdef", None)
    return found


def add_token(cluster: Cluster, public: str, end: datetime | None) -> None:
    data = {}
    if end is not None:
        data["expiration"] = base64.b64encode(end.strftime("%Y-%m-%dT%H:%M:%SZ").encode()).decode()
    cluster.put(f"/api/v1/namespaces/kube-system/secrets/bootstrap-token-{public}", "Secret", data)


@pytest.mark.parametrize("label", [NEW, OLD])
def test_versions_and_runtime_come_from_the_control_plane(
    cluster: Cluster, kubeconfig: Path, tmp_path: Path, label: str
) -> None:
    cluster.add_node("master-1", label, "v1.28.2", "containerd://1.7.13")
    cluster.add_node("worker-1", "other", "v1.27.1", "docker://20.10.1")
    target = tmp_path / "values.toml"
    done = collect(kubeconfig, target, "--join-command-file", "-", "--ttl", "0")
    assert done.returncode == 0, done.stderr
    assert read_values(str(target)) == Values("1.28.2", "containerd", "1.7.13", " ".join(JOIN.split()), "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert b"never expires" in done.stderr
    assert b"0123456789abcdef" not in done.stdout + done.stderr
    script = run("new", "--from", target)
    assert script.returncode == 0, script.stderr
    assert b"KUBE_VERSION=1.28.2\n" in script.stdout


def test_kubeadm_of_this_machine_makes_the_token(cluster: Cluster, kubeconfig: Path, tmp_path: Path) -> None:
    cluster.add_node("master-1", NEW, "v1.22.3", "docker://18.6.3")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kubeadm").write_text(f"#!/bin/sh\necho \"$@\" >{tmp_path}/called\necho '{JOIN.strip()}'\n")
    (programs / "kubeadm").chmod(0o755)
    end = datetime.now(timezone.utc) + timedelta(hours=48)
    add_token(cluster, "abcdef", end)
    target = tmp_path / "values.toml"
    done = collect(kubeconfig, target, "--ttl", "48h", path=f"{programs}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "called").read_text() == "token create --print-join-command --ttl 172800s\n"
    expires = datetime.fromisoformat(read_values(str(target)).join_expires)
    assert abs((expires - end).total_seconds()) <= 1
    assert b"expires at" in done.stderr


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([], "shows no control-plane node"),
        ([("a", NEW, "v1.28.2", "containerd://1.7.1"), ("b", NEW, "v1.28.2", "docker://24.0.1")], "different container runtimes (a: containerd 1.7.1, b: docker 24.0.1)"),
        ([("a", NEW, "v1.28.2", "cri-o://1.28.0")], "the container runtime cri-o of a is none that"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_one_clear_line(
    cluster: Cluster, kubeconfig: Path, tmp_path: Path, nodes: list[tuple[str, str, str, str]], message: str
) -> None:
    for node in nodes:
        cluster.add_node(*node)
    done = collect(kubeconfig, tmp_path / "values.toml", "--join-command-file", "-")
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "values.toml").exists()


def test_of_several_control_plane_nodes_the_oldest_kubelet_counts(
    cluster: Cluster, kubeconfig: Path, tmp_path: Path
) -> None:
    cluster.add_node("a", NEW, "v1.28.10", "containerd://1.7.1")
    cluster.add_node("b", NEW, "v1.28.9+k3s1", "containerd://1.7.0~ds1")
    assert collect(kubeconfig, tmp_path / "v", "--join-command-file", "-").returncode == 0
    values = read_values(str(tmp_path / "v"))
    assert (values.kube_version, values.runtime_version) == ("1.28.9", "1.7.0")
    assert run("new", "--from", tmp_path / "v").returncode == 0


def test_a_token_that_the_cluster_does_not_know_is_refused(cluster: Cluster, kubeconfig: Path, tmp_path: Path) -> None:
    cluster.add_node("a", NEW, "v1.28.2", "containerd://1.7.1")
    cluster.objects.clear()
    done = collect(kubeconfig, tmp_path / "v", "--join-command-file", "-")
    assert (done.returncode, b"the cluster does not know the join token" in done.stderr) == (2, True)
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize("target", ["no/folder/v.toml", "", "/dev/null"])
def test_no_token_is_made_where_nothing_could_be_written(
    cluster: Cluster, kubeconfig: Path, tmp_path: Path, target: str
) -> None:
    cluster.add_node("a", NEW, "v1.28.2", "containerd://1.7.1")
    done = collect(kubeconfig, tmp_path / target, "--force")
    assert done.returncode == 2
    assert cluster.requests == []


def test_no_kubeadm_no_kubectl_no_access(cluster: Cluster, kubeconfig: Path, tmp_path: Path) -> None:
    cluster.add_node("a", NEW, "v1.28.2", "containerd://1.7.1")
    only_kubectl = tmp_path / "only"
    only_kubectl.mkdir()
    (only_kubectl / "kubectl").symlink_to(shutil.which("kubectl") or "")
    target = tmp_path / "values.toml"
    done = collect(kubeconfig, target, path=str(only_kubectl))
    assert b"run this on the control plane: kubeadm token create --print-join-command --ttl 86400s" in done.stderr
    assert done.returncode == 2
    done = collect(kubeconfig, target, path="/nowhere")
    assert (done.returncode, b"kubectl is not installed" in done.stderr) == (2, True)
    cluster.forbidden = {"/api/v1/nodes"}
    done = collect(kubeconfig, target, "--join-command-file", "-")
    assert (done.returncode, b"forbidden" in done.stderr) == (2, True)
    assert not target.exists()


def test_an_older_file_stays_without_force(cluster: Cluster, kubeconfig: Path, tmp_path: Path) -> None:
    cluster.add_node("a", NEW, "v1.28.2", "containerd://1.7.1")
    target = tmp_path / "values.toml"
    target.write_text("mine")
    target.chmod(0o644)
    assert collect(kubeconfig, target, "--join-command-file", "-").returncode == 2
    assert target.read_text() == "mine"
    assert collect(kubeconfig, target, "--join-command-file", "-", "--force").returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize("printed", ["", "W1234 a warning\n", JOIN + JOIN, "kubeadm join a; id\n"])
def test_what_is_no_join_command_is_refused(printed: str) -> None:
    with pytest.raises(UsageError):
        with_join(Values(), printed)


def test_a_warning_before_the_command_is_passed_over() -> None:
    values = with_join(Values(), "W1234 a warning\n" + JOIN.replace(" --disc", " \\\n --disc"))
    assert values.join_command == " ".join(JOIN.split())


@pytest.mark.parametrize(("ttl", "seconds"), [("0", 0), ("24h", 86400), ("30m", 1800), ("2d", 172800), ("45s", 45)])
def test_durations(ttl: str, seconds: int) -> None:
    assert seconds_of(ttl) == seconds
    assert token_command(ttl)[-1] == (f"{seconds}s" if seconds else "0")


@pytest.mark.parametrize("ttl", ["", "h", "1", "-1h", "0h", "1w", "1.5h", "24h;id"])
def test_durations_that_are_none(ttl: str) -> None:
    with pytest.raises(AckpatchError):
        seconds_of(ttl)


def test_values_come_back_from_the_file(tmp_path: Path) -> None:
    values = Values("1.28.2", "docker", '2"4\\', "kubeadm join\u4e2d\n", "x")
    (tmp_path / "v").write_text(as_toml(values), encoding="utf-8")
    assert read_values(str(tmp_path / "v")) == values


@pytest.mark.parametrize(
    "printed",
    ['{"items":5}', '{"items":[null]}', '{"items":[{"metadata":null}]}', '{"items":[{"status":{}}]}', "[" * 99999],
)
def test_an_answer_of_another_shape_is_one_line(tmp_path: Path, printed: str) -> None:
    (tmp_path / "answer").write_text(printed)
    program = tmp_path / "bin" / "kubectl"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/answer\n")
    program.chmod(0o755)
    (tmp_path / "join").write_text("kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n")
    path = f"{program.parent}:{os.environ['PATH']}"
    done = run("collect", "-o", tmp_path / "v.toml", "--join-command-file", tmp_path / "join", PATH=path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert b"kubectl printed" in done.stderr
