"""What README and docs show is what happens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ackpatch
from ackpatch.findings import RULES
from tests.commands import run
from tools.recipe_page import recipe_page
from tools.write_docs import findings_page

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_of_findings_is_current() -> None:
    assert (ROOT / "docs" / "findings.md").read_text(encoding="utf-8") == findings_page()


def test_the_page_of_the_recipe_is_current() -> None:
    assert (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8") == recipe_page()


def test_the_diff_in_the_readme_is_the_real_one() -> None:
    (shown,) = code_blocks(ROOT / "README.md", "diff")
    source = (ROOT / "examples" / "join-node.sh").read_text()
    real = ackpatch.patch(source).diff("examples/join-node.sh").decode().splitlines()
    lines = shown.splitlines()[2:]
    at = real.index(lines[0])
    assert real[at : at + len(lines)] == lines


def test_the_commands_of_readme_and_tutorial_work(tmp_path: Path) -> None:
    for name in ("examples", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "examples" / "join-node.sh", tmp_path / "join-node.sh")
    for page in (ROOT / "docs" / "tutorial.md", ROOT / "docs" / "rehearsal.md", ROOT / "README.md"):
        for line in "\n".join(code_blocks(page, "sh")).splitlines():
            command = line.split("#")[0].strip().replace("/tmp/", f"{tmp_path}/")
            if not command.startswith(("ackpatch ", "cat ", "cp ", "cmp ")):
                continue
            verb = command.split()[1]
            command = command.replace("apply join", "apply --yes join").replace("revert join", "revert --yes join")
            words = command.split()
            if words[0] == "ackpatch":
                words[:1] = [sys.executable, "-m", "ackpatch"]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
            shows_need = verb in ("diff", "rehearse") and b"ackpatch:1" not in (tmp_path / words[-1]).read_bytes()
            assert done.returncode == int(shows_need), (command, done.stderr)


def test_the_report_on_the_page_of_the_rehearsal_is_the_real_one() -> None:
    (shown,) = code_blocks(ROOT / "docs" / "rehearsal.md", "text")
    done = run("rehearse", "examples/join-node.sh", cwd=ROOT)
    assert shown in done.stdout.decode()


def test_the_example_of_the_library_page_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "examples" / "join-node.sh", tmp_path)
    for code in code_blocks(ROOT / "docs" / "library.md", "python"):
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stderr == ""
    assert done.stdout == '{"examples/join-node.sh": ["systemctl enable --now", "kubeadm join"]}\n'
    assert "ackpatch_kubelet" in (tmp_path / "join-node.sh").read_text()


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
