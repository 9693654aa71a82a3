"""Many calls beside a busy machine: not one fails. ``ACKPATCH_STRESS`` gives the number; 2,000 were run by hand."""

from __future__ import annotations

import os
import subprocess
import sys

from ackpatch.rehearse import rehearse

from .ground import CALL, VALUES, with_block

CALLS = int(os.environ.get("ACKPATCH_STRESS", "20"))
BUSY = [sys.executable, "-c", "while True: pass"]
EACH = """\
set -Eeuo pipefail
trap 'echo failed' ERR
for number in $(seq %d); do
    rm -f /etc/systemd/system/kubelet.service.d/zz-ackpatch.conf
    printf 'KUBELET_EXTRA_ARGS=--v=%%s\\n' "$number" >/etc/sysconfig/kubelet
    %s    grep -q -- "--v=$number --provider-id=cn-hangzhou.i-bp1" /etc/sysconfig/kubelet && echo given
done
"""


def test_no_call_fails_beside_a_busy_loop() -> None:
    busy = [subprocess.Popen(BUSY) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        script = with_block(EACH % (CALLS, CALL))
        run = rehearse(script, env=VALUES, family="rpm+installed", timeout=60 + CALLS)
    finally:
        for one in busy:
            one.kill()
            one.wait()
    assert (run.exit_status, run.stdout.split()) == (0, [b"given"] * CALLS), run.stderr[-300:]
