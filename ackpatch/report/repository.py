"""The paths of files as code hosts know them: from the folder of the repository."""

from __future__ import annotations

import os
from pathlib import Path


def in_repository(path: str) -> str:
    """A file's path from the folder that holds ``.git``, else from the working folder, else as it was given."""
    if path.startswith("<"):
        return path  # what stands for standard input
    whole = Path(os.path.abspath(path))  # links stay: the repository knows the file by this name
    root = next((one for one in whole.parents if (one / ".git").exists()), Path.cwd())
    return str(whole.relative_to(root)) if whole.is_relative_to(root) else path
