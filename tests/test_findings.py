"""Findings: each has a script that brings it up, at the right place, and its neighbour that must not."""

from __future__ import annotations

from pathlib import Path

import pytest

import ackpatch
from ackpatch.findings import RULES
from ackpatch.source import Lines

START = "systemctl restart kubelet\n"
CASES = {
    "ACK101": (START, "systemctl stop kubelet\n"),
    "ACK102": ("kubeadm join x\n", "kubeadm reset\n"),
    "ACK103": ("echo KUBELET_EXTRA_ARGS=--v=2 > /etc/default/kubelet\n", "echo a=b > /etc/default/other\n"),
    "ACK110": (
        "eval 'echo KUBELET_EXTRA_ARGS= > /etc/default/kubelet; systemctl restart kubelet'\n",
        f"eval '{START}'\n",
    ),
    "ACK111": ("ssh a kubeadm token create --print-join-command | sh\n", "kubeadm join x | tee log\n"),
    "ACK112": ("kubelet --node-labels=a=b --node-labels=c=d\n", "kubelet --node-labels=a=b\n"),
    "ACK201": ("ssh node1 systemctl restart kubelet\n", "ssh node1 uptime; " + START),
    "ACK202": ("source ./x.sh\n" + START, "source /etc/os-release\n" + START),
    "ACK203": ("#!/bin/sh\na=(b c)\n" + START, "#!/bin/bash\na=(b c)\n" + START),
    "ACK204": ("kubeadm init\n", "kubeadm join x\n"),
    "ACK205": ("kubeadm join --config /x.yaml\n", "kubeadm join x\n"),
    "ACK113": (
        "sudo bash <<'EOF'\necho KUBELET_EXTRA_ARGS= > /etc/default/kubelet\n(systemctl restart kubelet)\nEOF\n",
        "echo KUBELET_EXTRA_ARGS= > /etc/default/kubelet\n" + START,
    ),
    "ACK206": (
        "####### Begin: Alibaba Cloud environment variable injection\necho a\n####### End: Alibaba Cloud\n" + START,
        "####### Begin: another injection\necho a\n" + START,
    ),
    "ACK207": ("echo $ALIBABA_CLOUD_LABELS\n" + START, "# $ALIBABA_CLOUD_LABELS\n" + START),
    "ACK208": ("echo $ALIBABA_CLOUD_PROVIDE_ID\n" + START, "echo $ALIBABA_CLOUD_PROVIDER_ID\n" + START),
    "ACK209": ("kubelet --node-ip=${ALIBABA_CLOUD_NODE_NAME}\n", "kubelet --node-ip=${NODE_IP}\n"),
    "ACK212": ("%{ if a ~}\n" + START + "%{ endif ~}\n", "printf '%s {}' a\n" + START),
    "ACK301": ("echo kubelet\n", START),
    "ACK302": (
        "start_services docker kubelet\n",
        "start_services() { systemctl start $2; }; start_services docker kubelet\n",
    ),
    "ACK303": ("systemctl restart kubelet # ackpatch: ignore\n", START),
    "ACK901": ("#!/bin/bash\r\n" + START.replace("\n", "\r\n"), START),
    "ACK902": ("\ufeff" + START, START),
    "ACK903": (START + "\0", START),
    "ACK904": ("if true; then " + START, START),
    "ACK905": ('tail -n +9 "$0" > x\n' + START, "tail -n 9 /var/log/x\n" + START),
    "ACK906": ("# ackpatch:1 begin prologue\n" + START, "# ackpatch: a good tool\n" + START),
}


@pytest.mark.parametrize("code", CASES)
def test_a_script_brings_it_up_and_its_neighbour_does_not(code: str) -> None:
    yes, no = CASES[code]
    assert code in [one.code for one in ackpatch.check(yes)]
    assert code not in [one.code for one in ackpatch.check(no)]


# Scripts in files: the line of the finding is marked by "<- CODE".
ADVICE = sorted((Path(__file__).parent.parent / "fixtures" / "findings").iterdir())


@pytest.mark.parametrize("folder", ADVICE, ids=lambda folder: folder.name)
def test_advice_is_given_at_its_line_and_only_where_it_is_due(folder: Path) -> None:
    triggers, silent = ((folder / name).read_bytes() for name in ("triggers.sh", "silent.sh"))
    lines = Lines(triggers)
    found = [lines.place(one.span.start)[0] for one in ackpatch.check(triggers) if one.code == folder.name]
    marked = [number for number, line in enumerate(triggers.split(b"\n"), 1) if b"<- " + folder.name.encode() in line]
    assert found == marked
    assert len(found) == 1
    assert folder.name not in [one.code for one in ackpatch.check(silent)]


@pytest.mark.parametrize("folder", ADVICE, ids=lambda folder: folder.name)
def test_scripts_that_bring_up_advice_can_be_patched(folder: Path) -> None:
    for name in ("triggers.sh", "silent.sh"):
        source = (folder / name).read_bytes()
        result = ackpatch.patch(source)
        assert result.changed, result.findings
        assert ackpatch.revert(result.patched).patched == source


def test_every_finding_has_its_case() -> None:
    without = {"ACK211", "ACK907"}  # two parsers that differ, and a defect of our own: no script is known for these
    assert set(RULES) - set(CASES) - {folder.name for folder in ADVICE} <= without


def test_a_join_token_is_never_told_whole() -> None:
    source = (ADVICE[0].parent / "ACK227" / "triggers.sh").read_bytes()
    (found,) = [one for one in ackpatch.check(source) if one.code == "ACK227"]
    assert "0123456789abcdef" not in found.message
    assert source[found.span.start : found.span.end] == b"abcdef.0123456789abcdef"


@pytest.mark.parametrize("code", [code for code, (yes, _) in CASES.items() if code.startswith("ACK9")])
def test_what_cannot_be_read_is_left_untouched(code: str) -> None:
    result = ackpatch.patch(CASES[code][0])
    assert not result.changed
    assert [one.code for one in result.errors] == [code]


def test_a_syntax_error_has_its_place() -> None:
    source = "#!/bin/bash\necho a\nfi; systemctl restart kubelet\n"
    (found,) = ackpatch.check(source)
    assert found.span.start == source.index("fi;")
    assert "line 3, column 1" in found.message


def test_a_carriage_return_on_a_line_of_code_is_found_in_a_script_of_plain_lines() -> None:
    source = "#!/bin/bash\ncat > /tmp/x <<EOF\na\r\nEOF\nsystemctl restart kubelet\r\n"
    (found,) = [one for one in ackpatch.check(source) if one.code == "ACK901"]
    assert found.span.start == source.rindex("\r")
