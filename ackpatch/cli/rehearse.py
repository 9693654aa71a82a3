"""``ackpatch rehearse``: shows the command line that kubelet would get at each start, and judges it."""

from __future__ import annotations

import json
import posixpath
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ackpatch.api import prove
from ackpatch.cli.files import each_file, show_name
from ackpatch.cli.gather import gathered
from ackpatch.errors import UsageError
from ackpatch.rehearse.proof import Proof, Verdict
from ackpatch.source import read_script

LONGEST = 3600  # seconds
NAMES = ("ALIBABA_CLOUD_PROVIDER_ID", "ALIBABA_CLOUD_NODE_NAME", "ALIBABA_CLOUD_LABELS", "ALIBABA_CLOUD_TAINTS")


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """The options of rehearse, as they were typed."""

    values: Sequence[str] = ()
    unset: bool = False
    args: str = ""
    image: str = "auto"
    env: Sequence[str] = ()
    files: Sequence[str] = ()
    timeout: float = 20.0
    systemd: str = "model"
    systemd_version: int = 252
    as_json: bool = False


def rehearse_files(paths: list[str], options: Rehearsing) -> int:
    """Rehearse each script; gives the worst exit code: 0 holds, 1 does not, 2 nothing was proved."""
    proof_options(options)

    def work(path: str, data: bytes) -> int:
        proof = proof_of(data, options)
        if options.as_json:
            from ackpatch.report.rehearsal_json import proof_object

            print(json.dumps(proof_object(show_name(path), proof)))
        else:
            from ackpatch.report.document import encodable
            from ackpatch.report.rehearsal_text import proof_lines

            for line in proof_lines(show_name(path), proof):
                print(encodable(line))
        return {Verdict.FAILS: 1, Verdict.NO_START: 2}.get(proof.verdict, 0)

    return each_file(gathered(paths), work)


def proof_of(data: bytes, options: Rehearsing) -> Proof:
    """Rehearse a script as the options say; raises AckpatchError."""
    return prove(data, **proof_options(options))


def proof_options(options: Rehearsing) -> dict[str, Any]:
    """The arguments of ``prove``; raises UsageError for an option that cannot be used."""
    if not 0 < options.timeout <= LONGEST:
        raise UsageError(f"--timeout {options.timeout:g}: give seconds, {LONGEST} at the most")
    return {
        "values": _values(options),
        "image": options.image,
        "args": _words(options.args),
        "env": _variables(options.env),
        "files": _files(options.files),
        "systemd": options.systemd,
        "systemd_version": options.systemd_version,
        "timeout": options.timeout,
    }


def _values(options: Rehearsing) -> dict[str, str] | None:
    """The variables of the run with values: realistic ones, or just those that were set."""
    from ackpatch.rehearse.verdict import VALUES

    if options.unset:
        if options.values:
            raise UsageError("--unset and --set do not go together")
        return None
    if not options.values:
        return dict(VALUES)
    hint = f"give NAME=VALUE with one of {', '.join(NAMES)}"
    return _assigned("--set", options.values, NAMES.__contains__, hint)


def _variables(pairs: Sequence[str]) -> dict[str, str]:
    hint = "give NAME=VALUE; the four injected variables are given by --set"
    return _assigned("--env", pairs, lambda name: name.isidentifier() and name not in NAMES, hint)


def _assigned(option: str, pairs: Sequence[str], fits: Callable[[str], bool], hint: str) -> dict[str, str]:
    """Read the NAME=VALUE words of an option; raises UsageError for a name that does not fit."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not fits(name):
            raise UsageError(f"{option} {pair}: {hint}")
        found[name] = value
    return found


def _files(pairs: Sequence[str]) -> dict[str, bytes]:
    found = {}
    for pair in pairs:
        path, _, local = pair.rpartition("=")
        if not path:
            raise UsageError(f"--file {pair}: give PATH=LOCAL, PATH on the node or a URL")
        if not path.startswith(("/", "http://", "https://")):
            path = posixpath.normpath(f"/{path}")  # the script runs in the root folder
        found[path] = read_script(local)
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--args: {str(error).lower()}") from error
