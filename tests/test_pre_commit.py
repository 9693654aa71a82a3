"""Both hooks under the real pre-commit, which installs them from a git repository on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
START = "#!/bin/bash\nsystemctl restart kubelet\n"
PACKAGED = ("ackpatch", "pyproject.toml", "README.md", "LICENSE", "docs", "completions", ".pre-commit-hooks.yaml")


def git(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This checkout as a git repository that pre-commit can clone, and the revision."""
    folder = tmp_path_factory.mktemp("project")
    for name in PACKAGED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    return folder, git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installs, once for both hooks."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def scripts(tmp_path: Path, project: tuple[Path, str]) -> Path:
    folder = tmp_path / "scripts"
    folder.mkdir()
    git(folder, "init", "-q")
    for number in range(40):
        (folder / f"plain-{number}.sh").write_text("#!/bin/bash\necho hello\n")
    for number in range(6):
        (folder / f"start-{number}.sh").write_text(START)
    (folder / "no-suffix").write_text(START)
    (folder / "no-suffix").chmod(0o755)
    (folder / "notes.txt").write_text("systemctl restart kubelet\n")
    return folder


def pre_commit(folder: Path, project: tuple[Path, str], home: Path, hook: str, options: str = "") -> tuple[int, str]:
    url, revision = project
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {url}\n    rev: {revision}\n    hooks:\n      - id: {hook}\n{options}"
    )
    git(folder, "add", "-A")
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose"]
    env = {**os.environ, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_check_fails_until_the_scripts_are_covered(scripts: Path, project: tuple[Path, str], home: Path) -> None:
    code, text = pre_commit(scripts, project, home, "ackpatch-check")
    assert code == 1, text
    assert "start-3.sh:2:1: error ACK101" in text
    assert "no-suffix:2:1: error ACK101" in text
    assert "notes.txt" not in text
    for path in (*scripts.glob("start-*.sh"), scripts / "no-suffix"):
        path.write_text("#!/bin/bash\nsystemctl stop kubelet\n")
    code, text = pre_commit(scripts, project, home, "ackpatch-check")
    assert (code, "Passed" in text) == (0, True), text


def test_apply_mends_fails_once_and_then_passes(scripts: Path, project: tuple[Path, str], home: Path) -> None:
    code, text = pre_commit(scripts, project, home, "ackpatch-apply")
    assert code == 1, text
    assert "files were modified by this hook" in text
    assert all("ackpatch_kubelet" in path.read_text() for path in scripts.glob("start-*.sh"))
    assert (scripts / "notes.txt").read_text() == "systemctl restart kubelet\n"
    git(scripts, "add", "-A")
    code, text = pre_commit(scripts, project, home, "ackpatch-apply")
    assert (code, "Passed" in text) == (0, True), text
    code, text = pre_commit(scripts, project, home, "ackpatch-check")
    assert code == 0, text


def test_what_cannot_be_mended_fails_each_time(scripts: Path, project: tuple[Path, str], home: Path) -> None:
    (scripts / "bad.sh").write_text("#!/bin/bash\nif systemctl restart kubelet\n")
    for _ in range(2):
        code, text = pre_commit(scripts, project, home, "ackpatch-apply", "        args: [--ignore, ACK2]\n")
        assert code == 1, text
        git(scripts, "add", "-A")
    assert "bad.sh:3:1: error ACK904" in text or "bad.sh:2:" in text
