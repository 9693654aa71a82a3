"""The files that a script has written so far, with the text that is in each, and where a path leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import normpath

from ackpatch.shell.environment import UNKNOWN, Environment
from ackpatch.shell.nested import Nested
from ackpatch.shell.programs import basename
from ackpatch.shell.render import Rendered

# Where a command without a path is looked for.
FOLDERS = ("/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/bin", "/sbin")


def absolute(path: str, environment: Environment) -> str:
    """A path after a ``cd`` of the script; one that begins with a variable stays as it is."""
    if not path or path[0] in "~-" or path.startswith(UNKNOWN):
        return path
    folder = environment.scalars.get("PWD", ("",))[0]
    whole = path if path[0] == "/" or not folder else f"{folder.rstrip('/')}/{path}"
    end = "/" if whole.endswith("/") and normpath(whole) != "/" else ""
    return normpath(whole) + end if "." in whole or "//" in whole or folder else whole


class OwnFiles(Mapping[str, Nested]):
    """The texts by path. What is appended is put together when somebody reads it, so that a log of thousands of lines
    costs no more than its length.
    """

    __slots__ = ("_looked_for", "_names", "_pieces", "changes", "former", "unknown")

    def __init__(self) -> None:
        self._pieces: dict[str, list[Nested]] = {}
        self._names: dict[str, set[str]] = {}
        self.unknown: set[str] = set()  # files with something in them that only a run can tell
        self.former: dict[str, str] = {}  # the texts of these before they were changed, or of which they are made
        self._looked_for: set[str] = set()
        self.changes = 0  # of files that something had run, or tried to, before

    def __getitem__(self, path: str) -> Nested:
        pieces = self._pieces[path]
        if len(pieces) > 1:
            whole = Rendered()
            for piece in pieces:
                whole.extend(piece.rendered)
            last = pieces[-1]
            pieces[:] = [Nested("file", whole, last.statement, outer=last.outer)]
        return pieces[0]

    def __contains__(self, path: object) -> bool:
        return path in self._pieces

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def __len__(self) -> int:
        return len(self._pieces)

    def to_run(self, path: str) -> Nested | None:
        """The text of a file that something runs."""
        self._looked_for.add(path)
        return self.get(path)

    def write(self, path: str, text: Nested) -> None:
        """Note what is in a file from now on."""
        self.changes += path in self._looked_for
        self._pieces[path] = [text]
        self._names.setdefault(basename(path), set()).add(path)
        self.unknown.discard(path)

    def append(self, path: str, text: Nested) -> None:
        """Note what was added to a file."""
        self.changes += path in self._looked_for
        self._pieces.setdefault(path, []).append(text)
        self._names.setdefault(basename(path), set()).add(path)

    def programs(self, name: str) -> list[str]:
        """The files of a name that are in a folder of programs, which PATH may have."""
        return [one for one in sorted(self._names.get(name, ())) if one in self and one.endswith(f"bin/{name}")]

    def forget(self, path: str, made_of: str = "") -> None:
        """Note that what is in a file now is not known, but for the text that it is ``made_of``, its own one too."""
        self.changes += path in self._looked_for
        before = self.text_of(path)
        self.former[path] = f"{before}\n{made_of}" if made_of and before else made_of or before
        self._pieces.pop(path, None)
        self.unknown.add(path)

    def text_of(self, path: str) -> str:
        """What is in a file, or was before it was changed; "" where nothing of it is known."""
        return self[path].rendered.text if path in self else self.former.get(path, "")
