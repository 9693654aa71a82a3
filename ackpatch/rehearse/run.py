"""Runs one rehearsal: plans the root, starts the supervisor, reads what comes out of it."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ackpatch.errors import RehearsalError
from ackpatch.rehearse import boot, conversation, layout, record
from ackpatch.rehearse.result import FileState, Rehearsal

ROOT_MEGABYTES = 64
# The process limit does not bind real root; inside, root is an ordinary user of the machine, so it holds.
LIMITS = {"RLIMIT_FSIZE": 64 * 1024 * 1024, "RLIMIT_NPROC": 256, "RLIMIT_AS": 2 * 1024**3, "RLIMIT_CORE": 0}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SCRIPT = "/root/bootstrap.sh"
# How much longer than the time-out the supervisor may take before it is killed from outside.
SPARE_SECONDS = 10.0


def rehearse(
    script: bytes,
    *,
    env: Mapping[str, str] | None = None,
    family: str = "rpm",
    args: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    shell: Sequence[str] | None = None,
    systemd: int = 252,
    timeout: float = 20.0,
) -> Rehearsal:
    """Run ``script`` in a throw-away root and work out each kubelet command line.

    ``env`` is all that the script sees beside PATH, HOME and LANG. ``family`` is ``rpm``, ``deb`` or ``binary``, with
    ``+installed`` when kubelet and kubeadm are there from the start. ``files`` are put into the root first; a key
    that begins with ``http`` is what that URL holds, a content that begins with ``#!kubelet`` becomes a kubelet.
    ``shell`` is the command that runs the script (default: its shebang's, else bash). ``timeout`` is in seconds.
    Raises RehearsalError when the rehearsal cannot be run at all.
    """
    tree = layout.plan(family, {**(files or {}), SCRIPT: script})
    spec = {
        "tree": tree.to_plain(),
        "systemd": systemd,
        "argv": [*interpreter(script, shell), SCRIPT, *args],
        "env": {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", **(env or {})},
        "folder": "/root",
        "limits": {**LIMITS, "RLIMIT_CPU": int(timeout) + 1},
        "megabytes": ROOT_MEGABYTES,
        "timeout": timeout,
    }
    answer, stdout, stderr = _supervise(spec)
    return Rehearsal(
        starts=record.starts(answer["log"], answer["snapshots"], systemd),
        calls=record.calls(answer["log"]),
        exit_status=answer["status"],
        timed_out=answer["timed_out"],
        stdout=stdout,
        stderr=stderr,
        files={path: FileState(*state) for path, state in answer["files"].items()},
    )


def interpreter(script: bytes, shell: Sequence[str] | None) -> list[str]:
    """The command before the script's path: ``shell``, else what the shebang says, else bash.

    Empty when the shebang names something that is no shell known here: the kernel then decides, as it does on a node.
    """
    if shell is not None:
        return list(shell)
    first, _, _ = script.partition(b"\n")
    if not first.startswith(b"#!"):
        return ["bash"]
    words = os.fsdecode(first[2:]).strip().split(None, 1)
    if words[:1] == ["/usr/bin/env"] and len(words) > 1:
        words = words[1].split(None, 1)
    name = os.path.basename(words[0]) if words else ""
    return [name, *words[1:]] if name in ("bash", "sh", "dash") else []


def _supervise(spec: dict[str, Any]) -> tuple[dict[str, Any], bytes, bytes]:
    """Hand the specification to a supervisor; the result is its answer and the script's two outputs."""
    result_read, result_write = os.pipe()
    spec["result"] = result_write
    pipe = subprocess.PIPE
    with subprocess.Popen(
        boot.command(), stdin=pipe, stdout=pipe, stderr=pipe, pass_fds=(result_write,), env={}, bufsize=0
    ) as process:
        os.close(result_write)
        try:
            talk = conversation.Conversation(process, result_read, spec)
            talk.hold(time.monotonic() + spec["timeout"] + SPARE_SECONDS)
        finally:
            process.kill()
            os.close(result_read)
    if talk.result is None:
        text = talk.stderr.decode(errors="replace").strip()
        raise RehearsalError(f"the rehearsal ended without a result: {text}")
    if "error" in talk.result:
        raise RehearsalError(talk.result["error"])
    return talk.result, bytes(talk.stdout), bytes(talk.stderr)
