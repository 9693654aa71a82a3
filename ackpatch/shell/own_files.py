"""The files that a script has written so far, with the text that is in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ackpatch.shell.nested import Nested
from ackpatch.shell.render import Rendered


class OwnFiles(Mapping[str, Nested]):
    """The texts by path. What is appended is put together when somebody reads it, so that a log of thousands of lines
    costs no more than its length.
    """

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: dict[str, list[Nested]] = {}

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

    def write(self, path: str, text: Nested) -> None:
        """Note what is in a file from now on."""
        self._pieces[path] = [text]

    def append(self, path: str, text: Nested) -> None:
        """Note what was added to a file."""
        self._pieces.setdefault(path, []).append(text)

    def forget(self, path: str) -> None:
        """Note that what is in a file now is not known."""
        self._pieces.pop(path, None)
