"""A call that fails ends the script wherever it stands; what the owner's shell has set up does not reach the block."""

from __future__ import annotations

import pytest

from ackpatch.rehearse import rehearse

from .ground import AWKS, CALL, START, VALUES, needs, with_block
from .nodes import NODES

BROKEN = {"/etc/systemd/system/kubelet.service": b"[Service]\nExecStart=/opt/wrapper\n"}
WHERE = {
    "alone": CALL + START,
    "in an if": f"if true; then\n{CALL}{START}fi\n",
    "in a condition": f"if {CALL.strip()}; then {START}fi\n{START}",
    "in a chain": f"true && {CALL.strip()} && {START}{START}",
    "after ||": f"false || ! {CALL.strip()} || {START}{START}",
    "in a function": f"f() {{ {CALL.strip()}; {START.strip()}; }}\nf || true\n{START}",
    "in a loop": f"for n in 1 2; do {CALL.strip()}; {START.strip()}; done\n{START}",
    "below an ERR trap": f"trap 'echo err' ERR\n{CALL}{START}",
    "in a subshell": f'( if ! (ackpatch_kubelet); then kill "$$" && exit 1; fi; {START.strip()} )\n{START}',
    "in a pipeline": f'true | {{ if ! (ackpatch_kubelet); then kill "$$" && exit 1; fi; {START.strip()}; }}\n{START}',
}


@pytest.mark.parametrize("script", WHERE.values(), ids=WHERE)
def test_no_start_comes_after_it(script: str) -> None:
    run = rehearse(with_block(script), env=VALUES, family="binary", files=BROKEN)
    assert run.starts == ()
    assert run.exit_status in (1, 143)
    assert b"does not have one ExecStart" in run.stderr
    assert b"err\n" not in run.stdout


@pytest.mark.parametrize("tool", ["systemctl", "awk", "mv", "mkdir", "cat"])
def test_a_tool_that_fails_or_is_missing(tool: str) -> None:
    files = {
        f"/usr/bin/{tool}": b"#!/bin/sh\nexit 3\n",
        "/etc/systemd/system/kubelet.service": b"[Service]\nExecStart=/usr/bin/kubelet\n",
    }
    run = rehearse(with_block(CALL + "echo on\n"), env=VALUES, family="binary", files=files)
    assert run.exit_status == 1
    assert run.stdout == b""


def test_no_unit_yet_is_told_and_harmless() -> None:
    run = rehearse(with_block(CALL + "echo on\n"), env=VALUES, family="rpm")
    assert (run.exit_status, run.stdout) == (0, b"on\n")
    assert run.stderr == b"ackpatch: no kubelet.service yet\n"
    assert not [path for path in run.files if "kubelet" in path]


SETTINGS = {
    "strict": "set -Eeuo pipefail\n", "noglob": "set -f\n", "noclobber": "set -C\n", "allexport": "set -a\n", "IFS": "IFS=,\n",
    "readonly PATH": "readonly PATH\n", "readonly IFS": "readonly IFS\n", "readonly LC_ALL": "LC_ALL=C; readonly LC_ALL\n",
    "umask": "umask 077\n", "no PATH": "PATH=/nowhere\n", "functions": "awk() { echo x; }\nsystemctl() { /usr/bin/systemctl \"$@\"; }\nenv() { exit 9; }\ncommand() { exit 9; }\nprintf() { :; }\n",
    "aliases": "shopt -s expand_aliases\nalias cat='exit 9' mv='exit 9'\n", "nocasematch": "shopt -s nocasematch nullglob failglob\n",
    "trace on stdout": "BASH_XTRACEFD=1\nset -x\n", "debug trap": "set -T\ntrap 'echo debug' DEBUG\n", "verbose": "set -v\n",
    "cd": "cd /tmp\n", "names of ours": "export ackpatch_node_name=evil\n", "closed stdin": "exec <&-\n", "CDPATH": "CDPATH=/etc\n",
    "GREP_OPTIONS": "export POSIXLY_CORRECT=1 AWKPATH=/x GAWK_X=1 LANG=C.UTF-8\n",
}  # fmt: skip


@pytest.mark.parametrize("head", SETTINGS.values(), ids=SETTINGS)
def test_whatever_the_script_has_set(head: str) -> None:
    start = "/usr/bin/systemctl restart kubelet\n"
    bare = rehearse((head + start).encode(), env=VALUES, family="rpm+installed")
    run = rehearse(head.encode() + with_block(CALL + start), env=VALUES, family="rpm+installed")
    assert run.exit_status == bare.exit_status == 0, run.stderr
    assert run.starts[0].argv[len(bare.starts[0].argv) :][:2] == (
        "--provider-id=cn-hangzhou.i-bp1",
        "--hostname-override=cn-hangzhou.192.168.1.5",
    )
    assert run.files["/etc/sysconfig/kubelet"].mode == 0o644


@pytest.mark.parametrize("awk", [pytest.param(one, marks=needs(AWKS[one][0])) for one in AWKS])
def test_whatever_awk_it_is(awk: str) -> None:
    wrapper = f'#!/.ackpatch/sh\nexec /.host/usr/bin/{" ".join(AWKS[awk])} "$@"\n'.encode()
    for name, node in NODES.items():
        if name.startswith("other: ") and not node.refused and "former" not in name:
            plain = rehearse(with_block(CALL + START), env=VALUES, family=node.family, files=node.files)
            files = {**node.files, "/usr/bin/awk": wrapper}
            run = rehearse(with_block(CALL + START), env=VALUES, family=node.family, files=files)
            assert [one.argv for one in run.starts] == [one.argv for one in plain.starts], name


def test_a_kubelet_that_runs_already_is_stopped_before_a_start_and_only_then() -> None:
    first = "systemctl start kubelet\n"
    for words, count in (("start", 2), ("", 1)):
        run = rehearse(with_block(f"{first}ackpatch_kubelet {words}\n{first}"), env=VALUES, family="rpm+installed")
        assert len(run.starts) == count


def test_a_link_stays_and_a_device_is_left_alone() -> None:
    link = with_block("mv /etc/sysconfig/kubelet /etc/real\nln -s /etc/real /etc/sysconfig/kubelet\n" + CALL + START)
    run = rehearse(link, env=VALUES, family="rpm+installed")
    assert run.files["/etc/sysconfig/kubelet"].link == "/etc/real"
    assert b"--provider-id=" in run.files["/etc/real"].content
    null = with_block("ln -sf /dev/null /etc/sysconfig/kubelet\n" + CALL + START)
    run = rehearse(null, env=VALUES, family="rpm+installed")
    assert run.files["/etc/sysconfig/kubelet"].link == "/dev/null"
    assert "--provider-id=cn-hangzhou.i-bp1" in run.starts[0].argv


def test_what_it_keeps_for_another_shell_does_the_same() -> None:
    kept = "ackpatch_kubelet keep\nenv -i /bin/sh -eu /var/lib/ackpatch/kubelet start || exit 1\n" + START
    run = rehearse(with_block(kept), env=VALUES, family="rpm+installed")
    plain = rehearse(with_block(CALL + START), env=VALUES, family="rpm+installed")
    assert run.starts[0].argv == plain.starts[0].argv
    assert run.files["/var/lib/ackpatch/node-name"].content == b"--node-name=cn-hangzhou.192.168.1.5\n"
