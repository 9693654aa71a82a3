"""``ackpatch new``: the script passes the linters and the rehearsal, for many versions, once and twice."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

import ackpatch
from ackpatch.bootstrap import NodeSetup, write_script
from ackpatch.bootstrap.repositories import repository
from ackpatch.errors import UsageError
from ackpatch.rehearse import rehearse
from ackpatch.rehearse.node_view import view
from ackpatch.rehearse.verdict import VALUES, judge_start
from tests.commands import run
from tests.sample import sampled

JOIN = (
    "kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef "
    "--discovery-token-ca-cert-hash sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
)
# What the rehearsal gives for the archive of Docker's adapter.
ADAPTER = sha256(b"#!ackpatch-archive cri-dockerd-0.3.15.amd64.tgz 0.3.15\n").hexdigest()
CONTAINERD = NodeSetup("1.28.2", "containerd", "1.7.13", JOIN)
KUBERNETES = ("1.20.15", "1.22.17", "1.24.17", "1.26.15", "1.28.2", "1.31.4", "1.36.0")
MATRIX = [
    (NodeSetup(version, runtime, number, JOIN, cri_dockerd_sha256=ADAPTER), family)
    for version in KUBERNETES
    for runtime, number in (("containerd", "1.6.33"), ("docker", "20.10.24"))
    for family in ("rpm", "deb")
]
TWICE = b"bash /root/join.sh && systemctl stop containerd && systemctl start containerd && bash /root/join.sh\n"


def tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("setup", "family"), sampled("scripts from nothing", MATRIX, 2), ids=lambda x: getattr(x, "runtime", x)
)
def test_once_and_twice_on_both_families(setup: NodeSetup, family: str) -> None:
    script = write_script(setup).encode()
    once = rehearse(script, env=VALUES, family=family)
    assert once.exit_status == 0, once.stderr.decode()[-600:]
    (start,) = once.starts
    assert judge_start(start, VALUES, None) == []
    assert start.how == "kubeadm join"
    assert once.unknown == ()
    twice = rehearse(b"set -e\n" + TWICE, env=VALUES, family=family, files={"/root/join.sh": script})
    assert twice.exit_status == 0, twice.stderr.decode()[-600:]
    assert [one.argv for one in twice.starts] == [start.argv]
    assert b"has joined already" in twice.stdout


@pytest.mark.parametrize(("setup", "family"), MATRIX[4::9], ids=lambda x: getattr(x, "runtime", x))
def test_the_whole_proof_holds(setup: NodeSetup, family: str) -> None:
    proof = ackpatch.prove(write_script(setup), values=VALUES, image=family)
    assert proof.holds, (proof.reasons, proof.starts)


@pytest.mark.parametrize(
    ("setup", "gpu"),
    [
        (CONTAINERD, ""),
        (NodeSetup("1.23.1", "docker", "19.3.15", JOIN, os="yum"), "https://gpu.internal.example/repo"),
        (NodeSetup("1.30.0", "docker", "24.0.9", JOIN, os="apt", cri_dockerd_sha256=ADAPTER), ""),
    ],
    ids=["containerd", "docker, GPU", "cri-dockerd"],
)
def test_the_script_passes_the_linters_and_check(setup: NodeSetup, gpu: str, tmp_path: Path) -> None:
    for os in ("auto", setup.os):
        script = write_script(replace(setup, os=os, gpu_repository=gpu))
        path = tmp_path / "join.sh"
        path.write_text(script)
        for command in (["shellcheck"], ["shfmt", "-i", "4", "-ci", "-d"], ["bash", "-n"]):
            program = command[0] if command[0] == "bash" else tool(command[0])
            done = subprocess.run([program, *command[1:], path], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout + done.stderr) == (0, ""), done.stdout
        assert [one.code for one in ackpatch.check(script)] == ["ACK227"]
        assert not ackpatch.patch(script).changed


def test_it_keeps_to_the_family_that_it_was_made_for() -> None:
    script = write_script(replace(CONTAINERD, os="yum")).encode()
    assert b"apt-get" not in script
    run = rehearse(script, family="deb")
    assert (run.exit_status, run.starts) == (1, ())
    assert b"this script was made for yum" in run.stderr


def test_held_at_their_version() -> None:
    script = write_script(CONTAINERD).encode()
    deb = rehearse(script, family="deb")
    assert ("apt-mark", "hold", "kubelet", "kubeadm", "kubectl") in [call.argv for call in deb.calls]
    rpm = rehearse(script, family="rpm")
    assert b"exclude=kubelet kubeadm kubectl" in rpm.files["/etc/yum.repos.d/kubernetes.repo"].content
    installed = [call.argv for call in rpm.calls if call.argv[0] == "dnf" and "install" in call.argv]
    assert ("dnf", "install", "-y", "containerd.io-1.7.13[-.]*") in installed


def test_prerequisites_and_the_runtimes_cgroups() -> None:
    done = rehearse(write_script(replace(CONTAINERD, pause_image="registry.internal.example/pause:3.9")).encode())
    files = done.files
    assert files["/etc/fstab"].content.splitlines()[1].startswith(b"# /dev/vda2 swap")
    assert files["/etc/modules-load.d/kubernetes.conf"].content == b"overlay\nbr_netfilter\n"
    assert b"net.ipv4.ip_forward = 1\n" in files["/etc/sysctl.d/90-kubernetes.conf"].content
    config = files["/etc/containerd/config.toml"].content
    assert b"SystemdCgroup = true" in config
    assert b'sandbox_image = "registry.internal.example/pause:3.9"' in config
    docker = rehearse(write_script(NodeSetup("1.22.1", "docker", "20.10.24", JOIN)).encode())
    assert b"native.cgroupdriver=systemd" in docker.files["/etc/docker/daemon.json"].content


@pytest.mark.parametrize(
    ("version", "runtime", "number", "socket"),
    [
        ("1.23.9", "docker", "20.10.24", None),
        ("1.24.0", "docker", "20.10.24", "unix:///run/cri-dockerd.sock"),
        ("1.23.9", "containerd", "1.6.1", "/run/containerd/containerd.sock"),
        ("1.24.0", "containerd", "1.6.1", "unix:///run/containerd/containerd.sock"),
    ],
)
def test_the_socket_as_kubeadm_of_that_version_takes_it(
    version: str, runtime: str, number: str, socket: str | None
) -> None:
    done = rehearse(write_script(NodeSetup(version, runtime, number, JOIN, cri_dockerd_sha256=ADAPTER)).encode())
    (join,) = [call.argv for call in done.calls if call.argv[:2] == ("kubeadm", "join")]
    assert ("--cri-socket" in join) == (socket is not None)
    assert socket is None or socket in join


@pytest.mark.parametrize(
    "fault",
    [
        'kubeadm() { [ "$1" != join ] || return 1; command kubeadm "$@"; }',
        'systemctl() { [ "$*" != \'is-active --quiet kubelet\' ] || return 3; command systemctl "$@"; }',
        "lspci() { echo '00:07.0 3D controller: NVIDIA Corporation'; }",
    ],
    ids=["join", "kubelet", "gpu"],
)
def test_a_failure_ends_the_script_with_a_reason(fault: str) -> None:
    script = write_script(CONTAINERD).replace("set -euo pipefail\n", f"set -euo pipefail\n{fault}\n", 1)
    done = rehearse(script.encode(), env=VALUES)
    assert done.exit_status == 1
    assert b" failed: " in done.stderr
    if "join" in fault:
        assert b"gave up after 3 tries" in done.stderr


def test_a_join_that_fails_twice_is_tried_again() -> None:
    fault = 'tries=0\nkubeadm() { [ "$1" = join ] && [ $((tries += 1)) -lt 3 ] && return 1; command kubeadm "$@"; }\n'
    script = write_script(CONTAINERD).replace("set -euo pipefail\n", f"set -euo pipefail\n{fault}", 1)
    done = rehearse(script.encode(), env=VALUES)
    assert done.exit_status == 0, done.stderr
    assert view(done.starts[-1].argv).provider_id == VALUES["ALIBABA_CLOUD_PROVIDER_ID"]
    assert len([call for call in done.calls if call.argv[:2] == ("kubeadm", "reset")]) == 2


def test_with_a_gpu_its_driver_is_installed() -> None:
    script = write_script(replace(CONTAINERD, gpu_repository="https://gpu.internal.example/repo"))
    gpu = "lspci() { echo '00:07.0 3D controller: NVIDIA Corporation'; }\nnvidia-smi() { :; }\n"
    done = rehearse(script.replace("set -euo pipefail\n", f"set -euo pipefail\n{gpu}", 1).encode())
    assert done.exit_status == 0, done.stderr
    assert ("nvidia-ctk", "runtime", "configure", "--runtime=containerd", "--set-as-default") in [
        c.argv for c in done.calls
    ]
    without = rehearse(script.encode())
    assert b"no GPU found" in without.stdout


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kube_version": "1.28"}, "three numbers"),
        ({"kube_version": "1.19.3"}, "from 1.20 on"),
        ({"kube_version": "2.0.0"}, "only 1.x"),
        ({"kube_version": "1.28.2;id"}, "three numbers"),
        ({"runtime": "crio"}, "one of containerd, docker"),
        ({"runtime_version": "1.3.9"}, "1.4 and later"),
        ({"runtime": "docker", "runtime_version": "17.3.2"}, "18.6 and later"),
        ({"os": "pacman"}, "one of auto, yum, apt"),
        ({"package_repo": "aliyun-legacy", "kube_version": "1.29.0"}, "nothing after 1.28"),
        ({"package_repo": "community", "kube_version": "1.23.0"}, "begins with 1.24"),
        ({"package_repo": "nowhere"}, "or a web address"),
        ({"package_repo": "https://a/$(id)"}, "or a web address"),
        ({"package_repo": "community-legacy"}, "or a web address"),
        ({"package_repo": "https://a/b?c=d"}, "or a web address"),
        ({"cri_dockerd_url": "relative"}, "is no address"),
        ({"cgroup_driver": "other"}, "auto, systemd or cgroupfs"),
        ({"pause_image": "a b"}, "does not belong there"),
        ({"gpu_repository": "https://a/`id`"}, "does not belong there"),
        ({"join_command": "kubeadm join a; reboot"}, "one kubeadm join"),
        ({"join_command": "kubeadm join a && id"}, "one kubeadm join"),
        ({"join_command": "kubeadm join $(id) --token x"}, "plain words"),
        ({"join_command": "kubeadm join \"$A\" --token x"}, "plain words"),
        ({"join_command": "sudo kubeadm join a --token x"}, "plain words"),
        ({"join_command": "kubeadm join a --token x > /tmp/x"}, "one kubeadm join"),
        ({"join_command": "A=b kubeadm join a --token x"}, "one kubeadm join"),
        ({"join_command": "kubeadm join a --token x &"}, "one kubeadm join"),
        ({"join_command": "kubeadm join a --config x"}, "not on a new node"),
        ({"join_command": "kubeadm join a --token x --control-plane"}, "is a worker"),
        ({"join_command": "kubeadm join a --token x --node-name=b"}, "the name is injected"),
        ({"join_command": "kubeadm join a"}, "no --token"),
        ({"join_command": "kubeadm init"}, "plain words"),
        ({"join_command": "if"}, "no shell command"),
        ({"join_command": ""}, "one kubeadm join"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_is_one_clear_line(change: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        write_script(replace(CONTAINERD, **change))


def test_spellings_of_versions() -> None:
    assert "KUBE_VERSION=1.28.2\n" in write_script(replace(CONTAINERD, kube_version="v1.28.2"))
    assert "RUNTIME_VERSION=18.06.3\n" in write_script(NodeSetup("1.20.1", "docker", "18.6.3", JOIN))
    assert "RUNTIME_VERSION=24.0.9\n" in write_script(
        NodeSetup("1.28.1", "docker", "v24.0.9", JOIN, cri_dockerd_sha256=ADAPTER)
    )
    continued = JOIN.replace(" --disc", " \\\n  --disc")
    assert write_script(replace(CONTAINERD, join_command=continued)) == write_script(CONTAINERD)


def test_repositories() -> None:
    assert repository("auto", (1, 28, 2)).yum == "https://mirrors.aliyun.com/kubernetes-new/core/stable/v1.28/rpm/"
    assert repository("auto", (1, 20, 1)).apt == "https://mirrors.aliyun.com/kubernetes/apt kubernetes-xenial main"
    assert repository("community", (1, 33, 0)).apt == "https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /"
    own = repository("https://repo.internal.example/k8s/v{minor}/", (1, 30, 1))
    assert (own.yum, own.apt_key) == (
        "https://repo.internal.example/k8s/v1.30/rpm/",
        "https://repo.internal.example/k8s/v1.30/deb/Release.key",
    )


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "join").write_text(JOIN)
    words = ["new", "--kube-version", "1.28.2", "--runtime", "containerd", "--runtime-version", "1.7.13"]
    target = tmp_path / "node.sh"
    done = run(*words, "--join-command-file", tmp_path / "join", "-o", target)
    assert done.returncode == 0, done.stderr
    assert target.read_text() == write_script(CONTAINERD)
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert b"0123456789abcdef" not in done.stdout + done.stderr
    target.chmod(0o644)
    assert run(*words, "--join-command-file", tmp_path / "join", "-o", target, "--force").returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    again = run(*words, "--join-command-file", tmp_path / "join", "-o", target)
    assert (again.returncode, b"--force replaces it" in again.stderr) == (2, True)
    assert run(*words, "--join-command-file", "-", stdin=JOIN.encode()).stdout.decode() == target.read_text()
    values = tmp_path / "values.toml"
    values.write_text(
        f'kube-version = "1.28.2"\nruntime = "containerd"\nruntime-version = "1.7.13"\njoin-command = "{JOIN.strip()}"\n'
    )
    assert run("new", "--from", values).stdout.decode() == target.read_text()
    assert b"KUBE_VERSION=1.27.1\n" in run("new", "--from", values, "--kube-version", "1.27.1").stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kube-version = "1.28.2"\n', "--runtime, --runtime-version, --join-command-file missing"),
        ('kube = "1.28.2"\n', "unknown key kube; known are kube-version"),
        ("kube-version = 1\n", "has to be a text in quotes"),
        ("kube-version\n", "values.toml: "),
    ],
)
def test_values_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "values.toml").write_text(text)
    done = run("new", "--from", tmp_path / "values.toml", "-o", tmp_path / "node.sh")
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert not (tmp_path / "node.sh").exists()


def test_a_key_never_comes_by_plain_http() -> None:
    setup = replace(CONTAINERD, gpu_repository="http://mirror.internal.example/gpu")
    for key in ("", "http://mirror.internal.example/key"):
        with pytest.raises(ackpatch.AckpatchError, match="has to come by https"):
            write_script(replace(setup, gpu_key=key))
    assert "https://keys.internal.example/key" in write_script(
        replace(setup, gpu_key="https://keys.internal.example/key")
    )
