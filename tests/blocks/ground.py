"""Scripts that do nothing but call the block, and the same without it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

import pytest

from ackpatch.inserted.blocks import Kind, block

UNIT = "/etc/systemd/system/kubelet.service"
VALUES = {
    "ALIBABA_CLOUD_PROVIDER_ID": "cn-hangzhou.i-bp1",
    "ALIBABA_CLOUD_NODE_NAME": "cn-hangzhou.192.168.1.5",
    "ALIBABA_CLOUD_LABELS": "alibabacloud.com/nodepool-id=np1,zone=new",
    "ALIBABA_CLOUD_TAINTS": "gpu=true:NoSchedule,dedicated=new:NoSchedule",
}
START = "systemctl restart kubelet\n"
CALL = "ackpatch_kubelet\n"
SHELLS = {"bash": ["bash"], "bash --posix": ["bash", "--posix"], "dash": ["dash"], "busybox sh": ["busybox", "sh"]}
AWKS = {"mawk": ["mawk"], "gawk": ["gawk"], "busybox awk": ["busybox", "awk"], "original-awk": ["original-awk"]}


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def with_block(script: str, kind: Kind = Kind.CALL) -> bytes:
    """A script below the block."""
    return (block(kind) + script).encode()


@dataclass(frozen=True)
class Node:
    """What lies on a node before the script runs. ``refused``: a call has to end the script with one line."""

    files: dict[str, bytes] = field(default_factory=dict)
    family: str = "rpm+installed"
    refused: bool = False
