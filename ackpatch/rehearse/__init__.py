"""Rehearsal: run a bootstrap script in a throw-away root and see which command lines kubelet would get."""

from ackpatch.rehearse.canonical import canonical_calls
from ackpatch.rehearse.node_view import NodeView, view
from ackpatch.rehearse.result import Call, FileState, KubeletStart, Rehearsal
from ackpatch.rehearse.run import rehearse

__all__ = [
    "Call",
    "FileState",
    "KubeletStart",
    "NodeView",
    "Rehearsal",
    "canonical_calls",
    "rehearse",
    "view",
]
