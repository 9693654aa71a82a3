"""What somebody who works with the program every day relies on: streams, folders, masks, questions, neighbours."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import ackpatch
from ackpatch.shell.syntax import shfmt_program
from tests.commands import run

ROOT = Path(__file__).parent.parent
START = "#!/bin/bash\nsystemctl restart kubelet\n"
JOIN = "#!/bin/bash\nkubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n"
QUIET = "#!/bin/bash\necho hello\n"
EXAMPLE = ROOT / "examples" / "join-node.sh"
SECRET = b"0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with scripts of every kind, one of them ignored by git."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    texts = {
        "a.sh": START,
        "deep/b.bash": START,
        "deep/no-suffix": START,
        "deep/other": "#!/usr/bin/env python3\nprint('systemctl restart kubelet')\n",
        "old/c.sh": START,
        "notes.txt": START,
        "built.sh": START,
        "vendor/theirs.sh": START,
        "quiet.sh": QUIET,
        ".gitignore": "built.sh\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def talk(command: list[str], answers: bytes, cwd: Path, before: object = None) -> tuple[int, str, bytes]:
    """Run a command on a terminal, give it answers, and give its exit code, what the terminal shows, and its output."""
    main, worker = pty.openpty()
    line = [sys.executable, "-m", "ackpatch", *command]
    process = subprocess.Popen(line, stdin=worker, stdout=subprocess.PIPE, stderr=worker, cwd=cwd)
    os.close(worker)
    seen = b""
    pending = answers.split(b"|")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ready, _, _ = select.select([main], [], [], 0.1)
        if ready:
            try:
                seen += os.read(main, 65536)
            except OSError:
                break
        if pending and seen.count(b"[q]uit: ") > len(answers.split(b"|")) - len(pending):
            if callable(before):
                before()
                before = None
            os.write(main, pending.pop(0))
        if process.poll() is not None and not ready:
            break
    assert process.stdout is not None
    output = process.stdout.read()
    code = process.wait(20)
    os.close(main)
    return code, seen.decode(), output


# --- results are neither lost nor leaked


def test_a_terminal_for_messages_takes_nothing_from_standard_output(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.sh" for number in range(12)]
    for path in paths:
        path.write_text(START)
    plain = run("check", *paths).stdout
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "ackpatch", "check", *map(str, paths)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=writer, check=False, env={**os.environ, "TERM": "xterm"}
    )
    os.close(writer)
    os.close(reader)
    assert done.stdout == plain
    assert plain.count(b"ACK101") == 12


@pytest.mark.parametrize("command", [["apply", "--yes"], ["check"], ["inspect"], ["diff"], ["revert"]])
def test_a_join_token_is_in_no_log(tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "join.sh"
    path.write_text(JOIN)
    done = run(*command, path)
    assert SECRET not in done.stdout + done.stderr


def test_apply_without_questions_prints_a_summary(tmp_path: Path) -> None:
    path = tmp_path / "join.sh"
    path.write_text(JOIN)
    done = run("apply", "--yes", path)
    assert done.stdout == b""
    last = done.stderr.decode().splitlines()[-1]
    assert re.fullmatch(rf"{path}: written: 2 edits, \d+ lines added, 1 removed; 1 warning", last)


def test_no_colour_changes_colours_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "join.sh"
    path.write_text(JOIN)
    for command in ("diff", "check", "inspect"):
        coloured = run(command, path, FORCE_COLOR="1").stdout
        plain = run(command, path, FORCE_COLOR="1", NO_COLOR="1").stdout
        assert b"\x1b[" in coloured
        assert re.sub(rb"\x1b\[[0-9;]*m", b"", coloured) == plain


def test_the_words_that_a_line_gets_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "join.sh"
    path.write_text(JOIN)
    shown = run("diff", path, FORCE_COLOR="1").stdout.decode()
    assert re.search(r"\x1b\[4;32m \$\{ackpatch_node_name", shown)


def test_the_scripts_own_path_is_shown_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "self.sh"
    path.write_text('#!/bin/bash\n[ "$EUID" = 0 ] || exec sudo "$0" join\nsystemctl restart kubelet\n')
    for command in ("check", "inspect"):
        text = run(command, path).stdout.decode()
        assert "$0" in text
        assert "x02" not in text


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_any_locale_will_do(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "é.sh"
    path.write_text("#!/bin/bash\necho 中文 é\nsystemctl restart kubelet # ü 中\n" + JOIN)
    for command in ("inspect", "check", "diff"):
        for colour in ("", "1"):
            done = run(command, path, PYTHONIOENCODING=encoding, LC_ALL="C", FORCE_COLOR=colour)
            assert b"internal error" not in done.stderr, done.stderr
            assert done.returncode == (0 if command == "inspect" else 1), done.stderr


# --- folders, settings, names


def test_a_folder_stands_for_its_shell_scripts(folder: Path) -> None:
    def checked(*options: str) -> list[str]:
        done = run("check", "--format", "json", *options, ".", cwd=folder)
        return [os.path.normpath(one["path"]) for one in json.loads(done.stdout)["files"]]

    assert checked() == ["a.sh", "deep/b.bash", "deep/no-suffix", "old/c.sh", "quiet.sh"]
    assert checked("--exclude", "old") == ["a.sh", "deep/b.bash", "deep/no-suffix", "quiet.sh"]
    assert checked("--exclude", "deep/*.bash", "--exclude", "q*") == ["a.sh", "deep/no-suffix", "old/c.sh"]
    (folder / "ackpatch.toml").write_text('exclude = ["deep"]\n')
    assert checked() == ["a.sh", "old/c.sh", "quiet.sh"]
    # From another folder the patterns of the file count from its own.
    (folder / "ackpatch.toml").write_text('exclude = ["deep/*.bash", "old"]\n')
    for named, cwd in (("deep", folder), (".", folder / "deep"), (str(folder / "deep"), Path("/"))):
        done = run("check", "--format", "json", named, cwd=cwd)
        assert [os.path.basename(one["path"]) for one in json.loads(done.stdout)["files"]] == ["no-suffix"], named
    done = run("check", "--config", folder / "ackpatch.toml", "--format", "json", folder, cwd=Path("/"))
    assert [os.path.basename(one["path"]) for one in json.loads(done.stdout)["files"]] == [
        "a.sh",
        "no-suffix",
        "quiet.sh",
    ]
    # What is named itself is taken.
    assert b"built.sh" in run("check", "built.sh", cwd=folder).stdout


def test_a_folder_outside_a_repository_too(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    done = run("check", folder)
    assert done.stdout.count(b"ACK101") == 5
    assert done.stderr == b"5 errors in 6 files; 5 can be mended by ackpatch apply\n"
    assert run("apply", "--yes", folder).returncode == 0
    assert run("check", folder).returncode == 0
    assert run("revert", "--yes", folder).returncode == 0
    assert (folder / "a.sh").read_text() == START


def test_an_unrelated_script_is_told_only_where_it_was_named_alone(folder: Path) -> None:
    assert b"ACK301" in run("check", "quiet.sh", cwd=folder).stdout
    assert b"ACK301" not in run("check", "quiet.sh", "a.sh", cwd=folder).stdout
    assert b"ACK301" not in run("check", ".", cwd=folder).stdout


def test_quiet_tells_errors_only(folder: Path) -> None:
    (folder / "join.sh").write_text(JOIN)
    loud, quiet = (run("check", *option, "join.sh", cwd=folder) for option in ([], ["-q"]))
    assert b"warning" in loud.stdout
    assert b"warning" not in quiet.stdout
    assert b"error" in quiet.stdout
    assert quiet.stderr == b""
    assert run("apply", "-q", "--yes", "join.sh", cwd=folder).stderr == b""
    assert run("check", "-q", "join.sh", cwd=folder).stdout == b""


def test_help_has_a_short_option() -> None:
    for command in ([], ["check"], ["publish"]):
        assert run(*command, "-h").stdout == run(*command, "--help").stdout != b""


def test_standard_input_can_have_a_name(tmp_path: Path) -> None:
    (tmp_path / "ackpatch.toml").write_text('ignore = ["ACK227"]\n')
    done = run("check", "--stdin-filename", "x/join.sh", "-", stdin=JOIN.encode(), cwd=tmp_path)
    assert done.stdout.startswith(b"x/join.sh:2:1: error ACK101")
    assert b"ACK227" not in done.stdout
    done = run("check", "--stdin-filename", "join.sh.j2", "-", stdin=JOIN.encode(), cwd=tmp_path)
    assert b"template" in done.stdout


def test_settings_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('ignore = ["ACK227"]\n')
    (tmp_path / "join.sh").write_text(JOIN)
    assert b"ACK227" in run("check", "join.sh", cwd=tmp_path).stdout
    assert b"ACK227" not in run("check", "--config", "mine.toml", "join.sh", cwd=tmp_path).stdout
    done = run("check", "--config", "none.toml", "join.sh", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, b"ackpatch: none.toml: no such file or directory\n")


def test_explain_lists_all_findings_and_families() -> None:
    every = run("explain").stdout.decode().splitlines()
    assert len(every) > 50
    assert all(re.fullmatch(r"ACK\d{3}  (error|warning|note) +\S.*", line) for line in every)
    family = run("explain", "ack1").stdout.decode().splitlines()
    assert family == [line for line in every if line.startswith("ACK1")]


def test_codes_are_completed() -> None:
    def completed(words: str) -> list[str]:
        done = run(_ACKPATCH_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
        return done.stdout.decode().split()

    assert completed("ackpatch explain ACK22")[0] == "ACK220"
    assert completed("ackpatch check --select ACK101,ACK10") == ["ACK101,ACK101", "ACK101,ACK102", "ACK101,ACK103"]


# --- the library


def test_the_library_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ackpatch.AckpatchError, match="there is no finding ACK999"):
        ackpatch.patch(START, select=["ACK999"])
    with pytest.raises(ackpatch.AckpatchError, match="FOO is none of the variables"):
        ackpatch.prove(START, values={"FOO": "1"})
    with pytest.raises(ackpatch.AckpatchError, match="systemd nonsense"):
        ackpatch.prove(START, values=None, systemd="nonsense")


def test_findings_carry_line_and_column() -> None:
    (one,) = (one for one in ackpatch.check("#!/bin/bash\n: é; systemctl restart kubelet\n") if one.code == "ACK101")
    assert (one.line, one.column) == (2, 6)


def test_unreadable_text_is_told_as_such(tmp_path: Path) -> None:
    for data, words in ((b"kubelet\0", "the file is binary"), (b"if kubelet\n", "cannot parse the script")):
        result = ackpatch.patch(data)
        assert any(words in one.message for one in result.errors)
        (tmp_path / "x.sh").write_bytes(data)
        shown = run("inspect", tmp_path / "x.sh").stdout.decode()
        assert words in shown
        assert "nothing here concerns kubelet" not in shown


def test_nothing_is_judged_where_there_is_nothing_to_judge() -> None:
    proof = ackpatch.prove(START, values=None, image="rpm")
    assert (proof.holds, proof.verdict.value) == (False, "not judged")


# --- git


def test_git_takes_absolute_paths_paths_above_and_an_empty_diff(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    path = tmp_path / "join.sh"
    command = (
        'set -o pipefail; exec 3>&1; "$1" -m ackpatch diff --raw "$2" 2>&3 | git apply --allow-empty $3; echo "$?"'
    )
    for name, cwd, option in (
        (str(path), tmp_path, ""),
        ("./join.sh", tmp_path, ""),
        ("../join.sh", tmp_path / "deep", "--unsafe-paths"),
        (str(path), tmp_path / "deep", "--unsafe-paths"),
    ):
        path.write_text(JOIN)
        line = ["bash", "-c", command, "-", sys.executable, name, option]
        done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=True)
        assert path.read_bytes() == ackpatch.patch(JOIN.encode()).patched, done
        assert ("--unsafe-paths" in done.stdout) == bool(option)
        done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=True)
        assert done.stdout.endswith("\n0\n"), done


# --- the question


def test_the_question_offers_yes_no_all_and_quit(tmp_path: Path) -> None:
    names = [f"{number}.sh" for number in range(4)]

    def written(answers: bytes) -> tuple[int, list[bool]]:
        for name in names:
            (tmp_path / name).write_text(JOIN)
        code, _, _ = talk(["apply", *names], answers, tmp_path)
        return code, [(tmp_path / name).read_text() != JOIN for name in names]

    assert written(b"n\n|y\n|a\n") == (1, [False, True, True, True])
    assert written(b"y\n|q\n") == (1, [True, False, False, False])
    assert written(b"what\n|\n|a\n") == (0, [True, True, True, True])


def test_the_question_shows_the_diff_masked_and_folded(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text(JOIN)
    _, shown, output = talk(["apply", "a.sh"], b"n\n", tmp_path)
    assert "Write this to a.sh?" in shown
    assert b"+ackpatch_kubelet" in output
    assert SECRET not in output


def test_a_file_that_was_changed_meanwhile_is_asked_about_again(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text(JOIN)
    changed = JOIN + "echo added meanwhile\n"
    code, shown, _ = talk(["apply", "a.sh"], b"y\n|y\n", tmp_path, before=lambda: path.write_text(changed))
    assert code == 0
    assert "was changed while the question stood" in shown
    assert path.read_bytes() == ackpatch.patch(changed.encode()).patched


def test_control_c_is_exit_code_130(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text(JOIN)
    main, worker = pty.openpty()
    line = [sys.executable, "-m", "ackpatch", "apply", str(path)]
    process = subprocess.Popen(line, stdin=worker, stdout=subprocess.DEVNULL, stderr=worker)
    shown = b""
    while b"[q]uit" not in shown:
        shown += os.read(main, 65536)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert path.read_text() == JOIN
    os.close(main)
    os.close(worker)


# --- GitHub and GitLab


@pytest.mark.parametrize("how", ["gitlab", "github", "sarif"])
def test_code_hosts_get_paths_of_the_repository(how: str, tmp_path: Path) -> None:
    inner = tmp_path / "top" / "inner"
    inner.mkdir(parents=True)
    (inner / "a.sh").write_text(JOIN)

    def named(given: Path | str, where: Path) -> set[str]:
        done = run("check", "--format", how, given, cwd=where)
        return set(re.findall(r'(?:"path": "|"uri": "|file=)([^",]*\.sh)', done.stdout.decode()))

    assert named("a.sh", inner) == {"a.sh"}
    assert named(inner / "a.sh", inner) == {"a.sh"}
    assert named(inner / "a.sh", tmp_path / "top") == {"inner/a.sh"}
    (tmp_path / "top" / ".git").mkdir()
    assert named("a.sh", inner) == {"inner/a.sh"}
    assert named(inner / "a.sh", tmp_path) == {"inner/a.sh"}


def test_the_steps_of_the_action_run_in_a_shell(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The step that installs is left to pip; the others run as the runner runs them."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    temp = tmp_path_factory.mktemp("runner")
    program = temp / "ackpatch" / "bin" / "ackpatch"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m ackpatch "$@"\n')
    program.chmod(0o755)
    install, check, upload = action["runs"]["steps"]
    for step in (install, check):
        assert subprocess.run(["bash", "-n"], input=step["run"], text=True, check=False).returncode == 0
    assert upload["with"]["sarif_file"] == "${{ inputs.sarif-file }}"
    env = {**os.environ, "RUNNER_TEMP": str(temp), "PATHS": ".", "OPTIONS": "", "SARIF": "found.sarif"}
    line = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", check["run"]]
    done = subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "::error file=" in done.stdout
    results = json.loads((folder / "found.sarif").read_text())["runs"][0]["results"]
    assert {one["ruleId"] for one in results if one["level"] == "error"} == {"ACK101"}
    run("apply", "--yes", ".", cwd=folder)
    done = subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("::error")) == (0, 0)


def test_the_example_of_the_first_screen_prints_ten_lines() -> None:
    text = (ROOT / "tools" / "try").read_text()
    body = text.partition("}\n")[2].replace(".venv/bin/ackpatch", f"{sys.executable} -m ackpatch", 2)
    done = subprocess.run(["sh", "-euc", body], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    assert lines[0] == "3 errors, 1 warning in 1 file; 3 can be mended by ackpatch apply"
    assert re.fullmatch(r"\+ … \d+ lines: the call block, .*", lines[1])
    assert "PATH" in lines[-1]


@pytest.mark.parametrize(
    "line",
    [
        'systemctl restart "$1"',
        "curl -s x | bash",
        "./x.sh",
        "bash < f",
        'bash -ec "$X"',
        "find / -exec sh {} ;",
        "$CMD",
    ],
)
def test_what_only_a_run_can_tell_is_told_where_nothing_speaks_of_kubelet(line: str) -> None:
    found = [one.code for one in ackpatch.check(f"#!/bin/bash\n{line}\n")]
    assert set(found) & {"ACK101", "ACK202"}
    assert [one.code for one in ackpatch.check("#!/bin/bash\nset -e\necho bash\n")] == ["ACK301"]


@pytest.mark.parametrize("layout", [["-i", "2"], ["-i", "4", "-ci"], [], ["-s", "-sr", "-kp", "-bn"]])
def test_a_formatter_may_lay_a_patched_script_out_anew(tmp_path: Path, layout: list[str]) -> None:
    script = tmp_path / "join.sh"
    script.write_bytes(EXAMPLE.read_bytes())
    assert run("apply", "--yes", script).returncode == 0
    formatter = shfmt_program()
    subprocess.run([formatter, *layout, "-w", script], check=True)
    assert run("check", script).returncode == 0
    laid_out = script.read_bytes()
    assert run("apply", "--yes", script).returncode == 0
    assert script.read_bytes() == laid_out
    assert run("revert", "--yes", script).returncode == 0
    original = subprocess.run([formatter, *layout, EXAMPLE], check=True, capture_output=True).stdout
    assert script.read_bytes() == original


def test_a_password_with_blanks_is_masked_to_its_end(tmp_path: Path) -> None:
    script = tmp_path / "a.sh"
    script.write_text("#!/bin/bash\nDB_PASSWORD='pa55 w0rd'\nX_SECRET=\"two words\"\nsystemctl restart kubelet\n")
    shown = run("diff", script).stdout
    assert b"w0rd" not in shown
    assert b"two words" not in shown


def test_a_text_that_no_bytes_stand_for_is_told_as_such() -> None:
    source = "systemctl restart kubelet # \ud800"
    for result in (ackpatch.patch(source), ackpatch.revert(source)):
        assert [one.code for one in result.findings] == ["ACK903"]
        assert result.patched == source


def test_settings_are_an_ordinary_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    script = tmp_path / "a.sh"
    script.write_text("#!/bin/bash\n")
    for words in (("check", "--config", tmp_path / "pipe", script), ("new", "--from", tmp_path / "pipe", "-o", "x.sh")):
        done = run(*words, cwd=tmp_path)
        assert (done.returncode, b"is a device or pipe, and no file" in done.stderr) == (2, True)
