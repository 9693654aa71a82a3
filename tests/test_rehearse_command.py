"""``ackpatch rehearse`` and ``ackpatch apply --rehearse`` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ackpatch
from ackpatch.errors import UsageError
from ackpatch.rehearse import container
from tests.commands import run

TOKEN = b"abcdef.0123456789abcdef"
SCRIPT = (
    b"#!/bin/bash\nyum install -y kubelet kubeadm\n"
    b"echo 'KUBELET_EXTRA_ARGS=--node-labels=rack=r1' >/etc/sysconfig/kubelet\n"
    b"systemctl enable --now kubelet\nkubeadm join 10.0.0.1:6443 --token " + TOKEN + b"\n"
)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "join.sh"
    path.write_bytes(SCRIPT)
    return path


def test_an_original_shows_what_is_missing(script: Path) -> None:
    done = run("rehearse", script)
    text = done.stdout.decode()
    assert done.returncode == 1
    assert "start 1: line 4, systemctl enable --now\n" in text
    assert "start 2: line 5, kubeadm join, waits for the node worker-1\n" in text
    assert "WRONG --provider-id           (not given)\n" in text
    assert text.endswith(f"{script}: does NOT hold\n")
    assert script.read_bytes() == SCRIPT


def test_a_patched_one_holds_and_shows_both_runs_side_by_side(script: Path) -> None:
    run("apply", "--yes", script)
    done = run("rehearse", script)
    text = done.stdout.decode()
    assert done.returncode == 0, text
    rows = [line.split() for line in text.splitlines() if line.endswith((" x", " -"))]
    assert ["--node-labels=rack=r1", "x", "x"] in rows
    assert ["--provider-id=cn-shenzhen.i-wz9abcdefgh0123456", "x", "-"] in rows
    assert ["/usr/bin/kubelet", "x", "x"] in rows
    assert "ok    --node-labels           rack=r1,alibabacloud.com/nodepool-id=np0123456789,workload=batch" in text
    assert text.endswith(f"original did\n{script}: holds\n")


def test_json_is_one_object_a_script_and_masks_the_token(script: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sh"
    other.write_bytes(ackpatch.patch(SCRIPT).patched)
    done = run("rehearse", "--json", script, other)
    assert done.returncode == 1
    one, two = (json.loads(line) for line in done.stdout.splitlines())
    assert (one["schema"], one["script"], one["holds"], two["holds"]) == (1, str(script), False, True)
    assert [(start["line"], start["how"]) for start in one["starts"]] == [
        (4, "systemctl enable --now"),
        (5, "kubeadm join"),
    ]
    assert one["starts"][0]["flags"]["--provider-id"] == {"state": "wrong", "value": "(not given)"}
    assert one["starts"][0]["reasons"][0]["why"]
    assert two["starts"][1]["node_name"] == "cn-shenzhen.192.168.1.5"
    assert two["starts"][1]["arguments_without_values"][-1] == "--node-labels=rack=r1"
    assert {"line": 2, "arguments": ["yum", "install", "-y", "kubelet", "kubeadm"]} in one["runs"]["with_values"][
        "calls"
    ]
    assert TOKEN not in done.stdout
    assert b"abcdef.****" in done.stdout


def test_values_of_the_users_own(script: Path) -> None:
    run("apply", "--yes", script)
    done = run("rehearse", script, "--set", "ALIBABA_CLOUD_PROVIDER_ID=cn-a.i-1", "--set", "ALIBABA_CLOUD_LABELS=a;b")
    assert done.returncode == 1
    assert b"one of the four has an unsafe character" in done.stdout
    done = run("rehearse", script, "--set", "ALIBABA_CLOUD_PROVIDER_ID=cn-a.i-1", "--set", "ALIBABA_CLOUD_LABELS=a=b")
    assert done.returncode == 0, done.stdout
    assert b"--provider-id=cn-a.i-1" in done.stdout
    assert b"-     --hostname-override     (not given)" in done.stdout


def test_without_values(script: Path) -> None:
    done = run("rehearse", "--unset", script)
    assert done.returncode == 0
    assert b"start 2: line 5, kubeadm join" in done.stdout
    assert b"WRONG" not in done.stdout


def test_arguments_files_and_images(tmp_path: Path) -> None:
    path, unit = tmp_path / "a.sh", tmp_path / "unit"
    path.write_text('[ "$1" = "a b" ] && cp /srv/unit /etc/systemd/system/kubelet.service && systemctl start kubelet\n')
    unit.write_text("[Service]\nExecStart=/usr/bin/kubelet --from-the-file\n")
    done = run("rehearse", path, "--unset", "--args", "'a b' c", "--file", f"/srv/unit={unit}", "--image", "binary")
    assert b"    --from-the-file\n" in done.stdout
    assert b"a node of the kind binary (as asked)" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "FOO=1"], b"--set FOO=1: give NAME=VALUE"),
        (["--set", "ALIBABA_CLOUD_LABELS"], b"give NAME=VALUE"),
        (["--set", "ALIBABA_CLOUD_LABELS=a", "--unset"], b"do not go together"),
        (["--file", "relative"], b"give PATH=LOCAL"),
        (["--file", "/a=/no/such/file"], b"/no/such/file: no such file"),
        (["--file", "/.ackpatch/log=/etc/hosts"], b"not an absolute path of the node"),
        (["--args", "'open"], b"--args: no closing quotation"),
        (["--image", "solaris"], b"solaris"),
        (["--timeout", "0"], b"--timeout 0: give seconds"),
        (["--timeout", "inf"], b"--timeout inf: give seconds"),
        (["--timeout", "nan"], b"--timeout nan: give seconds"),
        (["--file", "/etc=/etc/hosts"], b"cannot build the root of 64 MB: /etc: File exists"),
        (["--file", "http://../../x=/etc/hosts"], b"not an address that a script could fetch"),
        (["--env", "ALIBABA_CLOUD_LABELS=a"], b"are given by --set"),
        (["--env", "a-b=c"], b"give NAME=VALUE"),
    ],
)
def test_usage_errors_are_one_clear_line(script: Path, words: list[str], message: bytes) -> None:
    done = run("rehearse", script, *words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_run_that_does_not_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "loop.sh"
    path.write_text("systemctl start kubelet\nwhile :; do :; done\n")
    done = run("rehearse", "--timeout", "1", path)
    assert done.returncode == 1
    assert b"the run with the values did not end within 1 seconds" in done.stdout


def test_a_script_that_fails_shows_its_last_words(tmp_path: Path) -> None:
    path = tmp_path / "fails.sh"
    path.write_text("systemctl enable kubelet\necho need more >&2\nexit 4\n")
    done = run("rehearse", path)
    assert done.returncode == 1
    assert b"without: exit status 4 (need more), " in done.stdout


def test_one_bad_script_does_not_stop_the_others(script: Path, tmp_path: Path) -> None:
    done = run("rehearse", tmp_path / "missing.sh", script)
    assert done.returncode == 2
    assert b"missing.sh: no such file" in done.stderr
    assert b"does NOT hold" in done.stdout


def test_standard_input(script: Path) -> None:
    done = run("rehearse", "-", stdin=ackpatch.patch(SCRIPT).patched)
    assert done.returncode == 0
    assert done.stdout.startswith(b"<stdin>: rehearsed")


def test_apply_writes_only_what_holds(script: Path, tmp_path: Path) -> None:
    assert run("apply", "--rehearse", "--yes", script).returncode == 0
    assert script.read_bytes() == ackpatch.patch(SCRIPT).patched
    bad = tmp_path / "bad.sh"
    text = SCRIPT.replace(b"kubeadm join", b'[ -n "$ALIBABA_CLOUD_LABELS" ] && exit 7\nkubeadm join')
    bad.write_bytes(text)
    done = run("apply", "--rehearse", "--yes", bad)
    assert done.returncode == 2
    assert b"exit status 7 with the values, 0 without" in done.stderr
    assert b"nothing was written" in done.stderr
    assert bad.read_bytes() == text


@pytest.mark.skipif(bool(container.missing()), reason=container.missing() or "-")
def test_a_real_systemd_gives_the_same_report(script: Path) -> None:
    run("apply", "--yes", script)
    done = run("rehearse", "--systemd", "real", script)
    text = done.stdout.decode()
    assert done.returncode == 0, text
    assert text.startswith(f"{script}: rehearsed on a real systemd\n")
    assert text.splitlines()[-1] == f"{script}: holds"
    said = json.loads(run("rehearse", "--systemd", "auto", "--json", script).stdout)
    assert (said["systemd"], said["holds"]) == ("real", True)


def test_an_unknown_engine_or_variable_is_refused(script: Path) -> None:
    assert run("rehearse", "--systemd", "other", script).returncode == 2
    with pytest.raises(UsageError, match="FOO is none of the variables"):
        ackpatch.prove(SCRIPT, values={"FOO": "1"})
    with pytest.raises(UsageError, match="give model, real or auto"):
        ackpatch.prove(SCRIPT, values=None, systemd="other")
