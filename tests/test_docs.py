"""What README and docs show is what happens."""

from __future__ import annotations

import html
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ackpatch
from ackpatch.findings import RULES
from ackpatch.hunks import hunks
from ackpatch.report.fold import folded
from ackpatch.report.mask import masked
from tests.commands import run
from tools.command_pages import commands
from tools.write_docs import PAGES as GENERATED
from tools.write_pictures import terminal_svg

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_blocks(page: Path, language: str) -> list[str]:
    return blocks_in(page.read_text(encoding="utf-8"), language)


def blocks_in(text: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == GENERATED[name](), "run python tools/write_docs.py"


def test_the_picture_of_the_terminal_is_current() -> None:
    """Its text is; how the library draws a window may change."""

    def words(svg: str) -> list[str]:
        return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", svg, flags=re.DOTALL)).split()

    assert words((ROOT / "docs" / "images" / "inspect.svg").read_text(encoding="utf-8")) == words(terminal_svg())


CONSOLES = [(page, block) for page in PAGES for block in code_blocks(page, "console")]


@pytest.mark.parametrize(("page", "block"), CONSOLES, ids=[f"{page.name}-{n}" for n, (page, _) in enumerate(CONSOLES)])
def test_what_is_shown_below_a_command_is_what_it_prints(page: Path, block: str, tmp_path: Path) -> None:
    """A line of three dots stands for any lines."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for command, shown in re.findall(r"^ *\$ (.*)\n((?:(?! *\$ ).*\n)*)", block, re.MULTILINE):
        words = shlex.split(command)
        assert words[0] == "ackpatch"
        done = run(*words[1:], cwd=tmp_path)
        wanted = "(?:.*\n)*".join(re.escape(part) for part in re.split(r"^ *\.\.\.\n", shown, flags=re.MULTILINE))
        assert re.fullmatch(wanted, (done.stdout + done.stderr).decode()), (command, done.stdout.decode())


# These are shown in tests/bootstrap and tests/publish, against a cluster and servers on loopback.
WITH_A_CLUSTER = ("collect", "new", "register", "upload", "publish")


def test_the_examples_of_the_commands_page_work(tmp_path: Path) -> None:
    """Each command's own example, in order, on a script of that name in a git repository."""
    shutil.copy(ROOT / "examples" / "join-node.sh", tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for one in commands():
        if one.name in WITH_A_CLUSTER:
            continue
        shutil.copy(ROOT / "examples" / "join-node.sh", tmp_path)
        if one.name in ("revert", "check"):
            run("apply", "--yes", "join-node.sh", cwd=tmp_path)
        example = one.example.replace("ackpatch ", f"{sys.executable} -m ackpatch ", 1)
        done = subprocess.run(["bash", "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == (1 if one.name == "rehearse" else 0), (one.example, done.stderr)


def test_the_man_page_is_clean() -> None:
    if shutil.which("groff") is None:
        pytest.skip("no groff on this machine")
    page = ROOT / "docs" / "ackpatch.1"
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-cbou", "-ww", page], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert all(f"ackpatch {one.name}" in done.stdout for one in commands())


def test_the_site_can_be_built_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    built = {path.stem for path in tmp_path.glob("*.html")}
    assert {page.stem for page in PAGES[1:]} <= built


def test_completion_knows_the_commands_and_options() -> None:
    def completed(words: str) -> list[str]:
        done = run(_ACKPATCH_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
        return done.stdout.decode().split()

    assert completed("ackpatch re") == ["revert", "rehearse", "register"]
    assert completed("ackpatch check --fo") == ["--format"]


def test_the_diff_in_the_readme_is_the_real_one() -> None:
    (shown,) = code_blocks(ROOT / "README.md", "diff")
    result = ackpatch.patch((ROOT / "examples" / "join-node.sh").read_bytes())
    shown_lines = [(hunk.header, *folded(hunk.lines)) for hunk in hunks(result)]
    real = [masked(one if isinstance(one, str) else one.sign + one.text) for hunk in shown_lines for one in hunk]
    assert shown.splitlines()[1:] == real


def test_the_commands_of_readme_and_tutorial_work(tmp_path: Path) -> None:
    for name in ("examples", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "examples" / "join-node.sh", tmp_path / "join-node.sh")
    for page in (ROOT / "docs" / "tutorial.md", ROOT / "docs" / "rehearsal.md", ROOT / "README.md"):
        text = page.read_text(encoding="utf-8")
        for line in "\n".join(blocks_in(text, "sh")).splitlines():
            command = line.split("#")[0].strip().replace("/tmp/", f"{tmp_path}/")
            if not command.startswith(("ackpatch ", "cat ", "cp ", "cmp ")):
                continue
            verb = command.split()[1]
            command = command.replace("apply join", "apply --yes join").replace("revert join", "revert --yes join")
            words = command.split()
            if words[0] == "ackpatch":
                words[:1] = [sys.executable, "-m", "ackpatch"]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
            shows_need = verb in ("diff", "rehearse") and b"ackpatch:2" not in (tmp_path / words[-1]).read_bytes()
            assert done.returncode == int(shows_need), (command, done.stderr)


def test_the_examples_of_the_library_page_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "examples" / "join-node.sh", tmp_path)
    outputs = []
    for code in code_blocks(ROOT / "docs" / "library.md", "python"):
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1] == outputs[2] == ""
    assert "ackpatch_kubelet" in (tmp_path / "join-node.sh").read_text()
    assert "kubelet-1.28.2" in (tmp_path / "bootstrap.sh").read_text()
    assert outputs[3].count("examples/join-node.sh: ACK10") == 3
    assert outputs[4] == '{"examples/join-node.sh": ["systemctl enable --now", "kubeadm join"]}\n'


def test_the_examples_of_the_library_page_type_check(tmp_path: Path) -> None:
    """As a caller's own code, strictly, against the package as it is installed."""
    for number, code in enumerate(code_blocks(ROOT / "docs" / "library.md", "python")):
        (tmp_path / f"example_{number}.py").write_text(code)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--cache-dir",
        str(tmp_path / "cache"),
        ".",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_code_that_can_be_told_is_in_the_table() -> None:
    used = set()
    for path in (ROOT / "ackpatch").rglob("*.py"):
        used |= set(re.findall(r'"(ACK\d{3})"', path.read_text(encoding="utf-8")))
    assert used == set(RULES)
