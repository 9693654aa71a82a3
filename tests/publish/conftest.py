"""A cluster on loopback for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api_server import CONFIG, Cluster
from tests.publish import web_server
from tests.publish.web_server import Server


@pytest.fixture
def cluster() -> Cluster:
    found = Cluster()
    found.put(CONFIG, "ConfigMap", {"addNodeScriptPath": "", "enableNodepool": "true", "isInit": "false"})
    return found


@pytest.fixture
def server() -> Iterator[Server]:
    with web_server.serving() as found:
        yield found
