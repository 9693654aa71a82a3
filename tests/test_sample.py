"""The sample of CI: by hash, and what a change touches."""

from __future__ import annotations

import pytest

from tests import sample


def test_what_changed_is_in_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"forms/{number}.sh" for number in range(200)]
    monkeypatch.setattr(sample, "ALL", False)
    monkeypatch.setattr(sample, "_changed", lambda: ())
    by_hash = sample.sampled("names of a test", names, 10)
    assert 5 < len(by_hash) < 40
    changed = next(one for one in names if one not in by_hash)
    monkeypatch.setattr(sample, "_changed", lambda: (f"fixtures/seen/{changed}", "docs/forms/199.sh"))
    assert set(sample.sampled("names of a test", names, 10)) == {*by_hash, changed}
    assert sample.LEFT_OUT.pop("names of a test") == len(names) - len(by_hash) - 1


def test_the_whole_is_taken_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "ALL", True)
    assert sample.sampled("names of a test", ["a", "b"], 1000) == ["a", "b"]
    assert sample.LEFT_OUT.pop("names of a test") == 0
