"""The caller's answers to stand-ins: what kubeadm would choose, what kubelet would get and do."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from ackpatch.node import kubeadm_config
from ackpatch.rehearse import agent_config
from ackpatch.rehearse.node_view import view
from ackpatch.rehearse.places import HOST_NAME
from ackpatch.systemd.service import command_line

# A unit's wrapper (a shell that ends in "exec kubelet") gets this many seconds to reach kubelet.
WRAPPER_SECONDS = 5


def answer(question: Sequence[str], files: Mapping[str, bytes], version: int) -> str:
    """Answer one question of a stand-in, for systemd of ``version``; the text may be empty.

    The script owns every file here: whatever it put there must not end the rehearsal, so no error leaves.
    """
    try:
        match list(question):
            case ["kubeadm-arguments", host, name, socket, path]:
                return _kubeadm_arguments(host, name, socket, files.get(path, b""))
            case ["registers", _, unit]:
                return _registers(unit, files, version)
            case ["agent", _, make, config, named, *arguments]:
                return _agent(make, config, named, arguments, files)
            case ["wrapper", start, unit]:
                return _wrapper(start, unit, files, version)
    except (ValueError, RecursionError) as error:
        return f"exits={error}\n"
    return ""


def _kubeadm_arguments(host: str, name: str, socket: str, config: bytes) -> str:
    """Two lines: the node name that kubeadm chooses, and the value of KUBELET_KUBEADM_ARGS."""
    registration = kubeadm_config.read(config.decode("utf-8", "replace"))
    chosen = (name or registration.name or host).strip().lower()
    return f"{chosen}\n{kubeadm_config.kubelet_arguments(registration, chosen, host, socket)}\n"


def _registers(unit: str, files: Mapping[str, bytes], version: int) -> str:
    """The name under which kubelet would register, and why it would exit."""
    line = command_line(unit, files, version, HOST_NAME)
    seen = view(line.argv)
    name = f"name={seen.hostname_override}\n" if seen.hostname_override else ""
    problem = line.error or seen.exits
    return name + (f"exits={problem}\n" if problem else "")


def _agent(make: str, config: str, named: str, arguments: Sequence[str], files: Mapping[str, bytes]) -> str:
    """The words that an agent gives kubelet, as a shell reads them."""
    variables = {f"{make.upper()}_CONFIG_FILE": config, f"{make.upper()}_NODE_NAME": named}
    try:
        if make == "k0s":
            return agent_config.as_shell(agent_config.worker_arguments(arguments, HOST_NAME))
        words = agent_config.kubelet_arguments(make, arguments, files, variables, HOST_NAME)
    except ValueError as error:
        # The agent would not start: kubelet gets what it takes for no flag of its own.
        words = [f"--agent-does-not-start={error}"]
    return agent_config.as_shell(words)


def _wrapper(start: str, unit: str, files: Mapping[str, bytes], version: int) -> str:
    """A shell command that runs a unit's program when that is not kubelet itself, with the unit's own variables."""
    line = command_line(unit, files, version, HOST_NAME)
    if not line.argv or PurePosixPath(line.argv[0]).name == "kubelet":
        return ""
    variables = [f"{name}={value}" for name, value in line.environment.items()]
    command = ["timeout", str(WRAPPER_SECONDS), "env", "-i", *variables, f"ACKPATCH_START={start}", *line.argv]
    return shlex.join(command) + "\n"
