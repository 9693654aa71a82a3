"""Calls kubectl, with the user's own kubeconfig; what it says goes into one clear line."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from ackpatch.errors import AckpatchError

SECONDS = 30  # for an answer of the API; kubectl itself gets twice that


class KubectlError(AckpatchError):
    """kubectl failed; ``reason`` is the API's own word for it (NotFound, Conflict, Forbidden), or empty."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kubectl:
    """How to call kubectl: its own options ``--context`` and ``--kubeconfig``; empty for its defaults."""

    context: str = ""
    kubeconfig: str = ""

    def json(self, *words: str) -> dict[str, Any]:
        """Run a command that prints JSON; raises KubectlError."""
        output = self.run(*words)
        try:
            found = json.loads(output)
        except (ValueError, RecursionError) as error:
            raise KubectlError("kubectl printed no JSON") from error
        if not isinstance(found, dict):
            raise KubectlError("kubectl printed JSON of another shape than an object's")
        return found

    def run(self, *words: str) -> str:
        """Run a command and give its output; raises KubectlError with the last line of what kubectl said."""
        program = shutil.which("kubectl")
        if program is None:
            raise KubectlError("kubectl is not installed; it is called with your own --kubeconfig and --context")
        options = [f"--request-timeout={SECONDS}s"]
        options += [f"--context={self.context}"] if self.context else []
        options += [f"--kubeconfig={self.kubeconfig}"] if self.kubeconfig else []
        try:
            done = subprocess.run(
                [program, *options, *words],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=SECONDS * 2,
            )
        except subprocess.TimeoutExpired as error:
            raise KubectlError(f"kubectl did not answer within {SECONDS * 2} seconds") from error
        if done.returncode != 0:
            raise _error(done.stderr)
        return done.stdout


def _error(stderr: str) -> KubectlError:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    message = lines[-1] if lines else "no reason was given"
    reason = ""
    if "(" in message and ")" in message:
        reason = message.partition("(")[2].partition(")")[0]
    hint = "" if reason else "; --kubeconfig and --context say which cluster"
    return KubectlError(f"kubectl: {message.removeprefix('error: ')}{hint}", reason)
