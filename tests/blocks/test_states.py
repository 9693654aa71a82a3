"""Every state of a node: after a call kubelet gets the four values and keeps all of its own, or the script ends."""

from __future__ import annotations

import pytest

from ackpatch.rehearse import Rehearsal, container, rehearse, view
from ackpatch.rehearse.verdict import judge_start
from tests.sample import sampled

from .ground import CALL, SHELLS, START, VALUES, Node, needs, with_block
from .nodes import NODES

# A rerun of a patched script: what an earlier call of ours has left is ours to replace.
FORMER = ("other: a former drop-in of ours", "other: a former line of ours")
ALL = [pytest.param(node, id=name) for name, node in NODES.items() if name not in FORMER]
IN_BASH = sampled("states of a node in bash", [name for name in NODES if name not in FORMER], 2)
SECOND = sampled("second calls on a node", [name for name in NODES if name not in FORMER], 12)
SAMPLE = [pytest.param(node, id=name) for number, (name, node) in enumerate(NODES.items()) if number % 6 == 0]


def run(node: Node, script: bytes, env: dict[str, str], shell: str = "bash") -> Rehearsal:
    return rehearse(script, shell=SHELLS[shell], env=env, family=node.family, files=node.files)


def check(node: Node, shell: str) -> None:
    before = run(node, START.encode(), {}, shell)
    after = run(node, with_block(CALL + START), VALUES, shell)
    told = [line for line in after.stderr.decode().splitlines() if line.startswith("ackpatch: ")]
    if node.refused:
        assert after.exit_status == 1, told
        assert after.starts == ()
        assert len(told) == 1
        return
    assert after.exit_status == before.exit_status, after.stderr[-500:]
    if before.starts[0].error is None and view(before.starts[0].argv).exits is None:
        assert judge_start(after.starts[0], VALUES, before.starts[0]) == [], after.starts[0].argv


@pytest.mark.parametrize("node", [pytest.param(NODES[name], id=name) for name in IN_BASH])
def test_bash(node: Node) -> None:
    check(node, "bash")


@pytest.mark.parametrize("node", SAMPLE)
@pytest.mark.parametrize(
    "shell", [pytest.param(name, marks=needs(SHELLS[name][0])) for name in SHELLS if name != "bash"]
)
def test_other_shells(node: Node, shell: str) -> None:
    if node not in (NODES[name] for name in FORMER):
        check(node, shell)


@pytest.mark.parametrize("node", [pytest.param(NODES[name], id=name) for name in SECOND])
def test_a_second_call_changes_nothing(node: Node) -> None:
    once = run(node, with_block(CALL + START), VALUES)
    twice = run(node, with_block(CALL + CALL + START + CALL + START), VALUES)
    if not node.refused:
        assert twice.starts[-1].argv == once.starts[0].argv
        names = ("/etc/sysconfig/kubelet", "/etc/systemd/system/kubelet.service.d/zz-ackpatch.conf")
        assert [twice.files.get(name) for name in names] == [once.files.get(name) for name in names]


@pytest.mark.parametrize("node", ALL[::5])
def test_without_values_nothing_is_called_and_nothing_changes(node: Node) -> None:
    before, after = run(node, START.encode(), {}), run(node, with_block(CALL + START), {})
    assert [one.argv for one in after.starts] == [one.argv for one in before.starts]
    assert after.calls == before.calls
    assert after.stderr == before.stderr


@pytest.mark.parametrize("name", FORMER)
def test_what_an_earlier_run_left_is_replaced(name: str) -> None:
    after = run(NODES[name], with_block(CALL + START), VALUES)
    text = " ".join(after.starts[0].argv)
    assert "stale" not in text
    assert text.count("--provider-id=") == 1


# A container's /run is empty at its boot: what lies there on a machine cannot be shown in one.
LOST_AT_BOOT = ("other: a drop-in in /run",)
SHOWN_IN_BOTH = [(name, node) for name, node in NODES.items() if name not in LOST_AT_BOOT]
IN_BOTH = sampled("states of a node in both engines", SHOWN_IN_BOTH, 40)


@pytest.mark.skipif(bool(container.missing()), reason=container.missing() or "-")
@pytest.mark.parametrize("node", [pytest.param(node, id=name) for name, node in IN_BOTH])
def test_a_real_systemd_agrees(node: Node) -> None:
    script = with_block(CALL + START)
    model, real = (
        rehearse(script, real=one, family=node.family, files=node.files, env=VALUES) for one in (False, True)
    )
    assert [one.argv[1:] for one in real.starts if one.error is None] == [
        one.argv[1:] for one in model.starts if one.error is None
    ]
    assert real.exit_status == model.exit_status
