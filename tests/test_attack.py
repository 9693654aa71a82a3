"""Inputs and surroundings that are meant to break it: depth, size, devices, names that steer, kills."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

import ackpatch
from ackpatch.errors import AckpatchError, UnreadableError
from ackpatch.publish.limit import TooLongError, within
from ackpatch.source import equal_ends, replace_file
from tests.attack import fault, made
from tests.commands import run

COUNT = int(os.environ.get("ACKPATCH_FUZZ", "100"))
START = "systemctl restart kubelet\n"
PLAIN = "#!/bin/bash\n" + START


@pytest.mark.parametrize("first", range(0, COUNT, 25))
def test_what_nobody_would_write_has_no_fault(first: int) -> None:
    faults = {seed: fault(made(seed)) for seed in range(first, first + 25)}
    assert {seed: wrong for seed, wrong in faults.items() if wrong} == {}


def nested(opened: str, closed: str, count: int, inside: str = START) -> str:
    return "#!/bin/bash\n" + opened * count + inside + closed * count


@pytest.mark.parametrize(
    "script",
    [
        '#!/bin/bash\nCMD="nohup /usr/bin/kubelet --v=2"; $CMD &\n',
        "#!/bin/bash\n()(E)\nkubelet\n",
        "#!/bin/bash\n# ackpatch: here\nx=1\n",
        "#!/bin/bash\ncp\nexec 3<<E\nx\nE\nnohup nice <<<x\n" + START,
        nested("true && ", "", 190),
        nested("true | ", "", 190),
        nested("if true; then\n", "fi\n", 120),
        nested("while true; do\n", "done\n", 90),
        nested("f() {\n", "}\n", 70) + "f\n",
        nested("echo $(echo ", ")", 50, "x") + "\n" + START,
    ],
    ids=lambda one: one[12:30],
)
def test_odd_and_deep_scripts_are_understood(script: str) -> None:
    assert ackpatch.check(script)[0].code in ("ACK101", "ACK103", "ACK301")


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (nested("true && ", "", 3000), 2),
        (nested("true || ", "", 500), 2),
        (nested("if true; then\n", "fi\n", 2000), None),
        (nested("echo $(echo ", ")", 200, "x") + "\n" + START, 2),
        (nested("( ", ")", 500), 2),
        ("#!/bin/bash\necho kubelet\n" + "( " * 3000 + "x" + " )" * 3000 + "\n", 3),
        ("#!/bin/bash\necho kubelet\n" + "a | " * 3000 + "b\n", 3),
    ],
    ids=["and", "or", "if", "substitution", "subshell", "subshells beyond memory", "pipes beyond memory"],
)
def test_a_depth_beyond_the_limit_is_an_error_with_its_line(script: str, line: int | None) -> None:
    (one,) = ackpatch.check(script)
    assert (one.code, one.severity.value) == ("ACK115", "error")
    assert line in (None, one.line)
    assert ackpatch.patch(script).patched == script


def measured(script: str) -> tuple[str, int]:
    """Check a script in a process of its own; gives the codes and the megabytes that it took."""
    code = (
        "import sys, resource, ackpatch\n"
        "found = ackpatch.check(sys.stdin.read())\n"
        "use = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))\n"
        "print(','.join(sorted({one.code for one in found})), use >> 10)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=script, capture_output=True, text=True, check=True)
    codes, megabytes = done.stdout.split()
    return codes, int(megabytes)


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/bash\ncat >/tmp/x <<EOF\n" + "a line with $HOME in it\n" * 200_000 + "EOF\n" + START,
        "#!/bin/bash\n" + "".join(f"echo A=--v={n} >/etc/default/kubelet\n{START}" for n in range(1000)),
        "#!/bin/bash\n" + "".join(f"f{n}() {{ echo {n}; }}\nf{n}\n" for n in range(1000)) + START,
        "#!/bin/bash\necho " + "x " * 50_000 + "\n" + START,
        "#!/bin/bash\nv0=x\n" + "".join(f"v{n}=$v{n - 1}$v{n - 1}\n" for n in range(1, 60)) + "echo $v59\n" + START,
        "#!/bin/bash\necho " + "{a,b}" * 30 + "\n" + START,
    ],
    ids=["document", "pairs", "functions", "words", "doubling", "braces"],
)
def test_cost_stays_in_proportion(script: str) -> None:
    """How long each takes is told by benchmarks/; here none runs away in memory, or to no end."""
    codes, megabytes = measured(script)
    assert codes == "ACK101"
    assert megabytes < 1000


def test_a_long_script_is_read_piece_by_piece_as_in_one() -> None:
    line = 'echo "a $x" >>/var/log/x \\\n    # no comment here\ncat <<E\n$(date)\nE\n'
    script = "#!/bin/bash\n" + line * 3000 + "if true; then\n" + line * 1500 + "fi\n" + START
    (one,) = (one for one in ackpatch.check(script) if one.code == "ACK101")
    assert one.line == script.count("\n")
    broken = script.replace("fi\n" + START, START)
    (error,) = ackpatch.check(broken)
    assert error.code == "ACK904"


def test_one_bad_file_costs_no_other_its_result(tmp_path: Path) -> None:
    texts = [PLAIN, nested("if true; then\n", "fi\n", 2000), "if\n", PLAIN]
    paths = [tmp_path / f"{number}.sh" for number in range(4)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text + "# kubelet\n")
    done = run("check", *paths)
    assert done.returncode == 2
    assert [line.split(b": ")[1].split()[1] for line in done.stdout.splitlines() if line.startswith(b"/")] == [
        b"ACK101", b"ACK115", b"ACK904", b"ACK101",
    ]  # fmt: skip


# --- only regular files are written


@pytest.mark.parametrize("options", [["--force"], []])
def test_a_device_is_never_written(tmp_path: Path, options: list[str]) -> None:
    script = tmp_path / "a.sh"
    script.write_text(PLAIN)
    before = os.stat("/dev/null")
    done = run("apply", "--output", "/dev/null", *options, script)
    assert done.returncode == 2
    assert b"only ordinary files are written" in done.stderr
    assert os.stat("/dev/null").st_rdev == before.st_rdev


def test_a_pipe_is_read_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for command, code in ((["check"], 1), (["apply", "--yes"], 2)):
        writer = threading.Thread(target=lambda: pipe.write_text(PLAIN))
        writer.start()
        done = run(*command, pipe)
        writer.join()
        assert done.returncode == code
        assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert b"only ordinary files" in done.stderr


def test_a_device_without_an_end_is_not_read() -> None:
    done = run("check", "/dev/zero")
    assert done.returncode == 2
    assert done.stderr.startswith(b"ackpatch: /dev/zero: is a device, and no script; - reads standard input\n")


def test_a_file_beyond_the_limit_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "large.sh"
    with path.open("wb") as file:
        file.truncate(40 << 20)
    done = run("check", path)
    assert (done.returncode, b"has more than 32 MB" in done.stderr) == (2, True)


def test_attributes_and_access_lists_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text(PLAIN)
    try:
        os.setxattr(path, "user.origin", b"team")
    except OSError:
        pytest.skip("no extended attributes on this file system")
    # An access list: the owner, one more user, the group, the mask, others.
    entry = (
        "02000000"
        + "01000600ffffffff"
        + "0200040001000000"
        + "04000000ffffffff"
        + "10000400ffffffff"
        + "20000000ffffffff"
    )
    access = bytes.fromhex(entry)
    try:
        os.setxattr(path, "system.posix_acl_access", access)
    except OSError:
        access = b""
    assert run("apply", "--yes", path).returncode == 0
    assert os.getxattr(path, "user.origin") == b"team"
    if access:
        assert os.getxattr(path, "system.posix_acl_access") == access


def test_what_a_killed_run_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    path, dead, living = (
        tmp_path / "a.sh",
        tmp_path / ".ackpatch-write-abcd1234.tmp",
        tmp_path / ".ackpatch-write-abcd5678.tmp",
    )
    for one in (path, dead, living):
        one.write_text(PLAIN)
    with living.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert run("apply", "--yes", path).returncode == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == [living.name, "a.sh"]


def test_a_file_of_the_users_with_a_similar_name_stays(tmp_path: Path) -> None:
    path, theirs = tmp_path / "a.sh", tmp_path / ".ackpatch-settings"
    for one in (path, theirs):
        one.write_text(PLAIN)
    assert run("apply", "--yes", path).returncode == 0
    assert theirs.read_text() == PLAIN


def test_what_a_repository_names_is_not_run(tmp_path: Path) -> None:
    ran, hook = tmp_path / "ran", tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "join-v1.28").write_text(PLAIN)
    subprocess.run(["git", "init", "-q", folder], check=True)
    subprocess.run(["git", "-C", folder, "config", "core.fsmonitor", str(hook)], check=True)
    done = run("check", folder)
    assert b"join-v1.28" in done.stdout
    assert not ran.exists()


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.sh"
    with large.open("wb") as file:
        file.truncate(2 << 30)
    done = run("check", large)
    assert (done.returncode, done.stderr) == (
        2,
        f"ackpatch: {large}: has more than 32 MB, the limit for a script\n".encode(),
    )


def test_a_pattern_with_many_stars_is_not_tried() -> None:
    source = f'x={"a" * 40}\ny=${{x%%{"*a" * 12}*b}}\nsystemctl restart "$y"\n'
    assert "ACK302" in {one.code for one in ackpatch.check(source)}


def test_a_deep_script_beside_others_is_no_trouble_to_them() -> None:
    deep = "while true; do " * 100 + "true; " + "done; " * 100 + "systemctl restart kubelet\n"
    before = sys.getrecursionlimit()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ackpatch.patch, [deep, PLAIN] * 12))
    assert not [one for result in found for one in result.errors]
    assert sys.getrecursionlimit() == before


def test_lines_longer_than_any_are_looked_at_in_time() -> None:
    for word in ("su ", "awk ", "systemctl ", "eval ", "curl "):
        assert not ackpatch.check(f"# {word * 60_000}\necho done\n")[0].code.startswith("ACK9")


def test_a_mount_of_its_own_is_told_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sh"
    path.write_text(PLAIN)

    def busy(*_: object) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(UnreadableError, match="is a mount of its own; use --output"):
        replace_file(str(path), b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["a.sh"]


def test_what_stands_behind_a_descriptor_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text(PLAIN)
    command = (
        '"$1" -m ackpatch apply -q --yes /dev/stdin <"$2"; echo "$?"; "$1" -m ackpatch apply -q -o /dev/stdin --force "$2" '
        '<"$2"; echo "$?"; "$1" -m ackpatch apply -q --yes /proc/self/fd/0 <"$2"; echo "$?"'
    )
    line = ["bash", "-c", command, "-", sys.executable, str(path)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "2", "2"], done
    assert done.stderr.count("is a descriptor, and only ordinary files are written") == 3
    assert path.read_text() == PLAIN


# --- what reaches a terminal or a log


@pytest.mark.parametrize("name", ["a\n::add-mask::x.sh", "::error::x.sh", "##[error]x.sh", "\x1b[31mred.sh", "a\r.sh"])
def test_a_name_can_neither_steer_a_terminal_nor_begin_a_workflow_command(tmp_path: Path, name: str) -> None:
    (tmp_path / name.replace("/", "_")).write_text(PLAIN + "kubeadm join x --token abcdef.0123456789abcdef\n")
    for command in (["check"], ["inspect"], ["diff"], ["apply"], ["revert"], ["apply", "--yes"]):
        done = run(*command, name, cwd=tmp_path)
        for line in (done.stdout + done.stderr).split(b"\n"):
            assert not line.lstrip().startswith((b"::", b"##["))
            assert b"\x1b" not in line
            assert b"\r" not in line


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text(PLAIN)
    run("apply", "--yes", path)
    for words in (
        ["upload", path, "https://me:secret1@example.com/x.sh"],
        ["upload", path, "ftp://me:secret1@example.com/x.sh"],
        ["register", "https://me:secret1@example.com/x.sh"],
        ["check", "https://me:secret1@example.com/x.sh"],
    ):
        done = run(*words)
        assert done.returncode == 2
        assert b"secret1" not in done.stdout + done.stderr


# --- limits of the machine


def test_few_files_may_be_open(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text(PLAIN)

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (7, 7))

    line = [sys.executable, "-m", "ackpatch", "check", str(path)]
    done = subprocess.run(line, capture_output=True, check=False, preexec_fn=few)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert b"too many open files" in done.stderr.lower()


def test_a_parser_that_cannot_start_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text(PLAIN)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))

    line = [sys.executable, "-m", "ackpatch", "check", str(path)]
    done = subprocess.run(line, capture_output=True, check=False, preexec_fn=small)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert b"shfmt could not be started" in done.stderr


def test_a_group_that_cannot_be_kept_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sh"
    path.write_text(PLAIN)
    # In a folder that hands down a group of its own.
    made = SimpleNamespace(st_uid=os.geteuid(), st_gid=4242, st_size=0)
    monkeypatch.setattr(os, "fstat", lambda _: made)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(AckpatchError, match="owner, group or attributes cannot be kept by this user; use --output"):
        replace_file(str(path), b"new")
    assert path.read_text() == PLAIN
    assert [one.name for one in tmp_path.iterdir()] == ["a.sh"]


def test_more_calls_than_can_be_followed_are_an_error() -> None:
    doubling = "".join(f"f{n}() {{ echo {n} $1; f{n + 1} $1a; f{n + 1} $1b; }}\n" for n in range(16))
    (one, *_) = ackpatch.check(f"#!/bin/bash\n{doubling}f16() {{ {START.strip()}; }}\nf0 x\n")
    assert (one.code, one.severity.value) == ("ACK115", "error")


def test_a_conversation_has_an_end() -> None:
    began = time.monotonic()
    with pytest.raises(TooLongError, match="no whole answer within"):
        within(0.2, lambda: time.sleep(5))
    assert time.monotonic() - began < 3
    assert within(5, lambda: 1) == 1


def test_control_c_ends_a_rehearsal_soon(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text("#!/bin/bash\nwhile :; do :; done\n" + START)
    process = subprocess.Popen(
        [sys.executable, "-m", "ackpatch", "rehearse", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    assert process.wait(4) == 130


def test_what_two_texts_have_in_common_at_their_ends() -> None:
    assert equal_ends(b"abcXdef", b"abcYYdef") == (3, 3)
    assert equal_ends("aaa", "aaaa") == (3, 0)
    assert equal_ends([], [1]) == (0, 0)


@pytest.mark.parametrize(
    "script",
    [
        "while " * 100 + "systemctl restart kubelet" + "; do :; done" * 100,
        "f0() { systemctl restart kubelet; }\n" + "".join(f"f{n}() {{ f{n - 1}; f{n - 1}; }}\n" for n in range(1, 11)) + "f10",
        "".join(f"f{n}() {{ systemctl restart kubelet; }}\n" for n in range(300)),
        "trap 'systemctl restart kubelet' EXIT\n" * 300,
        "case $1 in\n" + "".join(f"a{n}) systemctl restart kubelet ;;\n" for n in range(300)) + "esac",
    ],
    ids=["conditions", "calls of calls", "functions", "traps", "arms"],
)  # fmt: skip
def test_what_stands_in_many_places_is_gone_through_once(script: str) -> None:
    calls = 0

    def count(frame: object, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        result = ackpatch.patch(f"#!/bin/bash\n{script}\n")
    finally:
        sys.setprofile(None)
    assert result.changed
    assert calls < 3_000_000
