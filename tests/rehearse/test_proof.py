"""What a rehearsal proves of a script: the verdict on each start, and on the whole."""

from __future__ import annotations

import pytest

import ackpatch
from ackpatch.rehearse.image import images_for
from ackpatch.rehearse.verdict import VALUES
from ackpatch.rehearse.why import why_it_matters
from tests.fixtures import Fixture, all_fixtures

FIXTURES = [one for one in all_fixtures() if one.expect in ("patched", "covered")]
JOIN = b"yum install -y kubelet kubeadm\nsystemctl enable --now kubelet\nkubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n"


def patched(script: bytes, **options: object) -> bytes:
    return ackpatch.patch(script, **options).patched  # type: ignore[arg-type]


def reasons(proof: ackpatch.Proof) -> list[str]:
    return [*proof.reasons, *(reason for one in proof.starts for reason in one.reasons)]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda one: one.name)
def test_the_node_is_told_from_the_script_and_the_patched_one_holds(fixture: Fixture) -> None:
    given = fixture.rehearsal
    script = patched(fixture.original, **fixture.options)
    proof = ackpatch.prove(script, values=VALUES, args=given["args"], files=given["files"])
    assert reasons(proof) == fixture.known
    assert all(one.start.line is not None or one.start.how == "boot" for one in proof.starts)
    assert (proof.original is None) == (script == fixture.original)


@pytest.mark.parametrize("fixture", [one for one in FIXTURES if one.expect == "patched"][::6], ids=lambda one: one.name)
def test_an_original_does_not_hold(fixture: Fixture) -> None:
    given = fixture.rehearsal
    proof = ackpatch.prove(fixture.original, values=VALUES, args=given["args"], files=given["files"])
    assert not proof.holds
    assert proof.original is None


def test_what_is_missing_is_told_and_why() -> None:
    proof = ackpatch.prove(JOIN, values=VALUES)
    first, second = proof.starts
    assert [first.start.line, second.start.line] == [2, 3]
    assert list(first.reasons) == [
        "--provider-id is not given",
        "--hostname-override is not given",
        "label alibabacloud.com/nodepool-id is not given",
        "label workload is not given",
        "taint pool=elastic:NoSchedule is missing",
    ]
    assert second.reasons[-1] == "kubeadm waits for a node named worker-1"
    assert all(why_it_matters(reason) for reason in reasons(proof))


def test_only_the_given_variables_are_asked_for() -> None:
    some = {"ALIBABA_CLOUD_PROVIDER_ID": "cn-hangzhou.i-1", "ALIBABA_CLOUD_TAINTS": ""}
    assert ackpatch.prove(patched(JOIN), values=some).holds
    assert ackpatch.prove(patched(JOIN), values=VALUES).holds
    changed = JOIN.replace(b"kubeadm join", b"sed -i 's/=$/=--provider-id=x/' /etc/sysconfig/kubelet; kubeadm join")
    assert "--provider-id is x" in reasons(ackpatch.prove(changed, values=some))


def test_labels_that_kubelet_would_refuse_are_rightly_left_out() -> None:
    values = {**VALUES, "ALIBABA_CLOUD_LABELS": "a=b,kubernetes.io/not-allowed=x"}
    proof = ackpatch.prove(patched(JOIN), values=values)
    assert proof.holds
    assert proof.filled is not None
    assert b"kubernetes.io/not-allowed" in proof.filled.stderr


def test_a_refused_value_ends_the_script_and_is_told() -> None:
    proof = ackpatch.prove(patched(JOIN), values={**VALUES, "ALIBABA_CLOUD_LABELS": "a=b;id"})
    assert not proof.holds
    assert any(
        "exit status 1 with the values, 0 without" in one and "ALIBABA_CLOUD_LABELS" in one for one in proof.reasons
    )


def test_without_values_only_the_comparison_is_made() -> None:
    proof = ackpatch.prove(patched(JOIN), values=None)
    assert proof.holds
    assert (proof.filled, proof.starts) == (None, ())
    assert proof.original is not None
    assert len(proof.bare.starts) == 2


def test_a_patched_script_that_does_more_than_the_original_is_told() -> None:
    script = patched(JOIN)
    at = script.index(b"# ackpatch:1 end prologue")
    changed = script[:at] + b"touch /opt/more\n" + script[at:]
    found = ackpatch.prove(changed, values=None).reasons
    assert found == (
        "without the values it differs from the original: other commands ran, or in another order",
        "without the values it differs from the original: only one of the two left /opt/more",
    )


def test_a_removed_file_is_a_difference() -> None:
    script = patched(JOIN)
    at = script.index(b"# ackpatch:1 end prologue")
    proof = ackpatch.prove(script[:at] + b"rm /etc/hosts\n" + script[at:], values=None)
    assert any(one.endswith("only one of the two removed /etc/hosts") for one in proof.reasons)


def test_a_script_that_runs_side_by_side_is_compared_without_order() -> None:
    body = b"for i in 1 2 3 4 5 6 7 8; do systemctl start a$i & systemctl start b$i & done; wait\n"
    proof = ackpatch.prove(patched(body + JOIN), values=VALUES)
    assert proof.holds, reasons(proof)


@pytest.mark.parametrize(
    ("script", "reason", "status"),
    [
        (b"while :; do :; done", "did not end within 1 seconds", None),
        (b"sleep 1\nwhile :; do mkdir -p /opt; done", "; its last command was at line 2", None),
        (b"read -r answer || exit 3", "kubelet was never started", 3),
        (b"set -u; systemctl start kubelet-$1", "kubelet was never started", 1),
        (b"exec true; systemctl start kubelet", "kubelet was never started", 0),
        (b"f() { exit 4; }; f; systemctl start kubelet", "kubelet was never started", 4),
        (b"#!/no/such/interpreter\nsystemctl start kubelet", "kubelet was never started", 127),
        (b"head -c 1100000000 /dev/zero; systemctl start kubelet", "--provider-id is not given", 0),
    ],
)
def test_scripts_that_end_badly_are_told(script: bytes, reason: str, status: int | None) -> None:
    files = {"/etc/systemd/system/kubelet.service": b"[Service]\nExecStart=/usr/bin/kubelet\n"}
    proof = ackpatch.prove(script, values=VALUES, image="binary", files=files, timeout=1 if status is None else 20)
    assert any(reason in one for one in reasons(proof)), reasons(proof)
    assert proof.bare.exit_status == status
    assert proof.bare.timed_out == (status is None)


def test_arguments_and_files_reach_the_script() -> None:
    files = {
        "/etc/systemd/system/kubelet.service": b"[Service]\nExecStart=/usr/bin/kubelet --x\n",
        "http://a.b/c": b"$1",
    }
    proof = ackpatch.prove(
        b"[ \"$(curl http://a.b/c)$1\" = '$1a b' ] && systemctl start kubelet",
        values=None,
        image="binary",
        args=["a b"],
        files=files,
    )
    assert [one.argv for one in proof.bare.starts] == [("/usr/bin/kubelet", "--x")]


@pytest.mark.parametrize(
    ("script", "name", "binary", "families"),
    [
        (b"yum install -y kubelet", "auto", False, ["rpm", "rpm+installed", "deb", "deb+installed"]),
        (b"apt-get install -y kubeadm", "auto", False, ["deb", "deb+installed", "rpm", "rpm+installed"]),
        (b"# yum\napt-get update\nsystemctl start kubelet", "auto", False, ["deb+installed", "rpm+installed"]),
        (b"apt-get install -y \\\n  kubeadm", "auto", True, ["deb", "deb+installed", "rpm", "rpm+installed"]),
        (b"systemctl start kubelet", "auto", True, ["binary", "rpm+installed", "deb+installed"]),
        (b"systemctl start kubelet", "auto", False, ["rpm+installed", "deb+installed"]),
        (b"yum install kubelet", "deb", False, ["deb", "deb+installed"]),
        (b"anything", "binary", False, ["binary"]),
        (b"anything", "deb+installed", False, ["deb+installed"]),
    ],
)
def test_the_images_that_are_tried(script: bytes, name: str, binary: bool, families: list[str]) -> None:
    assert [one.family for one in images_for(name, script, binary)] == families
