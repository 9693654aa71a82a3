"""No value becomes code: a hostile one ends every patched script with one line, before kubelet is started."""

from __future__ import annotations

import pytest

import ackpatch
from ackpatch.rehearse import rehearse
from ackpatch.rehearse.verdict import VALUES
from tests.fixtures import Fixture, all_fixtures
from tests.sample import sampled

HOSTILE = [
    "a=b\nExecStartPre=/bin/touch /tmp/pwned",
    "a=b;touch /tmp/pwned",
    "a=$(touch /tmp/pwned)",
    "a=`touch /tmp/pwned`",
    "a=%i",
    "a=b'; touch /tmp/pwned #",
    'a=b"; touch /tmp/pwned #',
    "a=b touch",
    "x;CMD@e;#",
    "a=\\",
    "a=b&c",
]
VARIABLES = list(VALUES)
RUNNING = [one for one in all_fixtures() if one.expect == "patched"]
CASES = [(one, VARIABLES[n % 4], HOSTILE[n % len(HOSTILE)]) for n, one in enumerate(RUNNING)]


@pytest.mark.parametrize(
    ("fixture", "variable", "value"), sampled("hostile values", CASES, 12), ids=lambda x: getattr(x, "name", None)
)
def test_it_ends_before_the_first_start(fixture: Fixture, variable: str, value: str) -> None:
    patched = ackpatch.patch(fixture.original, **fixture.options).patched
    for shell in [*fixture.shells, "bash --posix"]:
        run = rehearse(patched, shell=shell.split(), env={**VALUES, variable: value}, **fixture.rehearsal)
        # In a process of its own the call ends the script by a signal.
        assert run.exit_status in (1, 143)
        assert [one for one in run.starts if one.how != "boot"] == []
        assert "/tmp/pwned" not in run.files
        lines = [
            line for line in (run.stderr + run.stdout).decode("latin-1").splitlines() if line.startswith("ackpatch: ")
        ]
        assert lines
