"""What a rehearsal proves of a script: the verdict on each start, and on the whole."""

from __future__ import annotations

import pytest

import ackpatch
from ackpatch.rehearse.image import images_for
from ackpatch.rehearse.proof import Verdict
from ackpatch.rehearse.verdict import VALUES
from ackpatch.rehearse.why import why_it_matters
from tests.fixtures import Fixture, all_fixtures
from tests.sample import sampled

# tests/test_fixtures.py rehearses all of them; here a part shows that the verdicts are put together rightly.
FIXTURES = [one for one in all_fixtures() if one.expect in ("patched", "covered")][::3]
JOIN = b"yum install -y kubelet kubeadm\nsystemctl enable --now kubelet\nkubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n"


def patched(script: bytes, **options: object) -> bytes:
    return ackpatch.patch(script, **options).patched  # type: ignore[arg-type]


def reasons(proof: ackpatch.Proof) -> list[str]:
    return [*proof.reasons, *(reason for one in proof.starts for reason in one.reasons)]


@pytest.mark.parametrize("fixture", sampled("fixtures without a stated node", FIXTURES, 4), ids=lambda one: one.name)
def test_the_node_is_told_from_the_script_and_the_patched_one_holds(fixture: Fixture) -> None:
    given = fixture.rehearsal
    script = patched(fixture.original, **fixture.options)
    proof = ackpatch.prove(script, values=VALUES, args=given["args"], files=given["files"])
    if fixture.facts["starts"] == 0:
        assert (reasons(proof), proof.verdict) == ([], Verdict.NO_START)
        return
    # What runs in the background has no order of its own.
    loose = fixture.facts.get("background", False)
    said = [one for one in reasons(proof) if not (loose and one.endswith("in another order"))]
    assert said == fixture.known
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
        "exit status 1 with the values, 0 without" in one and "has an unsafe character" in one for one in proof.reasons
    )


def test_without_values_only_the_comparison_is_made() -> None:
    proof = ackpatch.prove(patched(JOIN), values=None)
    assert proof.holds
    assert (proof.filled, proof.starts) == (None, ())
    assert proof.original is not None
    assert len(proof.bare.starts) == 2


def test_a_patched_script_that_does_more_than_the_original_is_told() -> None:
    script = patched(JOIN)
    at = script.index(b"\n", script.index(b"# ackpatch:2 begin call")) + 1
    changed = script[:at] + b"touch /opt/more\n" + script[at:]
    found = ackpatch.prove(changed, values=None).reasons
    assert found == (
        "without the values it differs from the original: other commands ran: for example touch /opt/more",
        "without the values it differs from the original: only one of the two left /opt/more",
    )


def test_a_removed_file_is_a_difference() -> None:
    script = patched(JOIN)
    at = script.index(b"\n", script.index(b"# ackpatch:2 begin call")) + 1
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
        (b"read -r answer || exit 3", "the script ended with status 3", 3),
        (b"set -u; systemctl start kubelet-$1", "the script ended with status 1", 1),
        (b"exec true; systemctl start kubelet", "the script ended with status 0", 0),
        (b"f() { exit 4; }; f; systemctl start kubelet", "the script ended with status 4", 4),
        (b"#!/no/such/interpreter\nsystemctl start kubelet", "the script ended with status 127", 127),
        (b"head -c 1100000000 /dev/zero; systemctl start kubelet", "--provider-id is not given", 0),
    ],
)
def test_scripts_that_end_badly_are_told(script: bytes, reason: str, status: int | None) -> None:
    files = {"/etc/systemd/system/kubelet.service": b"[Service]\nExecStart=/usr/bin/kubelet\n"}
    proof = ackpatch.prove(script, values=VALUES, image="binary", files=files, timeout=1 if status is None else 20)
    assert any(reason in one for one in (*reasons(proof), proof.unstarted)), reasons(proof)
    assert not proof.holds
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


HOSTILE = {
    "the log of set -x": "exec >/var/log/boot.log 2>&1; set -x\n",
    "a log through a process": "exec > >(tee /var/log/u.log) 2>&1; set -x\n",
    "line numbers in messages": 'exec >>/var/log/b.log 2>&1; cd /no/such\nlogger "$0: line $LINENO"\n',
    "a random number in a file": "head -c16 /dev/urandom | base64 >/etc/secret\n",
    "a random wait": "sleep $((RANDOM % 30)); ps aux >/var/log/ps.log\n",
    "a reader of the log": "exec > >(tee /var/log/u.log | logger -t boot) 2>&1\n",
    "many readers of input": "set -eo pipefail; for i in $(seq 40); do echo x | kubectl apply -f - ; done\n",
    "waiting for locks": "while sudo fuser /var/lib/dpkg/lock-frontend >/dev/null 2>&1; do sleep 1; done\n",
    "waiting for the first boot": "while [ ! -f /var/lib/cloud/instance/boot-finished ]; do sleep 1; done\n",
    "accounts": "set -e; groupadd kube; useradd -g kube kube; touch /opt/f; chown kube:kube /opt/f\n",
    "usual files": "set -e; sed -i s/a/b/ /etc/sudoers /etc/default/grub /etc/security/limits.conf /etc/yum.conf\n",
    "limits": "set -e; ulimit -n $(ulimit -Hn); ulimit -c unlimited\n",
}


@pytest.mark.parametrize("start", HOSTILE.values(), ids=HOSTILE.keys())
def test_scripts_that_are_right_are_not_found_wrong(start: str) -> None:
    script = b"#!/bin/bash\n" + start.encode() + b"systemctl restart kubelet\n"
    proof = ackpatch.prove(patched(script), values=VALUES)
    assert reasons(proof) == []


@pytest.mark.parametrize("script", [b"echo hello\n", b"yum install -y containerd\necho need an argument >&2\nexit 1\n"])
def test_a_start_that_the_script_does_not_cause_is_none(script: bytes) -> None:
    proof = ackpatch.prove(script, values=VALUES)
    assert proof.starts == ()
    assert proof.image.family == "rpm+installed"
    assert (proof.reasons, proof.verdict, proof.holds) == ((), Verdict.NO_START, False)
    assert proof.unstarted.startswith("the script ended with status")
    if b"exit" in script:
        assert proof.unstarted.endswith("ended with status 1, its last command at line 1: need an argument")


ALL_FOUR = b"""
cat >/etc/sysconfig/kubelet <<EOF
KUBELET_EXTRA_ARGS=--provider-id=$ALIBABA_CLOUD_PROVIDER_ID --hostname-override=$ALIBABA_CLOUD_NODE_NAME \\
  --node-labels=$ALIBABA_CLOUD_LABELS --register-with-taints=$ALIBABA_CLOUD_TAINTS
EOF
systemctl restart kubelet
"""


@pytest.mark.parametrize(
    "hidden",
    [
        b"nsenter -t 1 -m -- /usr/bin/kubelet --foo",
        b"systemd-run /usr/bin/kubelet --foo",
        b"start-stop-daemon --start --exec /usr/bin/kubelet -- --foo",
        b"site-retry 5 systemctl restart kubelet",
        b"kubeadm join phase kubelet-start 10.0.0.1:6443",
    ],
)
def test_a_start_behind_another_program_is_not_passed_over(hidden: bytes) -> None:
    assert ackpatch.prove(ALL_FOUR, values=VALUES, image="rpm").starts[0].reasons == ()
    assert not ackpatch.prove(ALL_FOUR + hidden + b"\n", values=VALUES, image="rpm").holds


def test_a_failed_start_before_the_installation_does_not_move_the_node() -> None:
    script = b"systemctl restart kubelet || true\nyum install -y kubelet kubeadm\nsystemctl enable --now kubelet\n"
    proof = ackpatch.prove(script, values=VALUES)
    assert proof.image.family == "rpm"
    assert [one.start.how for one in proof.starts] == ["systemctl restart", "systemctl enable --now"]


def test_a_unit_by_its_path_and_specifiers_in_names_of_files() -> None:
    unit = b"[Service]\nEnvironmentFile=/etc/default/%N\nExecStart=/usr/bin/kubelet $ARGS\n[Install]\nWantedBy=multi-user.target\n"
    files = {"/opt/k8s/kubelet.service": unit, "/etc/default/kubelet": b"ARGS=--x=1\n"}
    proof = ackpatch.prove(
        b"systemctl enable --now /opt/k8s/kubelet.service\n", values=None, image="binary", files=files
    )
    assert [one.argv for one in proof.bare.starts] == [("/usr/bin/kubelet", "--x=1")]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (b"systemctl restart kubelet; rm -rf /.[a-z]*", "the script removed the record of the run"),
        (
            b"head -c 63000000 /dev/zero >/opt/a; head -c 9000000 /dev/zero >/opt/b; systemctl restart kubelet",
            "is full",
        ),
    ],
)
def test_a_record_that_is_not_complete_is_told(script: bytes, told: str) -> None:
    assert any(told in one for one in ackpatch.prove(script, values=VALUES, image="rpm").reasons)


def test_other_variables_reach_the_script() -> None:
    proof = ackpatch.prove(b'[ "$DNS" = 1.1.1.1 ] && systemctl start kubelet\n', values=VALUES, env={"DNS": "1.1.1.1"})
    assert len(proof.starts) == 1
