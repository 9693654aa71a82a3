"""The checks of the values, in both blocks, under each shell: no value becomes code, and what kubelet exits on is out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ackpatch.inserted.blocks import Kind, block
from ackpatch.rehearse import rehearse

from .ground import CALL, SHELLS, START, VALUES, needs, with_block

HOSTILE = (
    "a=b\nExecStartPre=/bin/touch /tmp/pwned", "a=b;touch /tmp/pwned", "a=$(touch /tmp/pwned)", "a=`touch /tmp/pwned`",
    "a=%i", "a=b'; touch /tmp/pwned #", 'a=b"; touch /tmp/pwned #', "a=b touch", "x;CMD@e;#", "a=\\", "a=b&c", "a=b\t",
    "a=é", "a=\x7f", "a=*", "a=~", "a=?", "a=[b]", "a=b|c", "a=b>c", "a=!b", "a=#b", "a={b}", "\r", " ",
)  # fmt: skip
each_shell = pytest.mark.parametrize("shell", [pytest.param(one, marks=needs(SHELLS[one][0])) for one in SHELLS])
PROVIDER_ID, NAME, LABELS, TAINTS = VALUES
SHOW = 'printf "%s|%s|%s\\n" "${ackpatch_node_name-unset}" "${ackpatch_flags-unset}" "${ackpatch_taints-unset}"\n'


def values_block(tmp_path: Path, shell: str, env: dict[str, str], head: str = "") -> subprocess.CompletedProcess[str]:
    script = tmp_path / "script"
    script.write_text(head + block(Kind.VALUES) + SHOW, encoding="utf-8")
    program, *options = SHELLS[shell]
    command = [shutil.which(program) or program, *options, str(script)]
    return subprocess.run(command, env={"PATH": "/nowhere", **env}, capture_output=True, text=True, check=False)


@each_shell
@pytest.mark.parametrize("variable", VALUES)
def test_a_hostile_value_ends_the_script(shell: str, variable: str, tmp_path: Path) -> None:
    for value in HOSTILE:
        run = values_block(tmp_path, shell, {**VALUES, variable: value})
        assert (run.returncode, run.stdout) == (1, ""), (variable, value)
        assert run.stderr.count("ackpatch: ") == 1


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("variable", VALUES)
def test_a_hostile_value_ends_the_script_at_the_call(variable: str, value: str) -> None:
    run = rehearse(with_block(CALL + START), env={**VALUES, variable: value}, family="rpm+installed")
    assert run.exit_status == 1
    assert (run.starts, run.calls) == ((), ())
    assert "/tmp/pwned" not in run.files
    assert run.stderr.count(b"ackpatch: ") == 1


@each_shell
def test_each_ascii_character(shell: str, tmp_path: Path) -> None:
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/=:,-")
    for code in range(1, 128):
        run = values_block(tmp_path, shell, {**VALUES, NAME: f"a{chr(code)}b"})
        assert (run.returncode == 0) == (chr(code) in allowed), repr(chr(code))


@each_shell
def test_without_values_nothing_is_set_and_no_program_runs(shell: str, tmp_path: Path) -> None:
    run = values_block(
        tmp_path, shell, {"ackpatch_node_name": "evil", "ackpatch_flags": "--evil", "ackpatch_taints": "x"}
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "unset|unset|unset\n", "")


@each_shell
def test_others_without_the_provider_id_end_the_script(shell: str, tmp_path: Path) -> None:
    for variable in (NAME, LABELS, TAINTS):
        run = values_block(tmp_path, shell, {variable: VALUES[variable]})
        assert (run.returncode, run.stdout) == (1, "")


@each_shell
@pytest.mark.parametrize(
    "head",
    ["", "set -eu\n", "IFS=,-=\n", "set -f\n", "set -a\n", "readonly PATH\n", "shopt -s nocasematch 2>/dev/null\n"],
)
def test_good_values_pass(shell: str, head: str, tmp_path: Path) -> None:
    if head.startswith("shopt") and not shell.startswith("bash"):
        pytest.skip("only bash has shopt")
    run = values_block(tmp_path, shell, VALUES, head)
    flags = "--provider-id=cn-hangzhou.i-bp1 --hostname-override=cn-hangzhou.192.168.1.5"
    flags += " --node-labels=alibabacloud.com/nodepool-id=np1 --node-labels=zone=new"
    wanted = f"cn-hangzhou.192.168.1.5|{flags}|gpu=true:NoSchedule,dedicated=new:NoSchedule\n"
    assert (run.returncode, run.stdout) == (0, wanted), run.stderr


RESERVED = (
    "kubernetes.io/role=x",
    "node-role.kubernetes.io/worker=",
    "k8s.io/x=1",
    "a.k8s.io/x=1",
    "x.kubernetes.io/a=b",
)
TAKEN = (
    "kubelet.kubernetes.io/a=b", "x.kubelet.kubernetes.io/a=b", "node.kubernetes.io/instance-type=ecs.g6", "x.node.kubernetes.io/a=b",
    "kubernetes.io/hostname=h", "kubernetes.io/arch=amd64", "kubernetes.io/os=linux", "beta.kubernetes.io/arch=amd64",
    "beta.kubernetes.io/os=linux", "beta.kubernetes.io/instance-type=x", "topology.kubernetes.io/zone=z",
    "topology.kubernetes.io/region=r", "failure-domain.beta.kubernetes.io/zone=z", "failure-domain.beta.kubernetes.io/region=r",
    "role=worker", "a.b/kubernetes.io=x", "nokubernetes.io/a=b", "xk8s.io/a=b", "app=kubernetes.io",
)  # fmt: skip


@each_shell
def test_labels_on_which_kubelet_would_exit_are_left_out(shell: str, tmp_path: Path) -> None:
    run = values_block(tmp_path, shell, {PROVIDER_ID: "p", LABELS: ",".join((*RESERVED, *TAKEN))})
    flags = run.stdout.split("|")[1].split()[1:]
    assert flags == [f"--node-labels={one}" for one in TAKEN]
    assert [line.rpartition(" ")[2] for line in run.stderr.splitlines()] == list(RESERVED)


def test_the_call_leaves_out_the_same_labels() -> None:
    env = {PROVIDER_ID: "p", LABELS: ",".join((*RESERVED, *TAKEN))}
    run = rehearse(with_block(CALL + START), env=env, family="rpm+installed")
    given = [word.removeprefix("--node-labels=") for word in run.starts[0].argv if word.startswith("--node-labels=")]
    assert given == list(TAKEN)
    assert [line.rpartition(" ")[2] for line in run.stderr.decode().splitlines()] == list(RESERVED)


TAINT_LISTS = {
    "a=b:NoSchedule,a=c:NoSchedule": "a=b:NoSchedule",
    "a=b:NoSchedule,a=b:NoExecute,a:NoSchedule": "a=b:NoSchedule,a=b:NoExecute",
    ",a:NoExecute,,b:NoSchedule,": "a:NoExecute,b:NoSchedule",
}


@each_shell
def test_taints_are_given_once(shell: str, tmp_path: Path) -> None:
    for given, wanted in TAINT_LISTS.items():
        run = values_block(tmp_path, shell, {PROVIDER_ID: "p", TAINTS: given})
        assert run.stdout == f"|--provider-id=p|{wanted}\n"


@pytest.mark.parametrize(("given", "wanted"), TAINT_LISTS.items())
def test_the_call_gives_taints_once(given: str, wanted: str) -> None:
    run = rehearse(with_block(CALL + START), env={PROVIDER_ID: "p", TAINTS: given}, family="rpm+installed")
    assert run.starts[0].argv[-1] == f"--register-with-taints={wanted}"


def test_taints_that_the_script_gives_in_another_way_are_united() -> None:
    script = with_block("ackpatch_kubelet join own=x:NoExecute gpu=false:NoSchedule\n" + START)
    run = rehearse(script, env=VALUES, family="rpm+installed")
    assert run.starts[0].argv[-1] == f"--register-with-taints={VALUES[TAINTS]},own=x:NoExecute"
    assert run.stderr == b"ackpatch: kept: the taint own=x:NoExecute\n"
