"""Which findings are told: options, comments in the script, and the settings of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

import ackpatch
from ackpatch.wishes import selected
from tests.commands import run

SCRIPT = b"#!/bin/bash\nset -x\nyum install -y kubelet\nssh a systemctl restart kubelet\nsystemctl restart kubelet\nread -r x\n"


def told(source: bytes, **options: object) -> list[str]:
    return [one.code for one in ackpatch.check(source, **options)]  # type: ignore[arg-type]


def test_all_are_told_without_a_choice() -> None:
    assert told(SCRIPT) == ["ACK201", "ACK101", "ACK225"]


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        (["ACK2"], [], ["ACK201", "ACK225"]),
        ([], ["ACK2"], ["ACK101"]),
        (["ACK2"], ["ACK225"], ["ACK201"]),
        (["ACK225"], ["ACK2"], ["ACK225"]),
        (["ack101"], [], ["ACK101"]),
        ([], ["ACK"], []),
        (["ACK2"], ["ACK2"], []),
    ],
)
def test_the_longest_beginning_decides(select: list[str], ignore: list[str], codes: list[str]) -> None:
    assert told(SCRIPT, select=select, ignore=ignore) == codes


def test_what_makes_a_script_unreadable_is_always_told() -> None:
    assert selected("ACK904", ["ACK2"], ["ACK9"])
    assert told(b"if kubelet\n", ignore=["ACK9"]) == ["ACK904"]


def test_a_code_that_does_not_exist_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(ackpatch.AckpatchError, match="there is no finding ACK1010; do you mean ACK1"):
        ackpatch.patch(SCRIPT, ignore=["ACK1010"])


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        (b"# ackpatch: ignore", []),
        (b"# ackpatch: ignore[ACK201]", []),
        (b"# ackpatch:ignore[ack201, ACK101]", []),
        (b"# ackpatch: ignore[ACK101]", ["ACK201"]),
        (b"# ackpatch: ignored", ["ACK201"]),
    ],
)
def test_a_comment_ignores_on_its_line(comment: bytes, codes: list[str]) -> None:
    line = b"ssh a systemctl restart kubelet"
    assert told(SCRIPT.replace(line, line + b" " + comment), select=["ACK201"]) == codes
    assert told(SCRIPT.replace(line, comment + b"\n" + line), select=["ACK201"]) == codes


def test_ignoring_the_start_leaves_it_alone() -> None:
    for comment in (b"# ackpatch: ignore", b"# ackpatch: ignore[ACK101]"):
        source = b"systemctl restart kubelet " + comment + b"\n"
        result = ackpatch.patch(source)
        assert (result.changed, [one.code for one in result.findings]) == (False, ["ACK303"])
    other = ackpatch.patch(b"systemctl restart kubelet # ackpatch: ignore[ACK227]\n")
    assert other.changed


def test_an_ignored_error_does_not_hold_up_the_rest() -> None:
    source = b"kubelet --register-with-taints=a=b:NoSchedule\nsystemctl restart kubelet\n"
    assert not ackpatch.patch(source).changed
    result = ackpatch.patch(source, ignore=["ACK112"])
    assert result.changed
    assert ackpatch.revert(result.patched).patched == source


def test_options_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_bytes(SCRIPT)
    assert b"ACK101" not in run("check", "--select", "ACK201,ACK225", path).stdout
    assert run("check", "--ignore", "ACK1", path).stdout.count(b"ACK") == 2
    done = run("check", "--ignore", "ACK778", path)
    assert done.returncode == 2
    assert b"there is no finding ACK778" in done.stderr


@pytest.mark.parametrize("name", ["ackpatch.toml", "pyproject.toml"])
def test_settings_are_found_upwards(tmp_path: Path, name: str) -> None:
    head = "[tool.ackpatch]\n" if name == "pyproject.toml" else ""
    (tmp_path / name).write_text(head + 'ignore = ["ACK201"]\nwith-node-ip = true\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    path = inner / "node.sh"
    path.write_bytes(SCRIPT)
    assert b"ACK201" not in run("check", path).stdout
    assert run("check", "node.sh", cwd=inner).stdout.count(b"ACK225") == 1
    assert b"ackpatch_kubelet node-ip\n" in run("apply", "-", stdin=SCRIPT, cwd=inner).stdout
    # A nearer file takes the place of one further up.
    (inner / "ackpatch.toml").write_text("")
    assert b"ACK201" in run("check", path).stdout


def test_a_pyproject_without_our_table_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "ackpatch.toml").write_text('ignore = ["ACK2"]\n')
    inner = tmp_path / "a"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project]\nname = "ackpatch-user"\n')
    (inner / "node.sh").write_bytes(SCRIPT)
    assert run("check", inner / "node.sh").stdout.count(b"ACK") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ignroe = ["ACK1"]', "unknown key ignroe; do you mean ignore?"),
        ("zzz = 1", "unknown key zzz; known are select, ignore, exclude, with-node-ip"),
        ('ignore = "ACK1"', "ignore has to be a list"),
        ('ignore = ["ACK777"]', "ignore: there is no finding ACK777"),
        ("with-node-ip = 1", "with-node-ip has to be a bool"),
        ("a = [", "ackpatch.toml: "),
        ("[tool]\nackpatch = 3", "unknown key tool"),
    ],
)
def test_settings_that_cannot_be_used_are_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "ackpatch.toml").write_text(text)
    path = tmp_path / "a.sh"
    path.write_bytes(SCRIPT)
    for command in ("check", "diff", "inspect", "apply"):
        done = run(command, path)
        assert (done.returncode, done.stdout) == (2, b"")
        assert message in done.stderr.decode()
        assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["[tool]\nackpatch = 3\n", "tool = 3 # ackpatch\n"])
def test_a_pyproject_of_another_shape(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "a.sh").write_bytes(SCRIPT)
    done = run("check", tmp_path / "a.sh")
    assert b"internal error" not in done.stderr
    assert done.returncode == (2 if "[tool]" in text else 1)


def test_ignoring_what_apply_would_mend_is_the_users_word(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text("systemctl restart kubelet\n")
    assert run("check", "--ignore", "ACK1", path).returncode == 0
    assert run("diff", "--ignore", "ACK1", path).returncode == 1


def test_a_script_that_was_patched_with_node_ip_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    source = b"#!/bin/bash\nsystemctl restart kubelet\n"
    patched = ackpatch.patch(source, with_node_ip=True).patched
    path.write_bytes(patched)
    assert run("check", path).returncode == 0
    assert run("apply", "--yes", path).returncode == 0
    assert path.read_bytes() == patched
    assert ackpatch.revert(patched).patched == source


def test_a_comment_behind_another_one_counts() -> None:
    line = b"ssh a systemctl restart kubelet"
    assert told(SCRIPT.replace(line, line + b" # noqa # ackpatch: ignore[ACK201]"), select=["ACK201"]) == []
