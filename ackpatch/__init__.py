"""ackpatch: gives a node-bootstrap shell script the four values that an ACK One registered cluster injects."""

from __future__ import annotations

# typing takes longer to import than all that --version needs; type checkers know the name.
TYPE_CHECKING = False

__version__ = "0.1.0"
__all__ = [
    "AckpatchError",
    "Edit",
    "Event",
    "EventKind",
    "Finding",
    "PatchResult",
    "Proof",
    "RehearsalError",
    "Severity",
    "Span",
    "Understanding",
    "__version__",
    "check",
    "inspect",
    "patch",
    "prove",
    "revert",
]

if TYPE_CHECKING:
    from typing import Any

    from ackpatch.api import PatchResult, check, inspect, patch, prove, revert
    from ackpatch.errors import AckpatchError, RehearsalError
    from ackpatch.model import Edit, Event, EventKind, Finding, Severity, Span, Understanding
    from ackpatch.rehearse.proof import Proof

_HOME = {
    **dict.fromkeys(("PatchResult", "check", "inspect", "patch", "prove", "revert"), "ackpatch.api"),
    **dict.fromkeys(("Edit", "Event", "EventKind", "Finding", "Severity", "Span", "Understanding"), "ackpatch.model"),
    **dict.fromkeys(("AckpatchError", "RehearsalError"), "ackpatch.errors"),
    "Proof": "ackpatch.rehearse.proof",
}


def __getattr__(name: str) -> Any:
    """Load a public name at its first use; start-up time is a feature."""
    if name not in _HOME:
        raise AttributeError(f"module 'ackpatch' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
