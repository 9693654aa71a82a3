"""Judges rehearsals: does every start carry the four values, and is nothing else changed?

A verdict is a list of reasons; an empty one is good. It knows nothing of how a script was patched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from ackpatch.node import kubeadm_config
from ackpatch.node.label_rules import label_problem
from ackpatch.rehearse.canonical import canonical_calls
from ackpatch.rehearse.node_view import NodeView, view
from ackpatch.rehearse.result import KubeletStart, Rehearsal

VALUES = {
    "ALIBABA_CLOUD_PROVIDER_ID": "cn-shenzhen.i-wz9abcdefgh0123456",
    "ALIBABA_CLOUD_NODE_NAME": "cn-shenzhen.192.168.1.5",
    "ALIBABA_CLOUD_LABELS": "alibabacloud.com/nodepool-id=np0123456789,workload=batch",
    "ALIBABA_CLOUD_TAINTS": "pool=elastic:NoSchedule",
}
DISORDER = "other commands ran"
_LINE_NUMBER = re.compile(rb"\bline \d+")
_LINE_WORDS = re.compile(r"\bline \d+")
FLAGS = ("--provider-id", "--hostname-override", "--node-labels", "--register-with-taints")


def judge_start(start: KubeletStart, values: Mapping[str, str], before: KubeletStart | None) -> list[str]:
    """What is wrong with a start that should carry the values; ``before`` is the same start without them.

    A variable that ``values`` lacks, or has empty, asks for nothing: what kubelet got without it has to stay.
    """
    if start.error is not None:
        return [start.error]
    seen = view(start.argv)
    old = view(before.argv) if before is not None and before.error is None else None
    wrong = [] if seen.exits is None else [f"kubelet would exit: {seen.exits}"]
    wrong += _four(seen, values, old)
    wrong += _twice(seen)
    name = values.get("ALIBABA_CLOUD_NODE_NAME")
    if name and start.how.startswith("kubeadm") and start.node_name != name:
        wrong.append(f"kubeadm waits for a node named {start.node_name}")
    if before is not None and old is not None:
        wrong += _lost(before.argv, start.argv, seen)
    return wrong


def judge_config(start: KubeletStart, files: Mapping[str, bytes]) -> list[str]:
    """The taints of kubelet's own configuration that the flag has replaced; ``files`` are those of the node."""
    path = next((word.partition("=")[2] for word in start.argv if word.startswith("--config=")), "")
    if path not in files or start.error is not None:
        return []
    kept, config = view(start.argv).taints, files[path].decode("utf-8", "replace")
    keys = {_taint_key(one) for one in kept}
    lost = [one for one in kubeadm_config.kubelet_taints(config) if kept and _taint_key(one) not in keys]
    return [f"taint {one} of {path} is lost" for one in lost]


def joins_nothing(start: KubeletStart, there: Collection[str]) -> bool:
    """Say whether a start is one of a package's kubelet that no join has configured: it would exit, and start again."""
    path = "/var/lib/kubelet/config.yaml"
    named = any(word == f"--config={path}" for word in start.argv)
    return named and path not in there and not start.how.startswith("kubeadm")


def _four(seen: NodeView, values: Mapping[str, str], old: NodeView | None) -> list[str]:
    wrong = []
    for variable, flag, got, kept in (
        ("ALIBABA_CLOUD_PROVIDER_ID", "--provider-id", seen.provider_id, old and old.provider_id),
        ("ALIBABA_CLOUD_NODE_NAME", "--hostname-override", seen.hostname_override, old and old.hostname_override),
    ):
        wanted = values.get(variable) or (got if old is None else kept)
        if got != wanted:
            wrong.append(f"{flag} is {_shown(got)}")
    for label in filter(None, (values.get("ALIBABA_CLOUD_LABELS") or "").split(",")):
        key, _, value = label.partition("=")
        # A label that kubelet would refuse is left out on purpose: with it kubelet would not start.
        if seen.labels.get(key) != value and label_problem(key, value) is None:
            wrong.append(f"label {key} is {_shown(seen.labels.get(key))}")
    wanted_taints = filter(None, (values.get("ALIBABA_CLOUD_TAINTS") or "").split(","))
    wrong += [f"taint {one} is missing" for one in wanted_taints if one not in seen.taints]
    return wrong


def _shown(value: str | None) -> str:
    return "not given" if value is None else value


def _twice(seen: NodeView) -> list[str]:
    """Name the taints that are given twice: two of one key and effect stop kubelet."""
    keys = [_taint_key(one) for one in seen.taints]
    return [f"taint {one} is given twice" for one, key in zip(seen.taints, keys, strict=True) if keys.count(key) > 1]


def _lost(before: Sequence[str], after: Sequence[str], seen: NodeView) -> list[str]:
    old = view(before)
    lost = [f"label {key} is lost" for key in old.labels if key not in seen.labels]
    kept = {_taint_key(one) for one in seen.taints}
    lost += [f"taint {one} is lost" for one in old.taints if _taint_key(one) not in kept]
    if old.node_ip != seen.node_ip and not (seen.hostname_override or "").endswith(f".{seen.node_ip}"):
        lost.append(f"--node-ip was {old.node_ip} and is {seen.node_ip}")
    old_others, new_others = others(before), others(after)
    gone = [word for word in old_others if word not in new_others]
    come = [word for word in new_others if word not in old_others]
    if gone or come:
        lost.append(f"other arguments changed: {_listed(gone)} became {_listed(come)}")
    elif old_others != new_others:
        lost.append(f"other arguments changed: {_listed(old_others)} became {_listed(new_others)}")
    return lost


def _listed(words: Sequence[str]) -> str:
    return " ".join(f"'{word}'" if not word or " " in word else word for word in words) or "nothing"


def _taint_key(taint: str) -> tuple[str, str]:
    """Two taints are one when key and effect agree."""
    return taint.split("=")[0].split(":")[0], taint.rsplit(":", 1)[-1]


def others(argv: Sequence[str]) -> list[str]:
    """The arguments that are none of the four flags, nor --node-ip."""
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
    """What a run of the patched script without values did otherwise than the original.

    ``clean`` takes the patcher's edits out of an inner script before it is compared. ``ordered`` is False for a script
    that runs commands in the background, whose order no two runs share.
    """
    wrong = []
    if original.exit_status != patched.exit_status:
        wrong.append(f"exit status {original.exit_status} became {patched.exit_status}")
    if [one.argv for one in original.starts] != [one.argv for one in patched.starts]:
        wrong.append("kubelet's command lines differ")
    wrong += _other_calls(original, patched, clean, ordered)
    wrong += [f"only one of the two removed {path}" for path in sorted(original.removed ^ patched.removed)]
    for path in sorted({*original.files, *patched.files}):
        one, other = original.files.get(path), patched.files.get(path)
        if path.endswith(".pid"):
            continue
        if one is None or other is None:
            wrong.append(f"only one of the two left {path}")
        elif (one.mode, one.link) != (other.mode, other.link) or not _alike(one.content, clean(other.content)):
            wrong.append(f"{path} differs")
    return wrong


def _alike(one: bytes, other: bytes) -> bool:
    """Compare two texts; where they differ, without what tells a line's number: traces of set -x, messages of bash."""
    return one == other or _placeless(one) == _placeless(other)


def _placeless(text: bytes) -> bytes:
    kept = [line for line in text.split(b"\n") if not line.startswith(b"+")]
    return _LINE_NUMBER.sub(b"line N", b"\n".join(kept))


def _other_calls(original: Rehearsal, patched: Rehearsal, clean: Callable[[bytes], bytes], ordered: bool) -> list[str]:
    """Tell that other commands ran, and the first one that only one of the two has."""
    (tools, mine), (other_tools, others) = (_calls(run, clean, ordered) for run in (original, patched))
    if (tools, mine) == (other_tools, others):
        return []
    only = sorted(set(mine) ^ set(others))
    if not only:
        return [f"{DISORDER}: the same ones, but in another order"]
    words, _ = only[0]
    return [f"{DISORDER}: for example {' '.join(words)[:120]}"]


def _calls(
    rehearsal: Rehearsal, clean: Callable[[bytes], bytes], ordered: bool
) -> tuple[list[tuple[str, ...]], list[tuple[tuple[str, ...], int]]]:
    in_order, counted = canonical_calls(rehearsal)
    tools = [_clean_words(argv, clean) for argv in in_order] if ordered else []
    return tools, sorted((_clean_words(argv, clean), count) for argv, count in counted)


def _clean_words(argv: Sequence[str], clean: Callable[[bytes], bytes]) -> tuple[str, ...]:
    cleaned = [clean(word.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape") for word in argv]
    return tuple(_LINE_WORDS.sub("line N", word) for word in cleaned)
