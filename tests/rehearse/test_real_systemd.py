"""The patched scripts under a real systemd: a container boots, and the script runs in it with the real systemctl.

A sample of the fixtures chosen by a hash of their names; all of them where ``ACKPATCH_ALL`` is set.
"""

from __future__ import annotations

import hashlib
import os
import sys

import pytest

import ackpatch
from ackpatch.rehearse import Rehearsal, container, rehearse
from ackpatch.rehearse.verdict import VALUES, judge_start
from tests.fixtures import Fixture, all_fixtures

# Where the two engines differ, and why: the real one is right.
DIFFERS = {
    "binary/existing-flags-quoted-body": "the boot ID is the container's own",
    "binary/single-backslash": "systemd refuses to start the unit: docker.service is required",
    "bytes/gbk-binary": "systemd refuses the unit: it is not UTF-8",
}
_SAMPLE = 10


def _chosen() -> list[Fixture]:
    found = [one for one in all_fixtures() if one.expect in ("patched", "covered") and one.name not in DIFFERS]
    if os.environ.get("ACKPATCH_ALL"):
        return found
    chosen = sorted(found, key=lambda one: hashlib.sha256(one.name.encode()).digest())[:_SAMPLE]
    sys.stderr.write(f"real systemd: {len(chosen)} of {len(found) + len(DIFFERS)} fixtures, the others are left out\n")
    return chosen


def _run(fixture: Fixture, script: bytes, env: dict[str, str], real: bool) -> Rehearsal:
    return rehearse(script, shell=fixture.shells[0].split(), env=env, real=real, **fixture.rehearsal)


@pytest.mark.skipif(bool(container.missing()), reason=container.missing() or "-")
@pytest.mark.parametrize("fixture", _chosen(), ids=lambda one: one.name)
def test_a_real_systemd_gives_kubelet_the_same_command_line(fixture: Fixture) -> None:
    patched = ackpatch.patch(fixture.original, **fixture.options).patched
    original = _run(fixture, fixture.original, {}, real=True)
    bare = _run(fixture, patched, {}, real=True)
    filled = _run(fixture, patched, VALUES, real=True)
    model = _run(fixture, patched, VALUES, real=False)
    assert [one.argv for one in bare.starts] == [one.argv for one in original.starts]
    assert [one.argv[1:] for one in filled.starts] == [one.argv[1:] for one in model.starts]
    said = [w for new, old in zip(filled.starts, bare.starts, strict=True) for w in judge_start(new, VALUES, old)]
    assert sorted(said) == sorted(fixture.known)
