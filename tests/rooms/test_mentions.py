"""What texts, words and paths say of kubelet: the rooms that the net below all rules stands on."""

from __future__ import annotations

import pytest

from ackpatch.node.contained import contained
from ackpatch.node.mentions import mention_in, named_in, start_in
from ackpatch.node.net import not_understood, reads_a_start
from ackpatch.node.paths import kind_of, may_be_of_kubelet
from ackpatch.shell.environment import UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "systemctl restart kubelet",
        "sudo systemctl enable --now containerd kubelet.service",
        "service kubelet restart",
        "/etc/init.d/kubelet start",
        "kubeadm --v=5 join --config x",
        "systemctl start k3s-agent",
        "k3s agent --server x",
        "a; sudo rke2 server",
        "k0s install worker --token-file t",
        "curl -sfL https://get.k3s.io | K3S_URL=x sh -",
    ],
)
def test_a_text_that_starts_one(text: str) -> None:
    assert start_in(text)
    assert mention_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "systemctl status kubelet",
        "systemctl restart kubelet-exporter",
        "kubeadm token create --print-join-command",
        "Upgrading containerd and kubelet",
        "Installing k3s agent",
        "failed to create the kubelet volume",
    ],
)
def test_a_text_that_starts_none(text: str) -> None:
    assert start_in(text) == ""
    assert mention_in(text) == ""


def test_what_is_named_as_a_unit_or_a_program() -> None:
    assert [named_in(one) for one in ("kubelet", "rke2-agent.service", "k0sworker")] == [
        "kubelet",
        "rke2-agent.service",
        "k0sworker",
    ]
    assert [named_in(one) for one in ("/var/lib/kubelet", "kubelet.conf", "x-kubelet", "--kubelet")] == [""] * 4


def test_kubelet_by_its_path_runs_where_it_has_arguments() -> None:
    assert mention_in("/usr/bin/kubelet", "--config=x")
    assert mention_in("/usr/bin/kubelet", UNKNOWN)
    assert not mention_in("/usr/bin/kubelet", "/opt/bin")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["frobnicate", "kubelet"], True),
        (["sha256sum", "kubelet"], False),
        (["log", "starting", "kubelet"], False),
        (["restart_and_log", "kubelet"], True),
        (["git", "-c", "alias.x=!systemctl start kubelet", "x"], True),
        (["git", "commit", "-m", "systemctl start kubelet"], False),
        (["printf", "-v", "a[$(systemctl start kubelet)]", "x"], True),
        (["grubby", "--args=systemd.wants=kubelet.service"], True),
        (["python3", "-c", "import os; os.system('systemctl start kubelet')"], True),
        (["python3", "-c", "print('kubelet started')"], False),
        (["/usr/bin/kubel?t", "--config=x"], True),
        (["kubelet-v1.28.2", "--config=x"], True),
        (["env", "-S", "systemctl start kubelet"], False),  # a text that is read by itself
        (["true"], False),
        ([], False),
    ],
)
def test_the_net(words: list[str], told: bool) -> None:
    assert bool(not_understood(words)) == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["newgrp", "root"], True),
        (["python3", "-"], True),
        (["awk", "{ print $2 }"], False),
        (["tee", "file"], False),
        (["log"], False),
        ([], False),
    ],
)
def test_what_reads_a_start(words: list[str], told: bool) -> None:
    assert bool(reads_a_start(words, ["systemctl start kubelet\n"])) == told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["docker", "run", "-d", "image", "kubelet", "--config=x"], "kubelet in a container"),
        (["docker", "run", "-v", "kubelet", "image"], ""),
        (["ctr", "-n", "k8s.io", "run", "image", "name", "kubelet"], "kubelet in a container"),
        (["docker-compose", "up", "-d", "kubelet"], "kubelet in a container"),
        (["docker", "compose", "logs", "kubelet"], ""),
        (["docker", "run", "rancher/k3s:v1.30", "agent"], "k3s in a container"),
        (["docker", "run", "rancher/k3s:v1.30", "kubectl"], ""),
    ],
)
def test_what_a_container_runs(words: list[str], says: str) -> None:
    assert contained(words) == says


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/etc/sysconfig/kube*", True),
        ("/etc/sysconfig/*", True),
        (f"/etc/systemd/system/{UNKNOWN}", True),
        ("/etc/systemd/system/*.service.d", True),
        (f"/etc/systemd/system/{UNKNOWN}.service.d/x.conf", True),
        ("/etc/sysconfig/docker*", False),
        ("/etc/sysconfig/kubelet", False),  # that one is known
        (f"/opt/{UNKNOWN}", False),
        (f"_build/{UNKNOWN}/*", False),
    ],
)
def test_a_path_that_may_be_one_of_kubelets(path: str, may: bool) -> None:
    assert may_be_of_kubelet(path) == may


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{UNKNOWN}/kubelet.service", "unit"),
        (f"/opt/{UNKNOWN}/kubelet.service", None),
        (f"{UNKNOWN}/*", None),
        (f"{UNKNOWN}/etc/systemd/system/kubelet.service", "unit"),
        (f"{UNKNOWN}/kubelet.service.d/x.conf", "drop-in"),
    ],
)
def test_a_path_of_which_only_a_run_can_tell_a_part(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind
