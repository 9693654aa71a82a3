"""Text that can be written as UTF-8, whatever bytes a path or a script holds, and JSON documents of such text."""

from __future__ import annotations

import json


def encodable(text: str) -> str:
    """The text with a question mark for each undecodable byte that a path or a script brought."""
    return text.encode("utf-8", "replace").decode("utf-8")


def json_document(value: object) -> str:
    """A value as an indented JSON document."""
    return encodable(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"
