"""The page that compares the documented manual recipe with ackpatch, state by state, by rehearsing both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ackpatch
from ackpatch.rehearse import rehearse
from ackpatch.rehearse.verdict import VALUES, judge_start
from ackpatch.rehearse.why import why_it_matters

ROOT = Path(__file__).parent.parent
FILE = "/etc/sysconfig/kubelet"
FAMILY = "rpm+installed"
START = b"systemctl daemon-reload\nsystemctl restart kubelet\n"
JOIN = b"kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification\n"
# The state of the file in words, its content (None: no file), what stands before the recipe, what starts kubelet.
STATES: tuple[tuple[str, bytes | None, bytes, bytes], ...] = (
    ("as the package leaves it", b"KUBELET_EXTRA_ARGS=\n", b"", START),
    ("a value without quotes", b"KUBELET_EXTRA_ARGS=--v=2 --max-pods=50\n", b"", START),
    ("missing", None, b"", START),
    ("empty", b"", b"", START),
    ("only a comment", b"# KUBELET_EXTRA_ARGS=--v=2\n", b"", START),
    ("exported", b"export KUBELET_EXTRA_ARGS=--v=2\n", b"", START),
    ("empty quotes", b'KUBELET_EXTRA_ARGS=""\n', b"", START),
    ("a quoted value", b'KUBELET_EXTRA_ARGS="--v=2 --max-pods=50"\n', b"", START),
    ("labels there already", b"KUBELET_EXTRA_ARGS=--node-labels=workload=old,rack=r1\n", b"", START),
    ("the space form", b"KUBELET_EXTRA_ARGS=--node-labels rack=r1\n", b"", START),
    ("the option's name in a comment", b"# --node-labels=a=b is an example\nKUBELET_EXTRA_ARGS=\n", b"", START),
    ("a taint there already", b"KUBELET_EXTRA_ARGS=--register-with-taints=dedicated=a:NoSchedule\n", b"", START),
    ("the same taint there already", b"KUBELET_EXTRA_ARGS=--register-with-taints=pool=old:NoSchedule\n", b"", START),
    ("a node name there already", b"KUBELET_EXTRA_ARGS=--hostname-override=old.example.com\n", b"", START),
    ("a provider ID there already", b"KUBELET_EXTRA_ARGS=--provider-id=aws:///i-0\n", b"", START),
    ("assigned twice", b"KUBELET_EXTRA_ARGS=--v=1\nKUBELET_EXTRA_ARGS=--v=2\n", b"", START),
    ("as the package leaves it, then kubeadm join", b"KUBELET_EXTRA_ARGS=\n", b"", JOIN),
    ("as the package leaves it, under set -u with no taints", b"KUBELET_EXTRA_ARGS=\n", b"set -u\n", START),
)
HEAD = """# The manual recipe, rehearsed
The documented way is a block that edits `/etc/sysconfig/kubelet` by `sed`. Here it ran on many states of that file, and
what kubelet would get is judged as `ackpatch rehearse` judges it: on a node with the packages of an RPM installation,
with all four variables set (in the last row without `ALIBABA_CLOUD_TAINTS`). The last column is the same script,
without the recipe, after `ackpatch apply`. `python tools/write_docs.py` writes this page, and CI fails when it is not
current.

| the file before | the recipe gives | ackpatch gives |
|---|---|---|
"""


def recipe() -> bytes:
    """The documented block as the project's fixture has it."""
    text = (ROOT / "fixtures" / "kubeadm" / "manual-block" / "original.sh").read_bytes()
    start, end = text.index(b"####### Begin:"), text.index(b"####### End:")
    return text[start : text.index(b"\n", end) + 1]


def recipe_page() -> str:
    """Rehearse each state both ways and give the page."""
    block = recipe()
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda state: _row(block, *state), STATES))
    return HEAD + "\n".join(rows) + "\n"


def _row(block: bytes, name: str, content: bytes | None, before: bytes, start: bytes) -> str:
    values = {**VALUES, "ALIBABA_CLOUD_TAINTS": ""} if before else VALUES
    given = {key: value for key, value in values.items() if value}
    prepare = b"#!/bin/bash\n" + before + (b"" if content is not None else f"rm -f {FILE}\n".encode())
    files = {FILE: content} if content is not None else {}
    bare = rehearse(prepare + start, family=FAMILY, files=files)
    results = []
    for script in (prepare + block + start, ackpatch.patch(prepare + start).patched):
        run = rehearse(script, family=FAMILY, files=files, env=given)
        pairs = zip(run.starts, bare.starts, strict=False)
        reasons = [reason for one, old in pairs for reason in judge_start(one, given, old)]
        results.append(_told(run.exit_status, reasons, bool(run.starts)))
    shown = "" if content is None else "<br>" + _code(content.decode())
    return f"| {name}{shown} | {results[0]} | {results[1]} |"


def _told(status: int | None, reasons: list[str], started: bool) -> str:
    told = [f"the script ends with status {status}"] if status else []
    if not started:
        return "**kubelet is never started**: " + "; ".join(told)
    if all(
        any(reason.startswith(word) for reason in reasons) for word in ("--provider-id", "--host", "label", "taint")
    ):
        return "none of the four values"
    explained: set[str] = set()
    for reason in dict.fromkeys(reasons):
        why = why_it_matters(reason)
        told.append(_escaped(reason) + (f" ({why})" if why and why not in explained else ""))
        explained.add(why)
    return "; ".join(told) if told else "all four, nothing lost"


def _code(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    return "<br>".join(f"`{line}`" if line else "(an empty file)" for line in lines).replace("|", "\\|")


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
