"""A write that fails ends the whole script with a message and leaves the old file; a call disturbs nothing else."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .ground import ALL_FOUR, PROVIDER_ID, block, needs, run, shells

FILE = "etc/sysconfig/kubelet"
OLD = b"KUBELET_EXTRA_ARGS=--v=2\n"
MESSAGE = "ackpatch: kubelet was not given its values; the script ends here\n"
TOOLS = [
    "awk",
    "basename",
    "cat",
    "chmod",
    "cp",
    "grep",
    "mkdir",
    "mktemp",
    "mv",
    "readlink",
    "rm",
    "sed",
    "sh",
    "sort",
    "tail",
    "tr",
]
CALLS = {
    "plain": "ackpatch_kubelet",
    "if": "if ackpatch_kubelet; then :; fi",
    "and": "ackpatch_kubelet && :",
    "or": "ackpatch_kubelet || :",
    "not": "! ackpatch_kubelet",
    "keep": 'ackpatch_kubelet keep "$?" || :',
    "function": "f() { ackpatch_kubelet; }\nf || :",
    "subshell": "(ackpatch_kubelet)",
    "subshell, or": "(ackpatch_kubelet) || :",
    "pipeline": "{ ackpatch_kubelet; echo x; } | cat",
    "end of a pipeline": "echo x | { cat; ackpatch_kubelet; }",
    "substitution": "x=$(ackpatch_kubelet)",
    "background": "{ ackpatch_kubelet; } & wait",
    "deep": "( ( : | ( ackpatch_kubelet ) ) | cat ) || :",
    "loop": "for i in 1 2; do ackpatch_kubelet; done",
    "trap in place": "trap 'echo cleaned' EXIT\nackpatch_kubelet",
    "hangup ignored": "trap '' TERM\nackpatch_kubelet",
    "set +e": "set +e\nackpatch_kubelet",
}


@pytest.fixture
def node(tmp_path: Path) -> Path:
    file = tmp_path / FILE
    file.parent.mkdir(parents=True)
    (tmp_path / "etc/redhat-release").touch()
    file.write_bytes(OLD)
    return tmp_path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may reach, unlike those of the test run."""
    folder = Path(tempfile.mkdtemp(prefix="node-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def tools(folder: Path, without: str = "") -> str:
    """A PATH with the usual programs but one, which fails."""
    place = folder / "tools"
    place.mkdir()
    for name in TOOLS:
        program = shutil.which(name)
        assert program is not None
        if name == without:
            (place / name).write_text("#!/bin/sh\nexit 9\n")
            (place / name).chmod(0o755)
        else:
            (place / name).symlink_to(program)
    return str(place)


def require_stop(shell: list[str], call: str, folder: Path, path: str | None = None) -> None:
    ended = run(shell, f"{block()}\n{call}\necho went-on >went-on\n", folder, ALL_FOUR, path=path)
    assert ended.returncode in (1, -15, 143), ended.stderr
    assert MESSAGE in ended.stderr
    assert not (folder / "went-on").exists()
    assert (folder / FILE).read_bytes() == OLD
    assert os.listdir(folder / FILE.rpartition("/")[0]) == ["kubelet"], "a temporary file is left over"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("shell", shells())
def test_wherever_the_call_stands(shell: list[str], call: str, node: Path) -> None:
    require_stop(shell, call, node, tools(node, "mv"))


@pytest.mark.parametrize("tool", ["awk", "mv", "mktemp", "cp", "cat", "mkdir"])
@pytest.mark.parametrize("options", ["", "set -eu", "set +e", "set -C"])
@pytest.mark.parametrize("shell", shells())
def test_a_tool_that_fails(shell: list[str], options: str, tool: str, node: Path) -> None:
    require_stop(shell, f"{options}\nackpatch_kubelet", node, tools(node, tool))


@pytest.mark.parametrize("tool", ["awk", "mv", "mktemp", "cp", "cat"])
def test_a_tool_that_is_missing(tool: str, node: Path) -> None:
    """The block adds the usual folders to PATH, so that they have to be taken out of its text."""
    path = tools(node, tool)
    (node / "tools" / tool).unlink()
    text = block().replace("$PATH:/usr/sbin:/usr/bin:/sbin:/bin", "$PATH")
    ended = run(
        [shutil.which("dash") or "bash"], f"{text}ackpatch_kubelet\necho x >went-on\n", node, ALL_FOUR, path=path
    )
    assert ended.returncode == 1
    assert MESSAGE in ended.stderr
    assert not (node / "went-on").exists()
    assert (node / FILE).read_bytes() == OLD


@pytest.mark.parametrize("shell", shells())
def test_a_folder_that_cannot_be_written(shell: list[str], open_folder: Path) -> None:
    file = open_folder / FILE
    file.parent.mkdir(parents=True)
    (open_folder / "etc/redhat-release").touch()
    file.write_bytes(OLD)
    file.parent.chmod(0o555)
    call = "ackpatch_kubelet"
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("setpriv is not installed")
        shell = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", *shell]
    require_stop(shell, call, open_folder)


@pytest.mark.parametrize("shell", shells())
def test_a_full_disk(shell: list[str], node: Path) -> None:
    """A limit on the size of files stands for it: the write itself fails."""
    (node / FILE).write_bytes(OLD)
    script = f"{block()}\ntrap '' XFSZ\nulimit -f 0\nackpatch_kubelet\necho went-on\n"
    ended = run(shell, script, node, ALL_FOUR)
    assert ended.returncode != 0
    assert "went-on" not in ended.stdout
    assert MESSAGE in ended.stderr
    assert (node / FILE).read_bytes() == OLD
    assert os.listdir(node / "etc/sysconfig") == ["kubelet"]


@pytest.mark.parametrize("shell", shells())
def test_a_folder_in_the_files_place(shell: list[str], node: Path) -> None:
    (node / FILE).unlink()
    (node / FILE).mkdir()
    ended = run(shell, f"{block()}\nackpatch_kubelet\necho went-on\n", node, ALL_FOUR)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert MESSAGE in ended.stderr


@pytest.mark.parametrize("shell", shells())
def test_the_owners_exit_trap_runs(shell: list[str], node: Path) -> None:
    path = tools(node, "mv")
    ended = run(shell, f"trap 'echo cleaned' EXIT\n{block()}\nackpatch_kubelet\n", node, ALL_FOUR, path=path)
    assert (ended.returncode, ended.stdout) == (1, "cleaned\n")


@pytest.mark.parametrize("values", [{}, ALL_FOUR], ids=["unset", "set"])
@pytest.mark.parametrize("shell", shells())
def test_keep_preserves_the_status(shell: list[str], values: dict[str, str], node: Path) -> None:
    for status in (0, 1, 7, 127, 255):
        script = f'{block()}\nf() {{ return {status}; }}\nf\nackpatch_kubelet keep "$?"\necho "$?"\n'
        assert run(shell, script, node, values).stdout == f"{status}\n"


@pytest.mark.parametrize("values", [{}, ALL_FOUR], ids=["unset", "set"])
@pytest.mark.parametrize("shell", shells())
def test_a_call_succeeds(shell: list[str], values: dict[str, str], node: Path) -> None:
    script = (
        f"set -eu\n{block(join_config=True)}\nackpatch_kubelet\nif ackpatch_kubelet; then echo if; fi\nackpatch_kubelet && echo and\n"
        "ackpatch_kubelet || echo or\n! ackpatch_kubelet || echo not\n(ackpatch_kubelet; echo subshell)\n"
        'x=$(ackpatch_kubelet); echo "[$x]"\nackpatch_kubelet config /nonexistent/join.yaml\nfalse || ackpatch_kubelet\n'
        'echo in | { ackpatch_kubelet; cat; }\nackpatch_kubelet keep 0\nwhile read -r line; do ackpatch_kubelet; echo "$line"; done <<E\na\nb\nE\n'
        'ackpatch_kubelet\necho "$?"\n'
    )
    ended = run(shell, script, node, values)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split() == ["if", "and", "not", "subshell", "[]", "in", "a", "b", "0"]


@pytest.mark.parametrize("status", [1, 7])
@pytest.mark.parametrize("shell", shells())
def test_keep_under_set_e_ends_the_script_as_the_command_would(shell: list[str], status: int, node: Path) -> None:
    for values in ({}, ALL_FOUR):
        script = f'{block()}\nset -e\n(exit {status}) || ackpatch_kubelet keep "$?"\necho went-on\n'
        ended = run(shell, script, node, values)
        assert (ended.returncode, ended.stdout) == (status, "")


@needs("bash")
@pytest.mark.parametrize("values", [{}, ALL_FOUR, {PROVIDER_ID: "cn-x.i-1"}], ids=["unset", "all four", "one"])
@pytest.mark.parametrize("options", ["set -E", "set -ET", "set -Eeuo pipefail"])
@pytest.mark.parametrize("state", [None, OLD], ids=["missing", "flags"])
@pytest.mark.parametrize("runtime", ["kubeadm", "either"])
def test_the_owners_error_trap_never_fires(
    runtime: str, state: bytes | None, options: str, values: dict[str, str], node: Path
) -> None:
    if state is None:
        (node / FILE).unlink()
    else:
        (node / FILE).write_bytes(state)
    trap = "trap 'echo \"failed: $BASH_COMMAND\" >>failed' ERR"
    script = f"{options}\n{trap}\n{block(runtime, node_ip=True)}\nackpatch_kubelet\nackpatch_kubelet\nackpatch_kubelet keep 0\n"
    ended = run(["bash"], script, node, values)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (node / "failed").read_text() if (node / "failed").exists() else "" == ""


@needs("bash")
@pytest.mark.parametrize("values", [{}, ALL_FOUR], ids=["unset", "set"])
def test_the_owners_debug_trap_sees_only_our_calls(values: dict[str, str], node: Path) -> None:
    """Functions do not inherit it; what stands at top level it sees by its nature."""
    script = f"set -E\ntrap 'echo \"$BASH_COMMAND\" >>seen' DEBUG\n{block()}\nackpatch_kubelet\n"
    ended = run(["bash"], script, node, values)
    assert ended.returncode == 0
    seen = (node / "seen").read_text()
    commands = [line for line in seen.splitlines() if line.startswith("ackpatch_") and "(" not in line]
    assert commands[0] == "ackpatch_values"
    assert commands[-1] == "ackpatch_kubelet"
    assert "command awk" not in seen


@needs("bash")
@pytest.mark.parametrize("values", [{}, ALL_FOUR], ids=["unset", "set"])
def test_the_owners_exit_and_return_traps(values: dict[str, str], node: Path) -> None:
    script = f"set -T\ntrap 'echo exit' EXIT\n{block()}\nackpatch_kubelet\necho end\n"
    ended = run(["bash"], script, node, values)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("end\nexit\n", "", 0)


@pytest.mark.parametrize("shell", shells())
def test_standard_input_is_left_to_the_script(shell: list[str], node: Path) -> None:
    script = f"{block()}\nprintf '1\\n2\\n' | {{ read -r a; ackpatch_kubelet; read -r b; echo \"$a$b\"; }}\n"
    assert run(shell, script, node, ALL_FOUR).stdout == "12\n"
