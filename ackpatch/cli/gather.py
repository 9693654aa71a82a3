"""From what was named on the command line to scripts: a folder stands for the shell scripts in it."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
import subprocess
from collections.abc import Iterable, Iterator, Sequence

from ackpatch.cli.config import settings_for
from ackpatch.cli.files import STDIN, say

SUFFIXES = (".sh", ".bash")
# Folders that hold what somebody else wrote.
_PASSED = {"node_modules", "vendor", "third_party", "__pycache__", "venv"}
# The suffix of another kind of file; a version such as v1.28 is none.
_OTHER_SUFFIX = re.compile(r"\.[A-Za-z]\w+$")
_SHELL = re.compile(rb"#!\s*(?:/\S*/)?(?:env\s+(?:-S\s+)?)?(?:ba|da|a)?sh\b")


def gathered(paths: Sequence[str], exclude: Iterable[str] = (), config: str = "") -> list[str]:
    """The scripts: files as they were named, and of folders what is a shell script by its suffix or first line.

    What git ignores is passed over, and what fits a pattern: a name, or a path with ``*`` in it. Those of ``exclude``
    count from the folder that was named, those of a project's settings, or of the file ``config``, from its folder.
    """
    if not any(os.path.isdir(path) for path in paths):
        return list(paths)
    found: dict[str, None] = {}
    for path in paths:
        if path == STDIN or not os.path.isdir(path):
            found[path] = None
            continue
        inside = [one for one in sorted(_files(path)) if not _excluded(os.path.relpath(one, path), exclude)]
        inside = [one for one in inside if not _left_out(one, config)]
        scripts = [one for one in inside if is_script(one)]
        if not scripts:
            say(f"ackpatch: {path}: no shell script is in this folder")
        found |= dict.fromkeys(scripts)
    return list(found)


def is_script(path: str) -> bool:
    """Say whether a regular file is a shell script by its suffix or its first line."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        if path.endswith(SUFFIXES):
            return True
        if _OTHER_SUFFIX.search(path):
            return False
        with open(path, "rb") as file:
            return _SHELL.match(file.read(80)) is not None
    except OSError:
        return False


def _files(folder: str) -> Iterator[str]:
    # Nothing that the repository names is run.
    listing = [
        "git",
        "-c",
        "core.fsmonitor=false",
        "-C",
        folder,
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        ".",
    ]
    try:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(listing, capture_output=True, check=False, env=plain)
    except OSError:
        done = None
    if done is not None and done.returncode == 0:
        yield from (os.path.join(folder, os.fsdecode(one)) for one in done.stdout.split(b"\0") if one)
        return
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in _PASSED)
        yield from (os.path.join(here, one) for one in files)


def _left_out(path: str, config: str) -> bool:
    settings = settings_for(path, config)
    return bool(settings.exclude) and _excluded(os.path.relpath(path, settings.folder), settings.exclude)


def _excluded(path: str, exclude: Iterable[str]) -> bool:
    parts = path.split(os.sep)
    if any(one in _PASSED for one in parts[:-1]):
        return True
    return any(
        fnmatch.fnmatch(path, one) or any(fnmatch.fnmatch(part, one.rstrip("/")) for part in parts) for one in exclude
    )
