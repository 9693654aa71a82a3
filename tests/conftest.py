"""A cluster on loopback, for the tests that use kubectl; a folder's own ``cluster`` says what is in it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_server import Cluster, serving
from tests.sample import LEFT_OUT, is_changed, sampled


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


# A slow test with more cases than these has a third of them in a run of CI.
MOST_CASES = 8


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        name = item.nodeid
        if name.startswith((*SLOW_FOLDERS, *SLOW_FILES)) or any(one in name for one in SLOW_TESTS):
            item.add_marker(pytest.mark.slow)
    if config.option.markexpr == "slow":
        _thin_out(config, items)


def _thin_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take a third of the cases of slow tests with many, by hash, and those of changed fixtures."""
    slow = [one for one in items if one.get_closest_marker("slow") is not None]
    families = Counter(one.nodeid.partition("[")[0] for one in slow)
    many = [one for one in slow if families[one.nodeid.partition("[")[0]] > MOST_CASES]
    cases = {one.nodeid: one for one in many}
    taken = set(sampled("cases of slow tests", cases, 3))
    left = [one for one in many if one.nodeid not in taken and not is_changed(_case(one))]
    left_out = set(left)
    # The longest first, so that no worker ends long after the others.
    items[:] = sorted((one for one in items if one not in left_out), key=lambda one: "differential" not in one.nodeid)
    config.hook.pytest_deselected(items=left)


def _case(item: pytest.Item) -> str:
    """The name of the fixture that is a test's case."""
    return item.nodeid.partition("[")[2].rpartition("-")[0] or item.nodeid.partition("[")[2].rstrip("]")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    import importlib

    for module in SAMPLED:
        importlib.import_module(module)
    for what, count in LEFT_OUT.items():
        if count:
            terminalreporter.write_line(f"left out, chosen by hash: {count} of {what} (ACKPATCH_ALL=1 takes them)")
