"""Each start and call has the line of the script that caused it, told by a second, traced run."""

import pytest

from ackpatch.rehearse import rehearse

UNIT = {"/etc/systemd/system/kubelet.service": b"[Service]\nExecStart=/usr/bin/kubelet\n"}


def start_lines(script: bytes, **more: object) -> list[int | None]:
    return [one.line for one in rehearse(script, files=UNIT, lines=True, **more).starts]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        (b"#!/bin/bash\n\nsystemctl restart kubelet\n", [3]),
        (b"#!/bin/sh -e\nsystemctl restart kubelet; /opt/kubernetes/bin/kubelet --v=2\n", [2, 2]),
        (b"f() {\n  systemctl restart kubelet\n}\n\nf\nf\n", [2, 2]),
        (b"systemctl restart \\\n   kubelet\n:\nsystemctl restart kubelet", [1, 4]),
        (b"for i in 1 2; do\n  if true; then\n    systemctl restart kubelet\n  fi\ndone", [3, 3]),
        (b"(\n:\nsystemctl restart kubelet) | tee /tmp/x", [3]),
        (b":\nx=$(systemctl restart kubelet)\n", [2]),
        (b"cat >/tmp/i.sh <<'EOF'\n:\n:\nsystemctl restart kubelet\nEOF\nbash /tmp/i.sh\n", [6]),
        (b"echo 'systemctl restart kubelet' >/tmp/i\n. /tmp/i\n", [2]),
        (b"\nsudo -n systemctl restart kubelet &\nwait\n", [2]),
        (b"\nxargs -n1 systemctl restart <<<kubelet\n", [2]),
        (b"set +x\nsystemctl restart kubelet\n", [2]),
        (b"mkdir /opt/a\ncd $_ && systemctl restart kubelet\n", [2]),
        (b"set -eu; IFS=0123456789\nset -f -C\nsystemctl restart kubelet\n", [3]),
    ],
)
def test_the_line_of_a_start(script: bytes, lines: list[int]) -> None:
    found = start_lines(script)
    assert [line for line in found if line is not None] == lines


def test_a_boot_has_no_line() -> None:
    unit = UNIT["/etc/systemd/system/kubelet.service"] + b"[Install]\nWantedBy=multi-user.target\n"
    files = {"/etc/systemd/system/kubelet.service": unit}
    (start,) = rehearse(b"systemctl enable kubelet", files=files, lines=True).starts
    assert (start.how, start.line) == ("boot", None)


def test_calls_have_lines_and_the_judged_run_is_not_the_traced_one() -> None:
    rehearsal = rehearse(b'mkdir -p /opt/a\necho "$-" >/opt/a/b\nenv >/opt/a/c\n', lines=True)
    assert [(call.argv[0], call.line) for call in rehearsal.calls] == [("mkdir", 1), ("env", 3)]
    assert b"x" not in rehearsal.files["/opt/a/b"].content
    assert b"BASH_ENV" not in rehearsal.files["/opt/a/c"].content
    assert rehearsal.stderr == b""


def test_another_interpreter_has_no_lines() -> None:
    assert rehearse(b"#!/usr/bin/env cat\nx\n", lines=True).exit_status == 0
