"""``ackpatch rehearse``: shows the command line that kubelet would get at each start, and judges it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from ackpatch.api import prove
from ackpatch.cli.examine import show_name
from ackpatch.cli.files import each_file, say
from ackpatch.errors import AckpatchError, UsageError
from ackpatch.source import read_script

LONGEST = 3600  # seconds
NAMES = ("ALIBABA_CLOUD_PROVIDER_ID", "ALIBABA_CLOUD_NODE_NAME", "ALIBABA_CLOUD_LABELS", "ALIBABA_CLOUD_TAINTS")


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """The options of rehearse, as they were typed."""

    values: list[str]
    unset: bool
    args: str
    image: str
    env: list[str]
    files: list[str]
    timeout: float
    systemd: str
    systemd_version: int
    as_json: bool


def rehearse_files(paths: list[str], options: Rehearsing) -> int:
    """Rehearse each script; gives the worst exit code: 0 holds, 1 does not, 2 could not be run."""
    try:
        values, files, args = _values(options), _files(options.files), _words(options.args)
        env = _variables(options.env)
        if not 0 < options.timeout <= LONGEST:
            raise UsageError(f"--timeout {options.timeout:g}: give seconds, {LONGEST} at the most")
    except AckpatchError as error:
        say(f"ackpatch: {error}")
        return 2

    def work(path: str, data: bytes) -> int:
        proof = prove(
            data,
            values=values,
            image=options.image,
            args=args,
            env=env,
            files=files,
            systemd=options.systemd,
            systemd_version=options.systemd_version,
            timeout=options.timeout,
        )
        if options.as_json:
            from ackpatch.report.rehearsal_json import proof_object

            print(json.dumps(proof_object(show_name(path), proof)))
        else:
            from ackpatch.report.document import encodable
            from ackpatch.report.rehearsal_text import proof_lines

            for line in proof_lines(show_name(path), proof):
                print(encodable(line))
        return 0 if proof.holds else 1

    return each_file(paths, work)


def _values(options: Rehearsing) -> dict[str, str] | None:
    """Give the variables of the run with values: realistic ones, or just those that were set."""
    from ackpatch.rehearse.verdict import VALUES

    if options.unset:
        if options.values:
            raise UsageError("--unset and --set do not go together")
        return None
    if not options.values:
        return dict(VALUES)
    hint = f"give NAME=VALUE with one of {', '.join(NAMES)}"
    return _assigned("--set", options.values, NAMES.__contains__, hint)


def _variables(pairs: list[str]) -> dict[str, str]:
    hint = "give NAME=VALUE; the four injected variables are given by --set"
    return _assigned("--env", pairs, lambda name: name.isidentifier() and name not in NAMES, hint)


def _assigned(option: str, pairs: list[str], fits: Callable[[str], bool], hint: str) -> dict[str, str]:
    """Read the NAME=VALUE words of an option; raises UsageError for a name that does not fit."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not fits(name):
            raise UsageError(f"{option} {pair}: {hint}")
        found[name] = value
    return found


def _files(pairs: list[str]) -> dict[str, bytes]:
    found = {}
    for pair in pairs:
        path, equals, local = pair.rpartition("=")
        if not equals or not path.startswith(("/", "http://", "https://")):
            raise UsageError(f"--file {pair}: give PATH=LOCAL, PATH an absolute path on the node or a URL")
        found[path] = read_script(local)
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--args: {str(error).lower()}") from error
