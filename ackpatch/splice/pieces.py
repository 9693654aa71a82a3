"""The short texts that are spliced into a line, a string or a here-document, and how each is taken out again.

Every piece can be told from the owner's text by its form alone. All of them expand checked values only and leave
nothing behind when a value is not set.
"""

from __future__ import annotations

import re

from ackpatch.node.flags import INJECTED, NODE_IP
from ackpatch.shell.render import Quoting

VARIABLE_OF = {name: variable for name, (_, variable) in {**INJECTED, **NODE_IP}.items()}
VARIABLE_OF["node-name"] = "ackpatch_node_name"

_NAME = r"[a-z-]+"
_VARIABLE = r"ackpatch_(?:provider_id|node_name|labels|taints|node_ip)"
_ADDED = rf"\$\{{{_VARIABLE}:\+ --{_NAME}=\${_VARIABLE}\}}"
_CALL = r"ackpatch_kubelet(?: config [\w./${}\"@%+:-]+)?(?: keep \"\$\?\")?"
# One alternative for each form; the group, where there is one, is the owner's text.
PIECE = re.compile(
    "|".join(
        (
            rf"'\"{_ADDED}\"'",
            _ADDED,
            rf" \$\{{{_VARIABLE}:\+\"--{_NAME}=\${_VARIABLE}\"\}}",
            rf"'\"\$\( ackpatch_flag {_NAME} \"([^\"]*)\" \)\"'",
            rf"\"\$\( ackpatch_flag {_NAME} \"([^\"]*)\" \)\"",
            rf"\$\(ackpatch_flag {_NAME} \"([^\"]*)\"\)",
            rf"! {_CALL} \|\| ",
            rf"{_CALL}(?:; | && )",
        )
    )
)


def added(name: str, quote: Quoting) -> str | None:
    """Give the text that adds a flag behind a word; None where nothing can be added in that quoting."""
    variable = VARIABLE_OF[name]
    if quote == "bare":
        return f' ${{{variable}:+"--{name}=${variable}"}}'
    text = f"${{{variable}:+ --{name}=${variable}}}"
    if quote == "single":
        return f"'\"{text}\"'"
    return text if quote in ("double", "document", "verbatim") else None


def around(name: str, quote: Quoting, old: str) -> tuple[str, str] | None:
    """Give what goes before and behind an old value, so that it stays as the fall-back; None where that is not safe."""
    if '"' in old or "`" in old or "\n" in old:
        return None
    if quote in ("double", "document", "verbatim"):
        return f'$(ackpatch_flag {name} "', '")'
    if quote == "bare" and not re.search(r"[\\'~*?\[]", old):
        return f'"$( ackpatch_flag {name} "', '" )"'
    if quote == "single" and not re.search(r"[\\$']", old):
        return f'\'"$( ackpatch_flag {name} "', '" )"\''
    return None


def call(role: str, config: str = "", keep: bool = False) -> str:
    """Give a call that stands in a line, before a statement with this role."""
    text = call_words(config, keep)
    if role == "and":
        return f"{text} && "
    return f"! {text} || " if role == "or" else f"{text}; "


def call_words(config: str = "", keep: bool = False) -> str:
    """Give the words of a call."""
    return "ackpatch_kubelet" + (f" config {config}" if config else "") + (' keep "$?"' if keep else "")


def undo(text: str) -> str:
    """Give the owner's text back for one piece."""
    match = PIECE.fullmatch(text)
    return "" if match is None else "".join(group or "" for group in match.groups())
