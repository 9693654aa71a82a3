"""Taking out: each insertion is known by its whole form, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from ackpatch.inserted import insertions
from ackpatch.inserted.blocks import Kind, block
from ackpatch.inserted.removal import revert, without_insertions

BLOCK = block(Kind.CALL)
LINES = [
    "ackpatch_kubelet start\n",
    "    ackpatch_kubelet join pool=a:NoSchedule\n",
    insertions.call(("start",), contained=True) + "\n",
    insertions.call(("write",), contained=False, own=True) + "\n",
    insertions.kept_call(("start",)) + "\n",
    insertions.KEEP_LINES,
    insertions.EXPORT_LINE,
    insertions.OWN_LINE,
    "ackpatch_agent /etc/rancher/k3s/config.yaml.d\n",
]
# A line with an insertion, and the line without it.
IN_LINES = [
    ("ackpatch_kubelet start; systemctl restart kubelet\n", "systemctl restart kubelet\n"),
    ("x && ackpatch_kubelet start && y\n", "x && y\n"),
    ("x || ! ackpatch_kubelet start || y\n", "x || y\n"),
    ("cat >f && ackpatch_kubelet write\n", "cat >f\n"),
    (f"kubeadm join a:1 {insertions.NODE_NAME}\n", "kubeadm join a:1\n"),
    (f'x "kubeadm join a:1{insertions.NODE_NAME_IN_TEXT}"\n', 'x "kubeadm join a:1"\n'),
    (f"x 'kubeadm join a:1'\"{insertions.NODE_NAME_IN_TEXT}\"''\n", "x 'kubeadm join a:1'\n"),
    (f"kubelet --v=2 {insertions.FLAGS}\n", "kubelet --v=2\n"),
    (f"k0s install worker {insertions.WORKER}\n", "k0s install worker\n"),
    (f'ssh h "$(declare -f{insertions.SHIPPED} f)"\n', 'ssh h "$(declare -f f)"\n'),
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_ours_goes(line: str) -> None:
    done = revert(f"#!/bin/bash\n{BLOCK}a\n{line}b\n")
    assert (done.text, done.damages) == ("#!/bin/bash\na\nb\n", ())


@pytest.mark.parametrize(("line", "rest"), IN_LINES)
def test_what_stands_in_a_line_goes(line: str, rest: str) -> None:
    done = revert(f"#!/bin/bash\n{BLOCK}{line}")
    assert (done.text, done.damages) == (f"#!/bin/bash\n{rest}", ())


def test_a_text_that_a_patched_script_wrote_is_compared_without_them() -> None:
    assert without_insertions("a\nackpatch_kubelet start\nb\n") == "a\nb\n"
    assert without_insertions(f"{BLOCK}a\n") == "a\n"


def test_without_a_final_newline() -> None:
    assert revert(f"{BLOCK}a\nackpatch_kubelet write").text == "a"
    assert revert(f"a\n{BLOCK.removesuffix(chr(10))}").text == "a"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BLOCK.replace("umask 022", "umask 077") + "a\n", "changed by a person"),
        (BLOCK.replace("ackpatch:2", "ackpatch:3") + "a\n", "is of format 3"),
        (BLOCK.rpartition("} # ackpatch")[0] + "a\n", "the end of this block is missing"),
        (BLOCK + "a ackpatch_kubelet start\n", "outside of its edits"),
        ("a ackpatch_kubelet\n", "a name of ackpatch's stands here"),
    ],
)
def test_what_is_not_as_we_left_it_is_told(text: str, message: str) -> None:
    (damage,) = revert(text).damages
    assert message in damage.message
    assert 0 <= damage.span.start <= damage.span.end <= len(text)


def test_a_changed_block_goes_by_force() -> None:
    assert revert(BLOCK.replace("umask 022", "umask 077") + "a\n", force=True).text == "a\n"


def test_without_a_trace_of_ours_nothing_is_looked_at() -> None:
    assert revert("kubeadm join\n").text == "kubeadm join\n"
