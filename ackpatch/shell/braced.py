"""Words in which braces stand beside expansions or quotes: ``{$CRI,kubelet}``, ``"kube"{let,adm}``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.shell.expansions import braces
from ackpatch.shell.tree import Literal, Part, Word

_HELD = 0xE000  # from here on characters stand for the parts of a word


def braced(word: Word) -> list[Word]:
    """The words that braces make of one of several parts; none where there are no braces, or too many words."""
    if not any(isinstance(one, Literal) and "{" in one.text for one in word.parts):
        return []
    written = "".join(one.text if isinstance(one, Literal) else chr(_HELD + n) for n, one in enumerate(word.parts))
    made = braces(written) or []
    return [] if made in ([], [written]) else [Word(word.span, list(_parts(one, word))) for one in made]


def _parts(text: str, word: Word) -> Iterator[Part]:
    for piece in re.split(f"([{chr(_HELD)}-{chr(_HELD + len(word.parts))}])", text):
        at = ord(piece) - _HELD if len(piece) == 1 else -1
        if 0 <= at < len(word.parts):
            yield word.parts[at]
        elif piece:
            yield Literal(word.span, piece)
