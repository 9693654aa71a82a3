"""Scripts of the shapes that people post: each is covered or told, and what is covered is rehearsed by real bash.

What must come out of each stands beside them, in ``fixtures/seen/expected.toml``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import ackpatch
from ackpatch.rehearse.verdict import VALUES
from ackpatch.report.examined import exit_code
from tests.fixtures import ROOT, read_toml
from tests.sample import sampled

SEEN = ROOT / "seen"
EXPECTED: dict[str, dict[str, Any]] = read_toml(SEEN / "expected.toml")
PROVED = sampled("proofs of seen scripts", [name for name, one in EXPECTED.items() if "proof" in one], 16)


@cache
def patched(name: str) -> ackpatch.PatchResult[bytes]:
    return ackpatch.patch((SEEN / name).read_bytes(), name=name)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_findings_are_the_expected_ones(name: str) -> None:
    result = patched(name)
    told = {one.code + ("*" if one.fixable else "") for one in result.findings if one.severity.value != "note"}
    assert (sorted(told), exit_code(result.findings)) == (EXPECTED[name]["codes"], EXPECTED[name]["exit"])


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_refused_is_untouched_and_what_is_patched_can_be_taken_back(name: str) -> None:
    result = patched(name)
    if result.errors:
        assert not result.changed
    assert ackpatch.revert(result.patched).patched == result.source
    assert ackpatch.patch(result.patched, name=name).patched == result.patched


@pytest.mark.parametrize("name", PROVED)
def test_what_is_patched_is_proved(name: str) -> None:
    one = EXPECTED[name]
    files = {path: (SEEN / beside).read_bytes() for path, beside in one.get("files", {}).items()}
    proof = ackpatch.prove(patched(name).patched, values=VALUES, image=one.get("image", "auto"), files=files)
    if one["proof"] == "holds":
        assert (proof.holds, proof.reasons) == (True, ())
        assert proof.starts
    else:
        assert not proof.holds
        assert not proof.starts


def test_nothing_that_starts_kubelet_is_passed_over_in_silence() -> None:
    starts = [name for name in EXPECTED if name.startswith("starts/")]
    silent = [name for name in starts if not patched(name).findings]
    assert starts
    assert silent == []
