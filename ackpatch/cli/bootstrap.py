"""``ackpatch collect`` and ``ackpatch new``: from a cluster to values, from values to a script."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from ackpatch import pool
from ackpatch.bootstrap.script import NodeSetup
from ackpatch.bootstrap.values import Values, as_toml, read_values
from ackpatch.cli.files import put, read_input, say
from ackpatch.errors import UsageError
from ackpatch.join_token import tokens_in
from ackpatch.kubectl import Kubectl
from ackpatch.source import replace_file, write_new


@dataclass(frozen=True, slots=True)
class Collecting:
    """The options of collect."""

    context: str
    kubeconfig: str
    ttl: str
    join_command_file: str
    output: str
    force: bool


def collect(options: Collecting) -> int:
    """Write a file of values; raises AckpatchError."""
    _writable(options.output, options.force)
    kubectl = Kubectl(options.context, options.kubeconfig)
    given = _text(options.join_command_file) if options.join_command_file else ""
    if options.join_command_file and not given.strip():
        raise UsageError(f"{options.join_command_file}: is empty; it should hold what kubeadm printed")
    values = pool.collect(kubectl, ttl=options.ttl, join_command=given)
    _write(options.output, as_toml(values).encode(), 0o600)
    say(f"Kubernetes {values.kube_version}, {values.runtime} {values.runtime_version}")
    if tokens_in(values.join_command.encode()):
        say(_about_token(values))
    say(f"{options.output}: written, readable by you only")
    return 0


def _writable(path: str, force: bool) -> None:
    """Raise UsageError where a file could not be written, before anything is made that would be lost."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise UsageError(f"{path}: is a folder")
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"{path}: is no ordinary file")
    if os.path.exists(path) and not force:
        raise UsageError(f"{path}: file exists; --force replaces it")
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise UsageError(f"{path}: its folder is not there, or cannot be written")


def _write(path: str, data: bytes, mode: int) -> None:
    """Write a file that only its owner may read, also in the place of one that others could."""
    if os.path.exists(path):
        replace_file(path, data, mode)
    else:
        write_new(path, data, mode)


def _about_token(values: Values) -> str:
    if values.join_expires:
        return f"the join token expires at {values.join_expires}; ackpatch publish --renew makes a new one"
    return (
        "the join token never expires: whoever reads it can join machines for ever; "
        "keep the script where only your nodes can read it, or use --ttl and renew"
    )


def _text(path: str) -> str:
    data = read_input(path)
    return data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Making:
    """The options of new; what is empty comes from the file of values."""

    values: str
    join_command_file: str
    output: str
    force: bool
    setup: NodeSetup


def new(options: Making) -> int:
    """Write a script; raises AckpatchError."""
    known = read_values(options.values) if options.values else Values()
    join = _text(options.join_command_file) if options.join_command_file else known.join_command
    setup = replace(
        options.setup,
        kube_version=options.setup.kube_version or known.kube_version,
        runtime=options.setup.runtime or known.runtime,
        runtime_version=options.setup.runtime_version or known.runtime_version,
        join_command=join,
    )
    missing = [
        f"--{name.replace('_', '-')}"
        for name in ("kube_version", "runtime", "runtime_version", "join_command")
        if not getattr(setup, name)
    ]
    if missing:
        named = ", ".join(missing).replace("--join-command", "--join-command-file")
        raise UsageError(f"{named} missing: give it, or a file of ackpatch collect with --from")
    script = pool.new(setup).encode()
    if not options.output or options.output == "-":
        put(script)
        return 0
    _writable(options.output, options.force)
    # The script holds the join token.
    _write(options.output, script, 0o700)
    say(f"{options.output}: written, readable by you only, since it holds the join token")
    return 0
