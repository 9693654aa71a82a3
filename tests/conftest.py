"""A cluster on loopback, for the tests that use kubectl; a folder's own ``cluster`` says what is in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_server import Cluster, serving
from tests.sample import LEFT_OUT


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def kubeconfig(cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on this machine")
    folder = tmp_path / "cluster"
    folder.mkdir()
    with serving(cluster, folder) as path:
        yield path


# What starts rehearsals, containers or servers, or runs the program often: tools/test leaves it out, --all takes it.
SLOW_FOLDERS = ("tests/rehearse/", "tests/publish/", "tests/bootstrap/")
SLOW_FILES = (
    "tests/blocks/test_states.py",
    "tests/blocks/test_failure.py",
    "tests/blocks/test_values.py",
    "tests/test_hostile_values.py",
    "tests/test_differential.py",
    "tests/test_pre_commit.py",
    "tests/test_rehearse_command.py",
    "tests/test_docs.py",
    "tests/test_attack.py",
    "tests/test_everyday.py",
    "tests/test_formats.py",
    "tests/test_marks.py",
    "tests/test_properties.py",
    "tests/test_sizes.py",
)
SLOW_TESTS = (
    "test_fixtures.py::test_with_values_every_start",
    "test_seen.py::test_what_is_patched_is_proved",
)
# Modules that run a sample of their cases.
SAMPLED = (
    "tests.test_hostile_values",
    "tests.blocks.test_states",
    "tests.test_seen",
    "tests.rehearse.test_proof",
    "tests.bootstrap.test_new",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = item.nodeid
        if name.startswith((*SLOW_FOLDERS, *SLOW_FILES)) or any(one in name for one in SLOW_TESTS):
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    import importlib

    for module in SAMPLED:
        importlib.import_module(module)
    for what, count in LEFT_OUT.items():
        if count:
            terminalreporter.write_line(f"left out, chosen by hash: {count} of {what} (ACKPATCH_ALL=1 takes them)")
