"""Inputs that nobody would write: fixtures mutated, cut, spliced and nested; and what must hold for each of them.

Usage: python -m tests.attack COUNT [FIRST-SEED]
"""

from __future__ import annotations

import random
import sys
import time
from functools import cache

import ackpatch
from tests.fixtures import ROOT

SLOW = 20.0  # seconds for one input, which has a few kilobytes
_PIECES = [
    b"'", b'"', b"`", b"$(", b")", b"${", b"}", b"$((", b"))", b"{", b"(", b"<<EOF\n", b"<<-'E'\n", b"EOF\n", b"\\", b"\\\n",
    b" && ", b" || ", b" | ", b" & ", b"; ", b"\n", b"if ", b"then ", b"fi\n", b"for i in ", b"do ", b"done\n", b"case x in ",
    b"esac\n", b"() {\n", b"function f ", b"kubelet", b"kubeadm join ", b"systemctl restart kubelet", b"systemctl enable --now ",
    b"ackpatch_kubelet ", b"# ackpatch: here\n", b"# ackpatch: ignore\n", b"# ackpatch:2 begin call\n", b"\x00", b"\xff", b"\xc3\xa9",
    b"\r\n", b"\t", b"$0", b"$@", b"$KUBELET_EXTRA_ARGS", b"ExecStart=", b"/etc/default/kubelet", b"trap ", b"eval ", b"bash -c ",
    b"exec ", b"source ", b"[[ ", b" ]]", b"=(", b"+=", b"!", b"*", b"~", b"{a,b}", b"\x1b[31m", b"::error::", b"\xef\xbb\xbf", b"#",
]  # fmt: skip


@cache
def _seeds() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(ROOT.rglob("*.sh")) if path.name != "patched.sh")


def made(seed: int) -> bytes:
    """The input of a seed."""
    rng = random.Random(seed)
    data = rng.choice(_seeds())
    for _ in range(rng.randint(1, 8)):
        at, other = rng.randint(0, len(data)), rng.randint(0, len(data))
        low, high = min(at, other), min(max(at, other), min(at, other) + 200)
        match rng.randrange(8):
            case 0:
                data = data[:at] + rng.choice(_PIECES) + data[at:]
            case 1:
                data = data[:low] + data[high:]
            case 2:
                data = data[:at] + data[low:high] * rng.randint(1, 4) + data[at:]
            case 3:
                data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
            case 4:
                lines = data.split(b"\n")
                rng.shuffle(lines)
                data = b"\n".join(lines)
            case 5:
                data = data[:at] + rng.choice(_seeds())[:400] + data[at:]
            case 6:
                piece = rng.choice(_PIECES)
                data = data[:at] + piece * rng.randint(2, 40) + data[at:]
            case _:
                opened, closed = rng.choice(
                    [(b"if true; then\n", b"fi\n"), (b"( ", b")\n"), (b"while x; do ", b"done\n"), (b"f() { ", b"}\n")]
                )
                count = rng.randint(1, 30)
                data = data[:low] + opened * count + data[low:high] + closed * count + data[high:]
    return data


def fault(data: bytes) -> str:
    """Say what does not hold for an input; empty where all does."""
    began = time.monotonic()
    result = ackpatch.patch(data)
    if time.monotonic() - began > SLOW:
        return "it took too long"
    if result.errors and result.changed:
        return "an error, and changed all the same"
    if any(not 1 <= one.line <= data.count(b"\n") + 1 for one in result.findings):
        return "a finding outside the text"
    if not result.changed:
        return ""
    back = ackpatch.revert(result.patched)
    original = ackpatch.revert(data)
    if back.patched != original.patched:
        return "the original does not come back"
    again = ackpatch.patch(result.patched)
    if again.patched != result.patched:
        return "a second apply changes it"
    if any(one.code.startswith("ACK101") for one in again.findings if one.fixable):
        return "patched, and check still sees a bare start"
    return ""


def main() -> None:
    count, first = int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 0
    bad = 0
    for seed in range(first, first + count):
        try:
            wrong = fault(made(seed))
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            bad += 1
            print(f"{seed}: {wrong}", flush=True)
    print(f"{count} inputs, {bad} with a fault")


if __name__ == "__main__":
    main()
