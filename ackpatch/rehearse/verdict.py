"""Judges rehearsals: does every start carry the four values, and is nothing else changed?

A verdict is a list of reasons; an empty one is good. It knows nothing of how a script was patched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ackpatch.rehearse.canonical import canonical_calls
from ackpatch.rehearse.node_view import NodeView, view
from ackpatch.rehearse.result import KubeletStart, Rehearsal

VALUES = {
    "ALIBABA_CLOUD_PROVIDER_ID": "cn-shenzhen.i-wz9abcdefgh0123456",
    "ALIBABA_CLOUD_NODE_NAME": "cn-shenzhen.192.168.1.5",
    "ALIBABA_CLOUD_LABELS": "alibabacloud.com/nodepool-id=np0123456789,workload=batch",
    "ALIBABA_CLOUD_TAINTS": "pool=elastic:NoSchedule",
}
FLAGS = ("--provider-id", "--hostname-override", "--node-labels", "--register-with-taints")


def judge_start(start: KubeletStart, values: Mapping[str, str], before: KubeletStart | None) -> list[str]:
    """Give what is wrong with a start that should carry the values; ``before`` is the same start without them."""
    if start.error is not None:
        return [start.error]
    seen = view(start.argv)
    wrong = [] if seen.exits is None else [f"kubelet would exit: {seen.exits}"]
    wrong += _four(seen, values)
    wrong += _twice(seen, start)
    if start.how.startswith("kubeadm") and start.node_name != values["ALIBABA_CLOUD_NODE_NAME"]:
        wrong.append(f"kubeadm waits for a node named {start.node_name}")
    if before is not None and before.error is None:
        wrong += _lost(before.argv, start.argv, seen)
    return wrong


def _four(seen: NodeView, values: Mapping[str, str]) -> list[str]:
    wrong = []
    if seen.provider_id != values["ALIBABA_CLOUD_PROVIDER_ID"]:
        wrong.append(f"--provider-id is {seen.provider_id}")
    if seen.hostname_override != values["ALIBABA_CLOUD_NODE_NAME"]:
        wrong.append(f"--hostname-override is {seen.hostname_override}")
    for label in values["ALIBABA_CLOUD_LABELS"].split(","):
        key, value = label.split("=")
        if seen.labels.get(key) != value:
            wrong.append(f"label {key} is {seen.labels.get(key)}")
    wrong += [f"taint {one} is missing" for one in values["ALIBABA_CLOUD_TAINTS"].split(",") if one not in seen.taints]
    return wrong


def _twice(seen: NodeView, start: KubeletStart) -> list[str]:
    """Name the flags that are given more than once; beside kubeadm's own variables a second use is kubeadm's."""
    if any(word.startswith("--bootstrap-kubeconfig") for word in start.argv):
        return []
    return [f"{name} is given {count} times" for name, count in seen.counts.items() if count > 1 and name in FLAGS]


def _lost(before: Sequence[str], after: Sequence[str], seen: NodeView) -> list[str]:
    old = view(before)
    lost = [f"label {key} is lost" for key in old.labels if key not in seen.labels]
    kept = {_taint_key(one) for one in seen.taints}
    lost += [f"taint {one} is lost" for one in old.taints if _taint_key(one) not in kept]
    if old.node_ip != seen.node_ip and not (seen.hostname_override or "").endswith(f".{seen.node_ip}"):
        lost.append(f"--node-ip was {old.node_ip} and is {seen.node_ip}")
    if others(before) != others(after):
        lost.append(f"other arguments were {others(before)} and are {others(after)}")
    return lost


def _taint_key(taint: str) -> tuple[str, str]:
    """Two taints are one when key and effect agree."""
    return taint.split("=")[0].split(":")[0], taint.rsplit(":", 1)[-1]


def others(argv: Sequence[str]) -> list[str]:
    """Give the arguments that are none of the four flags, nor --node-ip."""
    kept, skip = [], False
    for word in argv:
        name = word.split("=", 1)[0].replace("_", "-") if word.startswith("--") else ""
        if skip:
            skip = False
        elif name in (*FLAGS, "--node-ip"):
            skip = "=" not in word
        else:
            kept.append(word)
    return kept


def judge_same(
    original: Rehearsal, patched: Rehearsal, clean: Callable[[bytes], bytes], ordered: bool = True
) -> list[str]:
    """Give what a run of the patched script without values did otherwise than the original.

    ``clean`` takes the patcher's edits out of an inner script before it is compared. ``ordered`` is False for a script
    that runs commands in the background, whose order no two runs share.
    """
    wrong = []
    if original.exit_status != patched.exit_status:
        wrong.append(f"exit status {original.exit_status} became {patched.exit_status}")
    if [one.argv for one in original.starts] != [one.argv for one in patched.starts]:
        wrong.append("kubelet's command lines differ")
    if _calls(original, clean, ordered) != _calls(patched, clean, ordered):
        wrong.append("other commands ran, or in another order")
    for path in sorted({*original.files, *patched.files}):
        one, other = original.files.get(path), patched.files.get(path)
        if path.endswith(".pid"):
            continue
        if one is None or other is None:
            wrong.append(f"only one of the two left {path}")
        elif (one.mode, one.link, one.content) != (other.mode, other.link, clean(other.content)):
            wrong.append(f"{path} differs")
    return wrong


def _calls(rehearsal: Rehearsal, clean: Callable[[bytes], bytes], ordered: bool) -> object:
    in_order, counted = canonical_calls(rehearsal)
    tools = [_clean_words(argv, clean) for argv in in_order] if ordered else []
    return tools, sorted((_clean_words(argv, clean), count) for argv, count in counted)


def _clean_words(argv: Sequence[str], clean: Callable[[bytes], bytes]) -> tuple[str, ...]:
    return tuple(clean(word.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape") for word in argv)
