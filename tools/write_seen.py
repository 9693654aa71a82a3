"""Writes fixtures/seen/expected.toml anew: what comes out of each script there. Read its diff: a change is a claim.

The node's image and files of a script are taken over from the old text; a proof that does not hold is printed, and
nothing is written then. Usage: python tools/write_seen.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import ackpatch
from ackpatch.rehearse.verdict import VALUES
from ackpatch.report.examined import exit_code
from tests.fixtures import ROOT, read_toml

SEEN = ROOT / "seen"
HEAD = """\
# What must come out of each script below this folder; written by tools/write_seen.py.
# exit: that of check. codes: of the findings that are no notes, "*" if apply mends it. proof: "holds" if a rehearsal
# of the patched script proves it, "no start" if none comes in a run (later, or not in this root).
"""


def outcome(name: str, old: dict[str, Any]) -> dict[str, Any]:
    """What comes out of one script."""
    result = ackpatch.patch((SEEN / name).read_bytes(), name=name)
    told = [one for one in result.findings if one.severity.value != "note"]
    found: dict[str, Any] = {
        "exit": exit_code(result.findings),
        "codes": sorted({one.code + ("*" if one.fixable else "") for one in told}),
    }
    unproven = old.get("exit") == 1 and "proof" not in old  # a rehearsal says nothing of it
    if not result.changed or unproven:
        return found
    given = {key: old[key] for key in ("image", "files") if key in old}
    files = {path: (SEEN / beside).read_bytes() for path, beside in given.get("files", {}).items()}
    proof = ackpatch.prove(result.patched, values=VALUES, image=given.get("image", "auto"), files=files)
    found["proof"] = "holds" if proof.holds else "no start" if not proof.starts else "; ".join(proof.reasons)
    return found | given


def text_of(name: str, found: dict[str, Any]) -> str:
    """One table of the file."""
    lines = [f'["{name}"]']
    for key, value in found.items():
        table = isinstance(value, dict)
        pairs = ", ".join(f'"{one}" = "{other}"' for one, other in value.items()) if table else ""
        lines.append(f"{key} = {{ {pairs} }}" if table else f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file; 1 where a proof does not hold."""
    path = SEEN / "expected.toml"
    old = read_toml(path)
    beside = {one for entry in old.values() for one in entry.get("files", {}).values()}
    names = sorted(str(one.relative_to(SEEN)) for one in SEEN.glob("*/*"))
    known = [one for one in names if one in old or (one.endswith(".sh") and one not in beside)]
    found = {name: outcome(name, old.get(name, {})) for name in known}
    wrong = [name for name, one in found.items() if one.get("proof", "holds") not in ("holds", "no start")]
    for name in wrong:
        print(f"{name}: {found[name]['proof']}", file=sys.stderr)
    if not wrong:
        path.write_text(HEAD + "\n" + "\n".join(text_of(name, one) for name, one in found.items()), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
