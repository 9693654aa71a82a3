"""The argument list with which systemd would run a service, from its unit files and environment files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ackpatch.systemd.command_line import Command, argument_list, commands
from ackpatch.systemd.environment import service_environment
from ackpatch.systemd.specifiers import specifiers
from ackpatch.systemd.unit import Directive, UnitError, load, unit_files


@dataclass(frozen=True)
class CommandLine:
    """What would be run: the argument list and the variables of the process, or why systemd refuses."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    error: str | None


def command_line(unit: str, files: Mapping[str, bytes], version: int, host_name: str) -> CommandLine:
    """Read ``unit`` out of ``files`` (units, drop-ins, environment files by path) as systemd of ``version`` does."""
    try:
        directives = load(unit, files, version)
        fragment, _ = unit_files(unit, sorted(files), version)
        expand = specifiers(unit, fragment or "", host_name, version)
        command = _single_command(unit, directives, version, expand)
        environment = service_environment(directives, files, version, expand)
        return CommandLine(argument_list(command, environment), environment, None)
    except UnitError as error:
        return CommandLine((), {}, str(error))


def _single_command(unit: str, directives: Sequence[Directive], version: int, expand: Callable[[str], str]) -> Command:
    """The one ``ExecStart=`` that is left after resets (an empty assignment); more than one is refused."""
    found: list[Command] = []
    for directive in directives:
        if (directive.section, directive.key) == ("Service", "ExecStart"):
            found = [*found, *commands(directive.value, version, expand)] if directive.value else []
    kinds = [item.value for item in directives if (item.section, item.key) == ("Service", "Type")]
    if not found:
        raise UnitError(f"{unit}: Service lacks ExecStart= setting. Refusing.")
    if len(found) > 1 and kinds[-1:] != ["oneshot"]:
        raise UnitError(f"{unit}: Service has more than one ExecStart= setting, which is only allowed for oneshot.")
    return found[0]
