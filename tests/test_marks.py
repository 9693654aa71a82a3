"""Marks, wishes in comments, and what happens when a person edits our text."""

from __future__ import annotations

import pytest

import ackpatch

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
    assert lines[at + 1].startswith(b"ackpatch_kubelet # ackpatch:1 call")
    assert ackpatch.patch(source).patched.count(b"ackpatch:1 call") == 1


def test_what_the_owner_adds_elsewhere_is_kept_by_revert() -> None:
    changed = PATCHED.replace(b"yum install", b"echo mine\nyum install") + b"echo more\n"
    expected = PLAIN.replace(b"yum install", b"echo mine\nyum install") + b"echo more\n"
    assert ackpatch.revert(changed).patched == expected


def test_a_new_start_behind_is_covered_by_a_second_apply() -> None:
    changed = PATCHED + b"echo KUBELET_EXTRA_ARGS= > /etc/sysconfig/kubelet\nsystemctl restart kubelet\n"
    result = ackpatch.patch(changed)
    assert result.patched.count(b"# ackpatch:1 call") == 2
    assert ackpatch.patch(result.patched).patched == result.patched


def test_a_changed_block_is_told_and_dropped_only_by_force() -> None:
    changed = PATCHED.replace(b"exit 1", b"exit 7", 1)
    assert codes(changed) == ["ACK906"]
    assert ackpatch.patch(changed).patched == changed
    assert ackpatch.revert(changed).patched == changed
    assert ackpatch.revert(changed, force=True).patched == PLAIN
    assert ackpatch.patch(changed, force=True).patched == PATCHED


@pytest.mark.parametrize("line", [b"# ackpatch:1 begin prologue", b"# ackpatch:1 end prologue"])
def test_half_a_block_is_an_error_with_its_line(line: bytes) -> None:
    lines = [one for one in PATCHED.split(b"\n") if not one.startswith(line)]
    result = ackpatch.patch(b"\n".join(lines))
    assert [one.code for one in result.errors] == ["ACK906"]
    assert not result.changed


def test_a_missing_piece_is_an_error() -> None:
    source = b"kubeadm join x --token y\n"
    patched = ackpatch.patch(source).patched
    assert codes(patched.replace(b' ${ackpatch_node_name:+"--node-name=$ackpatch_node_name"}', b"")) == ["ACK906"]


def test_a_mark_of_a_later_format_is_an_error() -> None:
    assert codes(PATCHED.replace(b"# ackpatch:1 call", b"# ackpatch:9 call")) == ["ACK906"]


def test_the_older_injection_is_kept_as_comments() -> None:
    block = (
        b"####### Begin: Alibaba Cloud environment variable injection\n"
        b'sed -i "s@KUBELET_EXTRA_ARGS=@KUBELET_EXTRA_ARGS=--provider-id=$ALIBABA_CLOUD_PROVIDER_ID @" /etc/sysconfig/kubelet\n'
        b"####### End: Alibaba Cloud environment variable injection\n"
    )
    source = PLAIN.replace(b"systemctl", block + b"systemctl")
    patched = ackpatch.patch(source).patched
    assert b"\n#| sed -i" in patched
    assert b"\nsed -i" not in patched
    assert ackpatch.revert(patched).patched == source
    kept = ackpatch.patch(source, keep_existing=True).patched
    assert block in kept


def test_an_older_injection_right_below_the_first_line_is_taken_over_and_comes_back() -> None:
    older = "####### Begin: Alibaba Cloud environment variable injection\necho a\n####### End: Alibaba Cloud\n"
    for head in ("#!/bin/bash\n", "#!/bin/bash\n# a comment\n", "", "#!/bin/bash\nset -e\n"):
        source = head + older + "systemctl restart kubelet\n"
        result = ackpatch.patch(source)
        assert [one.code for one in result.findings] == ["ACK206", "ACK101"]
        assert result.patched.index("begin prologue") < result.patched.index("# ackpatch:1 replaced")
        assert ackpatch.revert(result.patched).patched == source
        assert ackpatch.patch(result.patched).patched == result.patched
