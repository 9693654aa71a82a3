"""``ackpatch publish``: step by step, stopping at the first failure and saying what was done."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import ackpatch
from tests.api_server import CONFIG, Cluster
from tests.commands import run
from tests.publish.web_server import Server

ROOT = Path(__file__).parent.parent.parent
TOKEN, NEW = "abcdef.0123456789abcdef", "fedcba.fedcba9876543210"
SCRIPT = f"#!/bin/bash\nyum install -y kubelet kubeadm\nkubeadm join 10.0.0.1:6443 --token {TOKEN}\n"
STEPS = ["apply", "rehearse", "token", "upload", "verify", "register"]


def add_token(cluster: Cluster, token: str, life: timedelta | None) -> None:
    public = token.partition(".")[0]
    data = {"token-id": base64.b64encode(public.encode()).decode()}
    if life is not None:
        end = (datetime.now(timezone.utc) + life).strftime("%Y-%m-%dT%H:%M:%SZ")
        data["expiration"] = base64.b64encode(end.encode()).decode()
    cluster.put(f"/api/v1/namespaces/kube-system/secrets/bootstrap-token-{public}", "Secret", data)


@pytest.fixture
def script(tmp_path: Path, cluster: Cluster) -> Path:
    add_token(cluster, TOKEN, timedelta(hours=5))
    path = tmp_path / "join.sh"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/join.sh"


Publish = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def publish(script: Path, address: str, kubeconfig: Path) -> Publish:
    def call(*words: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[bytes]:
        return run("publish", "--yes", script, address, "--kubeconfig", kubeconfig, *words, PATH=path)

    return call


def steps(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return re.findall(r"^(\w+): (?!failed|http|.*written and)", done.stderr.decode(), re.MULTILINE)


def registered(cluster: Cluster) -> str:
    found: str = cluster.objects[CONFIG]["data"]["addNodeScriptPath"]
    return found


def test_from_a_script_to_a_registered_one(
    publish: Publish, script: Path, server: Server, cluster: Cluster, address: str
) -> None:
    done = publish()
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == f"{address}\n"
    assert script.read_text() == ackpatch.patch(SCRIPT).patched
    assert server.files == {"/join.sh": script.read_bytes()}
    assert registered(cluster) == address
    text = done.stderr.decode()
    for step in ("apply: written", "rehearse: holds: 1 start(s)", "token: ends at", "verify: ", "register: registered"):
        assert f"\n{step}" in f"\n{text}"
    assert TOKEN.encode() not in done.stdout + done.stderr
    again = publish()
    assert again.returncode == 0
    assert again.stderr.count(b"nothing to do") == 3
    assert sum(method == "PATCH" for method, _ in cluster.requests) == 1


def test_a_dry_run_changes_nothing(publish: Publish, script: Path, server: Server, cluster: Cluster) -> None:
    done = publish("--dry-run")
    assert (done.returncode, done.stdout) == (0, b"")
    assert script.read_text() == SCRIPT
    assert server.files == {}
    assert registered(cluster) == ""
    for told in ("apply: would be changed", "upload: ", "would be written", "register: the cluster would take"):
        assert told in done.stderr.decode()


@pytest.mark.parametrize(
    ("fault", "step", "changed"),
    [
        ("script", "apply", "nothing"),
        ("rehearsal", "rehearse", "{script}"),
        ("token", "token", "{script}"),
        ("server", "upload", "{script}"),
        ("cluster", "register", "{script}, {address}"),
    ],
)
def test_the_first_failure_stops_and_tells_what_is_changed(
    publish: Publish, script: Path, server: Server, cluster: Cluster, address: str, fault: str, step: str, changed: str
) -> None:
    if fault == "script":
        script.write_text("if " + SCRIPT)
    elif fault == "rehearsal":
        script.write_text(SCRIPT.replace("kubeadm join", '[ -n "$ALIBABA_CLOUD_TAINTS" ] && exit 9\nkubeadm join'))
    elif fault == "token":
        add_token(cluster, TOKEN, timedelta(hours=-1))
    elif fault == "server":
        server.faults = ["403"]
    else:
        cluster.before_patch = lambda: cluster.put(CONFIG, "ConfigMap", {"addNodeScriptPath": "https://other/x"})
    done = publish()
    assert done.returncode == 2
    last = done.stderr.decode().splitlines()[-2:]
    assert last[0].startswith(f"{step}: failed: ")
    told = changed.format(script=script, address=address)
    assert last[1] == f"changed: {told}; not done: {', '.join(STEPS[STEPS.index(step) :])}"
    assert bool(server.files) == (step == "register")
    assert done.stdout == b""


def test_nothing_is_changed_before_the_cluster_has_answered(
    publish: Publish, script: Path, server: Server, cluster: Cluster
) -> None:
    del cluster.objects[CONFIG]
    before = script.read_bytes()
    done = publish()
    assert (done.returncode, done.stdout, script.read_bytes(), server.files) == (2, b"", before, {})
    assert len(done.stderr.splitlines()) == 1
    assert b"there is no ConfigMap ack-agent-config" in done.stderr
    done = run(
        "publish", "--yes", script, "https://scripts.example.com/x.sh", "--kubeconfig", "/none", PATH=os.environ["PATH"]
    )
    assert (done.returncode, len(done.stderr.splitlines()), script.read_bytes()) == (2, 1, before)
    assert b"--kubeconfig" in done.stderr
    done = run("publish", "--yes", script, "https://scripts.example.com/x.sh", PATH="/none")
    assert (done.returncode, len(done.stderr.splitlines()), script.read_bytes()) == (2, 1, before)
    assert b"kubectl is not installed" in done.stderr


def test_the_plan_is_shown_and_asked_about_once(script: Path, kubeconfig: Path, address: str) -> None:
    before = script.read_bytes()
    done = run("publish", script, address, "--kubeconfig", kubeconfig)
    assert (done.returncode, script.read_bytes()) == (2, before)
    plan = done.stderr.decode().splitlines()
    assert re.fullmatch(rf"script:   {script}: \d+ edits", plan[0])
    assert plan[1:3] == [f"upload:   {address}", f"register: {address} (now: none)"]
    assert plan[3].endswith("use --yes")


def test_a_token_that_the_cluster_does_not_know_or_that_never_ends(publish: Publish, cluster: Cluster) -> None:
    cluster.objects = {CONFIG: cluster.objects[CONFIG]}
    assert b"the cluster does not know the join token abcdef.\xe2\x80\xa6" in publish().stderr
    add_token(cluster, TOKEN, None)
    done = publish()
    assert (done.returncode, b"token: never expires" in done.stderr) == (0, True)


def test_renewing_the_token(
    publish: Publish, script: Path, server: Server, cluster: Cluster, address: str, tmp_path: Path
) -> None:
    assert publish().returncode == 0
    before = script.read_text()
    add_token(cluster, NEW, timedelta(hours=48))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kubeadm").write_text(
        f"#!/bin/sh\necho \"$@\" >{tmp_path}/called\necho 'kubeadm join 10.0.0.1:6443 --token {NEW}'\n"
    )
    (programs / "kubeadm").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    dry = publish("--renew", "--dry-run", path=path)
    assert (dry.returncode, script.read_text(), (tmp_path / "called").exists()) == (0, before, False)
    done = publish("--renew", "--ttl", "48h", path=path)
    assert done.returncode == 0, done.stderr
    called = (tmp_path / "called").read_text()
    assert called.startswith("token create --print-join-command --ttl 172800s --kubeconfig=")
    assert script.read_text() == before.replace(TOKEN, NEW)
    assert server.files["/join.sh"] == script.read_bytes()
    assert b"renew: the join token is a new one: fedcba." in done.stderr
    assert NEW.encode() not in done.stderr
    assert ackpatch.revert(script.read_text()).patched == SCRIPT.replace(TOKEN, NEW)


def kubeadm_in(folder: Path, token: str) -> str:
    programs = folder / "bin"
    programs.mkdir()
    (programs / "kubeadm").write_text(f"#!/bin/sh\necho 'kubeadm join 10.0.0.1:6443 --token {token}'\n")
    (programs / "kubeadm").chmod(0o755)
    return f"{programs}:{os.environ['PATH']}"


def test_renewing_replaces_only_what_was_published_before(
    publish: Publish, script: Path, server: Server, cluster: Cluster, tmp_path: Path
) -> None:
    server.files["/join.sh"] = b"# a colleague's\n"
    add_token(cluster, NEW, timedelta(hours=48))
    done = publish("--renew", path=kubeadm_in(tmp_path, NEW))
    assert done.returncode == 2
    assert b"another content lies there" in done.stderr
    assert server.files["/join.sh"] == b"# a colleague's\n"


def test_the_old_token_stays_until_the_cluster_knows_the_new_one(
    publish: Publish, script: Path, tmp_path: Path
) -> None:
    done = publish("--renew", path=kubeadm_in(tmp_path, NEW))
    assert done.returncode == 2
    assert b"changed: nothing" in done.stderr
    assert script.read_text() == SCRIPT
    done = publish("--renew", "--context", "one")
    assert b"kubeadm knows no --context" in done.stderr


def test_a_dry_run_refuses_what_the_real_one_would(publish: Publish, server: Server) -> None:
    server.files["/join.sh"] = b"another"
    for words in (["--dry-run"], []):
        done = publish(*words)
        assert done.returncode == 2
        assert b"another content lies there" in done.stderr
    assert publish("--dry-run", "--force").returncode == 0


def test_a_dry_run_of_renewing_does_not_ask_for_the_old_token(publish: Publish, cluster: Cluster) -> None:
    cluster.objects = {CONFIG: cluster.objects[CONFIG]}
    assert publish("--renew", "--dry-run").returncode == 0


def test_the_projects_settings_count(publish: Publish, script: Path, server: Server) -> None:
    (script.parent / "ackpatch.toml").write_text("with-node-ip = true\n")
    assert publish().returncode == 0
    assert server.files["/join.sh"].decode() == ackpatch.patch(SCRIPT, with_node_ip=True).patched


def test_a_date_without_a_zone_is_one(publish: Publish, cluster: Cluster) -> None:
    encoded = base64.b64encode(b"2090-01-01T00:00:00").decode()
    cluster.put("/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef", "Secret", {"expiration": encoded})
    done = publish()
    assert (done.returncode, b"token: ends at 2090-01-01T00:00:00+00:00" in done.stderr) == (0, True)


def test_renewing_needs_kubeadm_and_one_token(publish: Publish, script: Path, tmp_path: Path) -> None:
    done = publish("--renew", path="/usr/bin:/bin")
    assert (done.returncode, b"renew: failed: kubeadm is not here" in done.stderr) == (2, True)
    assert script.read_text() == SCRIPT
    script.write_text(SCRIPT.replace(TOKEN, "$TOKEN"))
    done = publish("--renew")
    assert b"has 0 join tokens; --renew needs one" in done.stderr


def test_a_path_needs_its_address(script: Path, kubeconfig: Path, tmp_path: Path) -> None:
    done = run("publish", script, tmp_path / "www.sh", "--kubeconfig", kubeconfig)
    assert (done.returncode, b"give --address URL" in done.stderr) == (2, True)
    assert script.read_text() == SCRIPT


def test_the_walk_of_the_tutorial(server: Server, cluster: Cluster, kubeconfig: Path, tmp_path: Path) -> None:
    """From an empty folder to a registered script, with the commands as the tutorial has them."""
    cluster.add_node("master-1", "node-role.kubernetes.io/control-plane", "v1.28.2", "containerd://1.7.13")
    add_token(cluster, TOKEN, timedelta(hours=24))
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "join.txt").write_text(
        f"kubeadm join 10.0.0.10:6443 --token {TOKEN} --discovery-token-ca-cert-hash sha256:00\n"
    )
    page = (ROOT / "docs" / "from-nothing.md").read_text(encoding="utf-8")
    commands = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if line.startswith("ackpatch ")
    ]
    assert [line.split()[1] for line in commands] == ["collect", "new", "rehearse", "publish", "register", "register"]
    real = f"http://127.0.0.1:{server.server_address[1]}"
    for line in commands:
        words = line.replace("https://scripts.example.com", real).split()[1:]
        done = run(*words, cwd=folder, KUBECONFIG=str(kubeconfig))
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert TOKEN.encode() not in done.stdout + done.stderr
    assert registered(cluster) == f"{real}/join-ecs-nodes.sh"
    assert server.files["/join-ecs-nodes.sh"] == (folder / "join-ecs-nodes.sh").read_bytes()
    assert sorted(os.listdir(folder)) == ["join-ecs-nodes.sh", "join.txt", "values.toml"]
