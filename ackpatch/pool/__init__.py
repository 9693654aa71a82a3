"""From a cluster to a registered script, as a library: collect, new, upload, register, publish.

Each verb takes plain values and gives one; what it cannot do is an AckpatchError with one clear line.
"""

from __future__ import annotations

from ackpatch.bootstrap.script import NodeSetup
from ackpatch.bootstrap.values import Values
from ackpatch.kubectl import Kubectl
from ackpatch.pool.cluster import collect, new, register, registered
from ackpatch.pool.publishing import Published, Publishing, not_done, publish
from ackpatch.pool.uploading import Sent, Uploading, upload
from ackpatch.publish.places import Where

__all__ = [
    "Kubectl",
    "NodeSetup",
    "Published",
    "Publishing",
    "Sent",
    "Uploading",
    "Values",
    "Where",
    "collect",
    "new",
    "not_done",
    "publish",
    "register",
    "registered",
    "upload",
]
