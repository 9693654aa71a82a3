"""Taints that a script gives kubelet in kubeadm's or kubelet's own configuration files."""

from __future__ import annotations

import re

from ackpatch.node import kubeadm_config
from ackpatch.node.boot import Boot
from ackpatch.node.mark import Mark

_TAINT = re.compile(r"[\w./-]+(?:=[\w.-]*)?:(?:NoSchedule|PreferNoSchedule|NoExecute)")


def taints_of(boot: Boot) -> tuple[str, ...]:
    """The taints of the configurations that a script writes, as ``key=value:Effect``, where they are constant.

    kubeadm hands those of its own to kubelet in --register-with-taints, of which the last one replaces all, those of
    kubelet's own configuration too.
    """
    written = [mark for mark in boot.marks if mark.file in ("join-config", "kubelet-config")]
    found = [taint for mark in written for taint in _all_of(mark)]
    return tuple(dict.fromkeys(one for one in found if _TAINT.fullmatch(one)))


def has_unknown_taints(mark: Mark) -> bool:
    """Say whether a configuration that a script writes holds taints that only a run can tell."""
    return any(not _TAINT.fullmatch(one) for one in _all_of(mark))


def _all_of(mark: Mark) -> list[str]:
    content = mark.written.content if mark.written else None
    if content is None:
        return []
    text = content.resolved().text
    flags = kubeadm_config.read(text).flags
    return [*filter(None, flags.get("register-with-taints", "").split(",")), *kubeadm_config.kubelet_taints(text)]
