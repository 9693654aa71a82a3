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
        "bash -c \"bash -c 'echo KUBELET_EXTRA_ARGS= > /etc/default/kubelet; systemctl restart kubelet'\"\n",
        "bash -c 'echo KUBELET_EXTRA_ARGS= > /etc/default/kubelet; systemctl restart kubelet'\n",
    ),
    "ACK111": ("ssh a kubeadm token create --print-join-command | sh\n", "kubeadm join x | tee log\n"),
    "ACK112": ("kubelet --register-with-taints=a=b:NoSchedule\n", "kubelet --node-labels=a=b --node-labels=c=d\n"),
    "ACK121": (
        "f() { ALIBABA_CLOUD_NODE_NAME=x; }\nf\n" + START,
        "ALIBABA_CLOUD_NODE_NAME=x\n" + START,
    ),
    "ACK122": (
        "ALIBABA_CLOUD_PROVIDER_ID=${ALIBABA_CLOUD_PROVIDER_ID:-x.y}\n" + START,
        "ALIBABA_CLOUD_PROVIDER_ID=${ALIBABA_CLOUD_PROVIDER_ID:-$ALIBABA_CLOUD_PROVIDE_ID}\n" + START,
    ),
    "ACK123": (
        "unset ALIBABA_CLOUD_LABELS\n" + START,
        START + "unset ALIBABA_CLOUD_LABELS\n",
    ),
    "ACK201": ("ssh node1 systemctl restart kubelet\n", "ssh node1 uptime; " + START),
    "ACK202": ("source ./x.sh\n" + START, "source /etc/os-release\n" + START),
    "ACK203": ("#!/bin/sh\na=(b c)\n" + START, "#!/bin/bash\na=(b c)\n" + START),
    "ACK204": ("kubeadm init\n", "kubeadm join x\n"),
    "ACK205": ("kubeadm join --config /x.yaml\n", "kubeadm join x\n"),
    "ACK206": (
        'sed -i "s@ARGS=@ARGS=--node-labels=$ALIBABA_CLOUD_LABELS @" /etc/sysconfig/kubelet\n' + START,
        'sed -i "s@ARGS=@ARGS=--node-labels=$LABELS @" /etc/sysconfig/kubelet\n' + START,
    ),
    "ACK207": ("echo $ALIBABA_CLOUD_LABELS\n" + START, "# $ALIBABA_CLOUD_LABELS\n" + START),
    "ACK208": ("echo $ALIBABA_CLOUD_PROVIDE_ID\n" + START, "echo $ALIBABA_CLOUD_PROVIDER_ID\n" + START),
    "ACK209": ("kubelet --node-ip=${ALIBABA_CLOUD_NODE_NAME}\n", "kubelet --node-ip=${NODE_IP}\n"),
    "ACK114": ("zzctl kubelet up\n", "wait_for kubelet\n" + START),
    "ACK115": (
        "".join(f"f{n}() {{ f{n + 1}; }}\n" for n in range(20)) + "f20() { " + START + "}\nf0\n",
        "f() { " + START + "}\nf\n",
    ),
    "ACK116": ("supervisorctl start kubelet\n", "supervisorctl status kubelet\n" + START),
    "ACK117": (
        "cat > /etc/systemd/system/kubelet.service.d/1.conf <<EOF\n[Service]\nExecStart=/usr/bin/kubelet\nEOF\n"
        + START,
        "cat > /etc/systemd/system/kubelet.service.d/1.conf <<EOF\n[Service]\nExecStart=\nExecStart=/usr/bin/kubelet\nEOF\n"
        + START,
    ),
    "ACK124": tuple(
        f"cat > /etc/systemd/system/kubelet.service.d/{name}.conf <<EOF\n[Service]\nExecStart=\n"
        f"ExecStart=/usr/bin/kubelet\nEOF\n{START}"
        for name in ("zzz", "zz-a")
    ),
    "ACK125": ('unset "${!ALIBABA_@}"\n' + START, "unset -f one\n" + START),
    "ACK126": ("systemd-run bash $0 x\n" + START, "bash $0 x\n" + START),
    "ACK308": ("exec sudo $0\n" + START, "exec sudo -E $0\n" + START),
    "ACK120": ("k3s agent --server x --with-node-id\n", "k3s agent --server x --node-label name=a\n"),
    "ACK230": ("k3s agent --server x --node-taint a=b:NoSchedule\n", "k3s agent --server x --node-label a=b\n"),
    "ACK118": (
        "kubelet --node-labels=node-role.kubernetes.io/worker=\n",
        "kubelet --node-labels=kubernetes.io/os=linux\n",
    ),
    "ACK212": (
        "kubeadm join {{ .Values.api }}\n",
        "docker ps --format '{{.Names}}'\ncurl -w '%{http_code}' x\n" + START,
    ),
    "ACK306": ("kubeadm upgrade node\n", "kubeadm version\n" + START),
    "ACK908": ("#!/usr/bin/python3\nprint('kubelet')\n", "#!/usr/bin/env bash\n" + START),
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


@pytest.mark.parametrize(("last", "told"), [(3, False), (7, True)])
def test_lines_of_itself_above_the_block_may_be_read(last: int, told: bool) -> None:
    source = f'#!/bin/bash\n# Usage: join\n#   joins\n\nset -e\nusage() {{ sed -n "2,{last}p" "$0"; }}\n{START}'
    assert ("ACK905" in [one.code for one in ackpatch.check(source)]) is told


X = "ALIBABA_CLOUD_PROVIDER_ID"
FILE = "/etc/sysconfig/kubelet"
# Forms that only look like a fault, and forms of a fault that do not look like one.
NO_FAULT = {
    "ACK214 arms": ("ACK214", f'if [ -n "${X}" ]; then echo "A=${X}" >{FILE}; else echo A= >{FILE}; fi\n{START}'),
    "ACK215 variable": ("ACK215", 'N=$ALIBABA_CLOUD_NODE_NAME\nkubeadm join a --node-name="$N"\n'),
    "ACK305 default": ("ACK305", f'P=${{{X}:-}}\necho "KUBELET_EXTRA_ARGS=--provider-id=$P" >{FILE}\n{START}'),
    "ACK222 own unit": (
        "ACK222",
        "cat >/etc/systemd/system/kubelet.service <<EOF\n[Service]\nExecStart=/usr/bin/kubelet \\$KUBELET_EXTRA_ARGS\n"
        "EOF\nmkdir -p /etc/systemd/system/kubelet.service.d\ncat >/etc/systemd/system/kubelet.service.d/a.conf <<EOF\n"
        f'[Service]\nEnvironment="KUBELET_EXTRA_ARGS=--v=2"\nEOF\n{START}',
    ),
    "ACK223 handed over": ("ACK223", f"sudo {X}=\"${X}\" bash -c 'echo ${X}'\n{START}"),
    "ACK224 -v": ("ACK224", f"set -u\n[[ -v {X} ]] && echo ${X}\n{START}"),
    "ACK224 test": ("ACK224", f'set -u\nif [[ -n "${{{X}:-}}" ]]; then echo ${X}; fi\n{START}'),
    "ACK224 off again": ("ACK224", f"set -u\nset +u\necho ${X}\n{START}"),
    "ACK225 exec": ("ACK225", f"exec </etc/hosts\nread -r line\n{START}"),
    "ACK226 set": ("ACK226", f"set $(cat /proc/loadavg)\necho $1\n{START}"),
    "ACK226 asked": ("ACK226", f'[ -n "$2" ] && T=$2\n{START}'),
    "ACK228 on demand": ("ACK228", '[ -n "${DEBUG:-}" ] && set -x\nkubeadm join a --token x\n'),
    "ACK229 folder": ("ACK229", f"install -d -m 0755 /var/lib/kubelet/pki\n{START}"),
    "ACK227 host": ("ACK227", f"curl -O https://mirror.internalpackages/foo.rpm\n{START}"),
}
FAULT = {
    "ACK224 a default elsewhere": ("ACK224", f'echo "${{{X}:-none}}"\nset -eu\necho "${X}"\n{START}'),
    "ACK226 usage": ("ACK226", f"M=${{1:?usage}}\n{START}"),
    "ACK228 shopt": ("ACK228", "shopt -s -o xtrace\nkubeadm join a --token x\n"),
    "ACK229 -t": ("ACK229", f"cp -t /var/lib/kubelet/pki /tmp/k.crt\n{START}"),
    "ACK227 end of a sentence": ("ACK227", f"# the token is abcdef.0123456789abcdef.\n{START}"),
    "ACK227 escape": ("ACK227", f"printf 'token:\\tabcdef.0123456789abcdef'\n{START}"),
    "ACK225 second": ("ACK225", f"read -p a x # ackpatch: ignore[ACK225]\nread -p b y\n{START}"),
    "ACK226 second": ("ACK226", f"echo $1 # ackpatch: ignore[ACK226]\necho $2\n{START}"),
    "ACK227 second": (
        "ACK227",
        f"echo abcdef.0123456789abcdef # ackpatch: ignore[ACK227]\necho fedcba.0123456789abcdef\n{START}",
    ),
}


@pytest.mark.parametrize(("code", "script"), NO_FAULT.values(), ids=NO_FAULT.keys())
def test_what_only_looks_like_a_fault_is_not_told(code: str, script: str) -> None:
    assert code not in [one.code for one in ackpatch.check("#!/bin/bash\n" + script)]


@pytest.mark.parametrize(("code", "script"), FAULT.values(), ids=FAULT.keys())
def test_a_fault_in_another_form_is_told(code: str, script: str) -> None:
    assert [one.code for one in ackpatch.check("#!/bin/bash\n" + script)].count(code) == 1


def test_every_finding_has_its_case() -> None:
    without = {
        "ACK119",
        "ACK211",
        "ACK907",
    }  # two parsers that differ, and a defect of our own: no script is known for these
    assert set(RULES) - set(CASES) - {folder.name for folder in ADVICE} <= without


def test_in_the_bootstrap_context_no_start_is_an_error() -> None:
    for source in (
        "curl -fsSL http://x.example/a | bash\n",
        "source /opt/lib.sh\n",
        "yum install -y kubelet\n",
        "echo hi\n",
    ):
        assert "ACK119" in [one.code for one in ackpatch.check(source, bootstrap=True)]
        assert not [one for one in ackpatch.check(source) if one.severity is ackpatch.Severity.ERROR]
    assert "ACK119" not in [one.code for one in ackpatch.check(START, bootstrap=True)]


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


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("./a.sh 1\n./a.sh 2\n./b.sh\n", 2),
        ("curl https://a/x | bash\ncurl https://a/y | bash\n", 2),
        ('source "$1"\nsource "$2"\n', 2),
        ("/opt/own/setup\n/opt/own/setup again\n./tool --version\n/opt/bin/helm install x\n", 1),
    ],
)
def test_a_file_that_runs_more_than_once_is_told_once(lines: str, told: int) -> None:
    found = [one for one in ackpatch.check(lines + START) if one.code == "ACK202"]
    assert len(found) == told
