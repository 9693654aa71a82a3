"""A cluster on loopback, for the tests that use kubectl; a folder's own ``cluster`` says what is in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_server import Cluster, serving


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
