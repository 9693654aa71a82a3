"""A cluster on loopback for the tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_server import CONFIG, Cluster, serving
from tests.publish import web_server
from tests.publish.web_server import Server


@pytest.fixture
def cluster() -> Cluster:
    found = Cluster()
    found.put(CONFIG, "ConfigMap", {"addNodeScriptPath": "", "enableNodepool": "true", "isInit": "false"})
    return found


@pytest.fixture
def kubeconfig(cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on this machine")
    folder = tmp_path / "cluster"
    folder.mkdir()
    with serving(cluster, folder) as path:
        yield path


@pytest.fixture
def server() -> Iterator[Server]:
    with web_server.serving() as found:
        yield found
