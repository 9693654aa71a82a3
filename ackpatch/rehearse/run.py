"""Runs one rehearsal: plans the root, starts the supervisor, reads what comes out of it."""

import os
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ackpatch.errors import RehearsalError
from ackpatch.rehearse import conversation, isolated, layout, record
from ackpatch.rehearse.places import HIDDEN
from ackpatch.rehearse.record import SCRIPT
from ackpatch.rehearse.result import FileState, Rehearsal
from ackpatch.rehearse.tree import Tree

ROOT_MEGABYTES = 64
# The process limit does not bind real root; inside, root is an ordinary user of the machine, so it holds.
LIMITS = {"RLIMIT_FSIZE": 64 * 1024 * 1024, "RLIMIT_NPROC": 256, "RLIMIT_AS": 2 * 1024**3}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TRACE = f"{HIDDEN}/trace.sh"
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
    lines: bool = False,
    real: bool = False,
) -> Rehearsal:
    """Run ``script`` in a throw-away root and work out each kubelet command line.

    ``env`` is all that the script sees beside PATH, HOME and LANG. ``family`` is ``rpm``, ``deb`` or ``binary``, with
    ``+installed`` when kubelet and kubeadm are there from the start. ``files`` are put into the root first; a key
    that begins with ``http`` is what that URL holds, a content that begins with ``#!kubelet`` becomes a kubelet.
    ``shell`` is the command that runs the script (default: its shebang's, else bash). ``timeout`` is in seconds.
    ``lines`` runs it a second time, traced, to learn which line of the script each start and call comes from.
    ``real`` runs it under a real systemd in a container, as root; ``systemd`` then counts for nothing.
    Raises RehearsalError when the rehearsal cannot be run at all.
    """
    tree = layout.plan(family, {**(files or {}), SCRIPT: script}, script)
    variables = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", **(env or {})}
    command = interpreter(script, shell)
    spec = {
        "tree": tree.to_plain(),
        "systemd": systemd,
        "argv": [*command, SCRIPT, *args],
        "env": variables,
        "folder": "/root",
        "limits": {**LIMITS, "RLIMIT_CPU": int(timeout) + 1},
        "megabytes": ROOT_MEGABYTES,
        "timeout": timeout,
    }

    def run() -> Rehearsal:
        return _boot(spec, tree) if real else _run(spec)

    if not lines or not command:
        return run()
    # bash reads BASH_ENV first; what dash runs, bash runs too, and only the line numbers are taken from this run.
    traced = {**spec, "argv": ["bash", *command[1:], SCRIPT, *args], "env": {**variables, "BASH_ENV": TRACE}}
    with side_by_side(1) as pool:
        second = pool.submit(_run, traced)
        return _with_lines(run(), second.result())


# The supervisors under way: an interruption ends them all, since whoever waits for one waits for its time-out else.
_UNDER_WAY: set[subprocess.Popen[bytes]] = set()


@contextmanager
def side_by_side(workers: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads for runs; Ctrl-C ends the runs and does not wait for them."""
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield pool
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in tuple(_UNDER_WAY):
                process.terminate()
            raise


def _run(spec: Mapping[str, Any]) -> Rehearsal:
    return _read(spec, *_supervise(dict(spec)))


def _boot(spec: Mapping[str, Any], tree: Tree) -> Rehearsal:
    """The same in a container that boots; the lines come from a traced run in the model."""
    from ackpatch.rehearse import container

    lack = container.missing()
    if lack:
        raise RehearsalError(lack)
    booted = {**spec, "tree": container.with_systemd(tree, spec).to_plain()}
    answer, _, _ = _supervise(booted, "keeper")
    return _read(booted, answer, answer["stdout"], answer["stderr"])


def _read(spec: Mapping[str, Any], answer: Mapping[str, Any], stdout: bytes, stderr: bytes) -> Rehearsal:
    calls = record.calls(answer["log"])
    stand_ins = frozenset(spec["tree"]["unknown"])
    return Rehearsal(
        starts=record.starts(answer["log"], answer["snapshots"], spec["systemd"]),
        calls=calls,
        exit_status=answer["status"],
        timed_out=answer["timed_out"],
        stdout=stdout,
        stderr=stderr,
        files={path: FileState(*state) for path, state in answer["files"].items()},
        removed=frozenset(answer["removed"]),
        trouble=answer["trouble"],
        unknown=tuple(dict.fromkeys(call.argv[0] for call in calls if call.argv[0] in stand_ins)),
    )


def _with_lines(run: Rehearsal, traced: Rehearsal) -> Rehearsal:
    """A run with the lines of a traced one: the n-th call of the same words has the same line in both."""
    found: dict[tuple[str, ...], deque[int | None]] = defaultdict(deque)
    for call in traced.calls:
        found[call.argv].append(call.line)
    calls = tuple(replace(call, line=found[call.argv].popleft() if found[call.argv] else None) for call in run.calls)
    starts = run.starts
    if [one.how for one in starts] == [one.how for one in traced.starts]:
        starts = tuple(replace(one, line=other.line) for one, other in zip(starts, traced.starts, strict=True))
    return replace(run, calls=calls, starts=starts)


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


def _supervise(spec: dict[str, Any], program: str = "supervisor") -> tuple[dict[str, Any], bytes, bytes]:
    """Hand the specification to a supervisor; the result is its answer and the script's two outputs."""
    if sys.platform != "linux":
        raise RehearsalError("a rehearsal needs Linux: it isolates the script by Linux namespaces")
    result_read, result_write = os.pipe()
    spec["result"] = result_write
    pipe = subprocess.PIPE
    with subprocess.Popen(
        isolated.command(program), stdin=pipe, stdout=pipe, stderr=pipe, pass_fds=(result_write,), env={}, bufsize=0
    ) as process:
        os.close(result_write)
        _UNDER_WAY.add(process)
        try:
            talk = conversation.Conversation(process, result_read, spec)
            talk.hold(time.monotonic() + spec["timeout"] + SPARE_SECONDS)
        finally:
            process.terminate()  # a keeper tidies up
            _UNDER_WAY.discard(process)
            os.close(result_read)
    if talk.result is None:
        text = talk.stderr.decode(errors="replace").strip()
        raise RehearsalError(f"the rehearsal ended without a result: {text}")
    if "error" in talk.result:
        raise RehearsalError(talk.result["error"])
    return talk.result, bytes(talk.stdout), bytes(talk.stderr)
