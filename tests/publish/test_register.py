"""``ackpatch register`` with the real kubectl, against an API endpoint on loopback."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ackpatch.errors import UsageError
from ackpatch.publish.address import checked_address
from tests.api_server import CONFIG, Cluster
from tests.commands import run

URL = "https://scripts.oss-cn-hangzhou-internal.aliyuncs.com/join-ecs-nodes.sh"


def register(kubeconfig: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return run("register", "--kubeconfig", kubeconfig, *words)


def data(cluster: Cluster) -> dict[str, str]:
    found: dict[str, str] = cluster.objects[CONFIG]["data"]
    return found


def test_the_address_is_set_and_other_keys_stay(cluster: Cluster, kubeconfig: Path) -> None:
    done = register(kubeconfig, URL, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == f"ack-agent-config, addNodeScriptPath:\n- \n+ {URL}\n"
    assert data(cluster) == {"addNodeScriptPath": URL, "enableNodepool": "true", "isInit": "false"}
    again = register(kubeconfig, URL, "--yes")
    assert (again.returncode, again.stdout) == (0, b"")
    assert b"nothing to do" in again.stderr
    assert sum(method == "PATCH" for method, _ in cluster.requests) == 1


def test_without_yes_and_without_a_terminal_nothing_is_written(cluster: Cluster, kubeconfig: Path) -> None:
    done = register(kubeconfig, URL)
    assert done.returncode == 2
    assert b"use --yes" in done.stderr
    assert data(cluster)["addNodeScriptPath"] == ""


def test_a_dry_run_is_the_servers(cluster: Cluster, kubeconfig: Path) -> None:
    done = register(kubeconfig, URL, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert b"dry run" in done.stderr
    assert data(cluster)["addNodeScriptPath"] == ""
    assert any("dryRun=All" in path for method, path in cluster.requests if method == "PATCH")


def test_show_check_and_clear(cluster: Cluster, kubeconfig: Path) -> None:
    assert register(kubeconfig, "--show").stdout == b"\n"
    assert register(kubeconfig, "--check", URL).returncode == 1
    register(kubeconfig, URL, "--yes")
    assert register(kubeconfig, "--show").stdout.decode() == f"{URL}\n"
    assert register(kubeconfig, "--check", URL).returncode == 0
    # The agent's manifest, applied again, takes the address away.
    data(cluster)["addNodeScriptPath"] = ""
    done = register(kubeconfig, "--check", URL)
    assert (done.returncode, done.stderr.decode()) == (1, f"ack-agent-config has no address, not {URL}\n")
    register(kubeconfig, URL, "--yes")
    assert register(kubeconfig, "--clear", "--yes").returncode == 0
    assert data(cluster) == {"addNodeScriptPath": "", "enableNodepool": "true", "isInit": "false"}


def test_a_race_is_an_error_and_no_loss(cluster: Cluster, kubeconfig: Path) -> None:
    def somebody_else() -> None:
        cluster.put(CONFIG, "ConfigMap", {"addNodeScriptPath": "https://other/x", "enableNodepool": "false"})

    cluster.before_patch = somebody_else
    done = register(kubeconfig, URL, "--yes")
    assert done.returncode == 2
    assert b"changed by somebody else just now; nothing was written" in done.stderr
    assert data(cluster) == {"addNodeScriptPath": "https://other/x", "enableNodepool": "false"}


def test_a_missing_configmap_says_what_to_look_at(cluster: Cluster, kubeconfig: Path) -> None:
    cluster.objects.clear()
    done = register(kubeconfig, URL, "--yes")
    assert done.returncode == 2
    assert b"is this a registered cluster of ACK One" in done.stderr
    assert cluster.objects == {}
    assert not [one for one in cluster.requests if one[0] == "PATCH"]


@pytest.mark.parametrize("words", [["--show"], [URL, "--yes"]])
def test_no_access_is_one_clear_line(cluster: Cluster, kubeconfig: Path, words: list[str]) -> None:
    cluster.forbidden = {CONFIG}
    done = register(kubeconfig, *words)
    assert done.returncode == 2
    assert b"forbidden" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_certificate_that_is_not_trusted_is_told(kubeconfig: Path) -> None:
    import json

    content = json.loads(kubeconfig.read_text())
    del content["clusters"][0]["cluster"]["certificate-authority"]
    kubeconfig.write_text(json.dumps(content))
    done = register(kubeconfig, "--show")
    assert done.returncode == 2
    assert b"certificate" in done.stderr


def test_another_context_and_no_kubectl(kubeconfig: Path, tmp_path: Path) -> None:
    assert register(kubeconfig, "--show", "--context", "one").returncode == 0
    assert register(kubeconfig, "--show", "--context", "two").returncode == 2
    done = run("register", "--show", PATH=str(tmp_path))
    assert (done.returncode, b"kubectl is not installed" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (["null"], "JSON of another shape than an object's"),
        (["[]"], "JSON of another shape than an object's"),
        ([""], "kubectl printed no JSON"),
        (['{"data": []}', '{"data": ["a"]}'], "cannot be read"),
        (['{"data": {}}', "{}"], "the cluster answered, but its addNodeScriptPath is 'empty'"),
    ],
)
def test_what_kubectl_says_is_read_with_care(tmp_path: Path, answers: list[str], message: str) -> None:
    """It answers the first question with the first answer, and each further one with the last."""
    for number, answer in enumerate((answers[0], answers[-1])):
        (tmp_path / str(number)).write_text(answer)
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f"#!/bin/sh\ncase $* in *patch*) exec cat {tmp_path}/1 ;; *) exec cat {tmp_path}/0 ;; esac\n")
    kubectl.chmod(0o755)
    done = run("register", URL, "--yes", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.returncode == 2, done.stdout
    assert message in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://a/b", "http:// or https://"),
        ("HTTPS://a/b", "http:// or https://"),
        ("https:///b", "no host"),
        ("https://a b/c", "has to be encoded"),
        ("https://a/\u4e2d", "has to be encoded"),
        ("https://a/" + "x" * 1015, "1025 characters"),
        ("https://a:99999/b", "cannot be read"),
        ("oss://bucket/key", "http:// or https://"),
        ("https://user:S3cretPw@a/b", "a name or a password"),
        ("HTTP://user:S3cretPw@a/b", "http:// or https://"),
        ("https://a/b#c", "has a fragment"),
    ],
)
def test_an_address_that_the_agent_would_not_take_never_reaches_the_cluster(
    cluster: Cluster, kubeconfig: Path, url: str, message: str
) -> None:
    for words in ([url, "--yes"], ["--check", url]):
        done = register(kubeconfig, *words)
        assert done.returncode == 2
        assert message in done.stderr.decode()
        assert b"S3cretPw" not in done.stderr + done.stdout
    assert cluster.requests == []


def test_a_signature_is_not_shown(cluster: Cluster, kubeconfig: Path) -> None:
    done = register(kubeconfig, URL + "?x-oss-signature=abc", "--yes")
    assert (done.returncode, b"abc" in done.stdout + done.stderr) == (0, False)
    assert data(cluster)["addNodeScriptPath"].endswith("=abc")


def test_the_longest_address_is_taken() -> None:
    longest = "https://a/" + "x" * 1014
    assert checked_address(longest) == longest
    with pytest.raises(UsageError):
        checked_address(longest + "x")


@pytest.mark.parametrize("words", [[], ["--show", "--clear"], [URL, "--show"], ["--check", URL, "--clear"]])
def test_only_one_thing_at_a_time(words: list[str]) -> None:
    done = run("register", *words)
    assert done.returncode == 2
    assert b"give a URL, or one of" in done.stderr


def test_what_the_cluster_holds_cannot_steer_a_terminal(cluster: Cluster, kubeconfig: Path) -> None:
    data(cluster)["addNodeScriptPath"] = "http://a/\x1b[2J\n::error::x"
    for words in (("--show",), (URL, "--dry-run"), ("--check", URL)):
        done = register(kubeconfig, *words)
        assert b"\x1b" not in done.stdout + done.stderr
        assert not any(line.startswith(b"::") for line in (done.stdout + done.stderr).splitlines())
