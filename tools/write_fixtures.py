"""Writes patched.sh and rehearsal.txt beside each fixture, for people to read.

Usage: python tools/write_fixtures.py [NAME...]
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import ackpatch
from ackpatch.rehearse import rehearse
from ackpatch.rehearse.verdict import VALUES, judge_start
from tests.fixtures import Fixture, all_fixtures
from tests.fold import folded


def verdict(fixture: Fixture, patched: bytes) -> str:
    """Rehearse the patched script with and without values and say what kubelet would get."""
    shell = fixture.shells[:1]
    before = rehearse(patched, shell=shell, **fixture.rehearsal)
    after = rehearse(patched, shell=shell, env=VALUES, **fixture.rehearsal)
    lines = []
    for title, result in (("without values", before), ("with values", after)):
        lines.append(f"{title}: exit status {result.exit_status}, {len(result.starts)} start(s) of kubelet")
        for one in result.starts:
            lines.append(f"  {one.how}" + (f", node name {one.node_name}" if one.node_name else ""))
            lines += [f"    {word}" for word in one.argv]
    wrong = [r for one, old in zip(after.starts, before.starts, strict=False) for r in judge_start(one, VALUES, old)]
    lines.append("verdict: " + ("; ".join(wrong) or "every start carries the four values, nothing is lost"))
    return "\n".join(lines) + "\n"


def write(fixture: Fixture) -> str:
    """Write the two files of a fixture, or take them away where nothing is patched."""
    result = ackpatch.patch(fixture.original, **fixture.options)
    for name in ("patched.sh", "rehearsal.txt"):
        (fixture.folder / name).unlink(missing_ok=True)
    if result.changed:
        (fixture.folder / "patched.sh").write_bytes(folded(result.patched))
        (fixture.folder / "rehearsal.txt").write_text(verdict(fixture, result.patched), encoding="utf-8")
    return fixture.name


def main() -> None:
    """Write all fixtures, or those that are named."""
    chosen = [one for one in all_fixtures() if not sys.argv[1:] or one.name in sys.argv[1:]]
    with ThreadPoolExecutor(4) as pool:
        for name in pool.map(write, chosen):
            print(name)


if __name__ == "__main__":
    main()
