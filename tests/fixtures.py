"""Reads the fixtures: each folder below fixtures/ is an original script with what it shows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent / "fixtures"


@dataclass(frozen=True)
class Fixture:
    """One fixture. ``known`` lists what its form cannot give, as the verdict says it."""

    folder: Path
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def original(self) -> bytes:
        return (self.folder / "original.sh").read_bytes()

    @property
    def expect(self) -> str:
        return str(self.facts["expect"])

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.facts.get("options", {}))

    @property
    def known(self) -> list[str]:
        return list(self.facts.get("known", []))

    @property
    def shells(self) -> list[str]:
        return list(self.facts.get("shells", ["bash"]))

    @property
    def rehearsal(self) -> dict[str, Any]:
        """The arguments for a rehearsal."""
        files = {path: text.encode() for path, text in self.facts.get("files", {}).items()}
        return {"family": self.facts["family"], "args": self.facts.get("args", []), "files": files}


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def all_fixtures() -> list[Fixture]:
    """All fixtures, sorted by name."""
    return [Fixture(path.parent, read_toml(path)) for path in sorted(ROOT.glob("*/*/fixture.toml"))]
