"""Which way: what decides is what kubelet will read, an environment file or only its ExecStart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal as OneOf

from ackpatch.node.boot import Boot, Mark
from ackpatch.node.unit import read_unit
from ackpatch.shell.values import UNKNOWN

_READS_FILE = re.compile(r"KUBELET_EXTRA_ARGS")
Runtime = OneOf["kubeadm", "binary", "either"]


@dataclass(frozen=True, slots=True)
class Mode:
    """``runtime`` picks the block: ``either`` decides on the node. ``why`` is for people."""

    runtime: Runtime
    why: str

    @property
    def name(self) -> str:
        """The mode in the user's terms."""
        return "auto" if self.runtime == "either" else self.runtime


def decide_mode(boot: Boot, asked: str = "auto") -> Mode:
    """Decide from what the script does; ``asked`` (kubeadm or binary) wins."""
    if asked == "kubeadm" or asked == "binary":
        return Mode("kubeadm" if asked == "kubeadm" else "binary", f"--mode {asked} was given")
    writes = [mark for mark in boot.marks if mark.kind == "write"]
    own = [mark for mark in writes if mark.file in ("unit", "drop-in") and _has_exec_start(mark)]
    drop_in = next((mark for mark in reversed(own) if mark.file == "drop-in"), None)
    kubeadm = _kubeadm_evidence(boot, writes)
    if kubeadm:
        if drop_in is not None and not _reads_file(drop_in):
            return Mode("binary", f"{drop_in.what} sets an ExecStart that reads no KUBELET_EXTRA_ARGS")
        foreign = next((mark for mark in writes if mark.file in ("unit", "drop-in") and _is_foreign(mark)), None)
        if foreign is not None:
            return Mode("either", f"{kubeadm}, but {foreign.what}, so the node decides when it runs")
        return Mode("kubeadm", kubeadm)
    if own:
        return Mode("binary", f"{own[-1].what} sets kubelet's ExecStart")
    if any(mark.kind == "direct" for mark in boot.marks):
        return Mode("binary", "kubelet is run directly")
    environment = next((mark for mark in writes if mark.file == "environment"), None)
    if environment is not None and _has_extra_args(environment):
        return Mode("kubeadm", f"{environment.what} is the file that kubeadm's kubelet reads")
    if environment is None and any(mark.file == "unit" for mark in writes):
        return Mode("binary", "kubelet's unit comes from elsewhere, with no kubeadm")
    return Mode("either", "the script does not tell how kubelet was installed; the node decides when it runs")


def _kubeadm_evidence(boot: Boot, writes: list[Mark]) -> str:
    join = next((mark for mark in boot.marks if mark.kind in ("join", "init")), None)
    if join is not None:
        return f"the script runs {join.what}"
    if boot.kubeadm_words:
        return "the script runs kubeadm"
    package = next((mark for mark in writes if mark.file == "package"), None)
    return "the script installs kubelet's packages" if package is not None and package.what != "tar" else ""


def _is_foreign(mark: Mark) -> bool:
    """Say whether a unit or drop-in has text that is not in the script."""
    return mark.written is not None and mark.written.content is None and mark.written.how != "rm"


def _has_extra_args(mark: Mark) -> bool:
    """Say whether a write of the environment file may concern KUBELET_EXTRA_ARGS."""
    content = mark.written.content if mark.written else None
    return content is None or "KUBELET_EXTRA_ARGS" in content.text or UNKNOWN in content.text


def _has_exec_start(mark: Mark) -> bool:
    content = mark.written.content if mark.written else None
    return content is not None and bool(read_unit(content.text).exec_starts)


def _reads_file(mark: Mark) -> bool:
    assert mark.written is not None and mark.written.content is not None
    text = mark.written.content.text
    unit = read_unit(text)
    setting = unit.exec_starts[-1]
    reads = _READS_FILE.search(text, setting.start, setting.end)
    return reads is not None and any(
        path.endswith(("sysconfig/kubelet", "default/kubelet")) for path in unit.environment_files
    )
