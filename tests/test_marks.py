"""Marks, wishes in comments, and what happens when a person edits our text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ackpatch
from tests.fixtures import all_fixtures

PLAIN = b"#!/bin/bash\nyum install -y kubelet\nsystemctl restart kubelet\n"
PATCHED = ackpatch.patch(PLAIN).patched


def codes(source: bytes) -> list[str]:
    return [one.code for one in ackpatch.patch(source).errors]


def test_ignore_leaves_a_start_alone() -> None:
    source = PLAIN.replace(b"restart kubelet", b"restart kubelet # ackpatch: ignore")
    result = ackpatch.patch(source)
    assert not result.changed
    assert [one.code for one in result.findings] == ["ACK303"]


def test_here_puts_the_call_where_it_is_wanted() -> None:
    source = PLAIN.replace(b"systemctl", b"# ackpatch: here\nmkdir -p /x\nsystemctl")
    lines = ackpatch.patch(source).patched.split(b"\n")
    at = lines.index(b"# ackpatch: here")
    assert lines[at + 1] == b"ackpatch_kubelet write"
    assert lines.count(b"ackpatch_kubelet write") == 1


def test_what_the_owner_adds_elsewhere_is_kept_by_revert() -> None:
    changed = PATCHED.replace(b"yum install", b"echo mine\nyum install") + b"echo more\n"
    expected = PLAIN.replace(b"yum install", b"echo mine\nyum install") + b"echo more\n"
    assert ackpatch.revert(changed).patched == expected


def test_a_new_start_behind_is_covered_by_a_second_apply() -> None:
    changed = PATCHED + b"echo KUBELET_EXTRA_ARGS= > /etc/sysconfig/kubelet\nsystemctl restart kubelet\n"
    result = ackpatch.patch(changed)
    assert result.patched.split(b"\n").count(b"ackpatch_kubelet write") == 2
    assert ackpatch.patch(result.patched).patched == result.patched


def test_a_changed_block_is_told_and_dropped_only_by_force() -> None:
    changed = PATCHED.replace(b"exit 1", b"exit 7", 1)
    assert codes(changed) == ["ACK906"]
    assert ackpatch.patch(changed).patched == changed
    assert ackpatch.revert(changed).patched == changed
    assert ackpatch.revert(changed, force=True).patched == PLAIN
    assert ackpatch.patch(changed, force=True).patched == PATCHED


@pytest.mark.parametrize("mark", [b"# ackpatch:2 begin", b"# ackpatch:2 end"])
def test_half_a_block_is_an_error_with_its_line(mark: bytes) -> None:
    lines = [one for one in PATCHED.split(b"\n") if mark not in one]
    result = ackpatch.patch(b"\n".join(lines))
    assert [one.code for one in result.errors] == ["ACK906"]
    assert not result.changed


def test_a_piece_that_a_person_took_out_is_put_in_again() -> None:
    source = b"kubeadm join x --token y\n"
    patched = ackpatch.patch(source).patched
    result = ackpatch.patch(patched.replace(b' ${ackpatch_node_name:+"--node-name=$ackpatch_node_name"}', b""))
    assert [one.code for one in result.findings if one.fixable] == ["ACK101", "ACK102"]
    assert result.patched == patched


def test_marks_of_another_format_are_an_error() -> None:
    assert codes(PATCHED.replace(b"# ackpatch:2 begin", b"# ackpatch:9 begin")) == ["ACK906"]


@pytest.mark.parametrize("name", [b"echo $ackpatch_node_name\n", b"ackpatch_kubelet\n", b"rm -r /var/lib/ackpatch\n"])
def test_a_name_of_ours_in_a_script_that_was_never_patched_is_refused(name: bytes) -> None:
    result = ackpatch.patch(PLAIN + name)
    assert [one.code for one in result.errors] == ["ACK906"]
    assert result.patched == PLAIN + name


BY_HAND = (
    b"####### Begin: Alibaba Cloud environment variable injection\n"
    b'sed -i "s@KUBELET_EXTRA_ARGS=@KUBELET_EXTRA_ARGS=--provider-id=$ALIBABA_CLOUD_PROVIDER_ID @" /etc/sysconfig/kubelet\n'
    b"####### End: Alibaba Cloud environment variable injection\n"
)


@pytest.mark.parametrize("marks", ["Begin", "Chinese", "none"])
def test_the_documented_injection_rests_where_the_values_are_set(marks: str) -> None:
    block = BY_HAND.split(b"\n")[1] + b"\n"
    if marks == "Begin":
        block = BY_HAND
    elif marks == "Chinese":
        block = "####### 环境变量注入开始\n".encode() + block + "####### 环境变量注入结束\n".encode()
    source = PLAIN.replace(b"systemctl", block + b"systemctl")
    result = ackpatch.patch(source)
    assert [one.code for one in result.findings] == ["ACK206", "ACK101"]
    assert b'if [ -z "${ALIBABA_CLOUD_PROVIDER_ID-}" ]; then # ackpatch:2' in result.patched
    assert block.split(b"\n")[0] in result.patched
    assert ackpatch.revert(result.patched).patched == source


def test_an_ignored_line_keeps_the_injection_by_hand_as_it_is() -> None:
    for head in ("#!/bin/bash\n", "#!/bin/bash\n# a comment\n", "", "#!/bin/bash\nset -e\n"):
        source = head.encode() + BY_HAND + b"systemctl restart kubelet\n"
        result = ackpatch.patch(source)
        assert ackpatch.revert(result.patched).patched == source
        assert ackpatch.patch(result.patched).patched == result.patched


STYLES = [["-i", "0"], ["-i", "2", "-ci"], ["-i", "4", "-bn"], ["-sr", "-kp"], ["-fn"], ["-s"]]


@pytest.mark.parametrize("part", range(4))
def test_a_formatter_damages_no_patched_script(part: int) -> None:
    shfmt = Path(sys.executable).parent / "shfmt"
    for fixture in all_fixtures()[part::4]:
        result = ackpatch.patch(fixture.original, **fixture.options)
        for style in STYLES if result.changed else []:
            formatted = subprocess.run(
                [shfmt, "-ln", "bash", *style], input=result.patched, capture_output=True, check=False
            )
            if formatted.returncode == 0:
                undone = ackpatch.revert(formatted.stdout)
                assert undone.findings == (), (fixture.name, style)
                told = {one.code for one in ackpatch.check(formatted.stdout, **fixture.options) if one.fixable}
                assert told <= {one.code for one in ackpatch.check(result.patched, **fixture.options) if one.fixable}
                assert b"ackpatch" not in undone.patched, (fixture.name, style)
