"""The environment that systemd gives a service: ``Environment=``, ``EnvironmentFile=``, ``UnsetEnvironment=``."""

import fnmatch
from collections.abc import Callable, Mapping, Sequence

from ackpatch.systemd.environment_file import NAME, parse_environment_file
from ackpatch.systemd.unit import Directive, UnitError
from ackpatch.systemd.words import Escapes, UnbalancedQuoteError, first_word

# What the system manager itself passes on.
MANAGER = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}

Expand = Callable[[str], str]


def service_environment(
    unit: Sequence[Directive], files: Mapping[str, bytes], version: int, expand: Expand
) -> dict[str, str]:
    """The variables of a service at its start; ``files`` are the environment files of that moment.

    A variable of an environment file beats one of ``Environment=``, in whichever order they are written; a later file
    beats an earlier one. ``expand`` resolves specifiers. Raises UnitError when a needed file is missing.
    """
    assigned: dict[str, str] = {}
    paths: list[str] = []
    unset: list[str] = []
    for directive in unit:
        if directive.section != "Service":
            continue
        if directive.key == "Environment":
            assigned = {**assigned, **assignments(directive.value, expand)} if directive.value else {}
        elif directive.key == "EnvironmentFile":
            paths = [*paths, expand(directive.value)] if directive.value else []
        elif directive.key == "UnsetEnvironment":
            unset = [*unset, *directive.value.split()] if directive.value else []
    result = {**MANAGER, **assigned}
    for path in paths:
        result.update(_from_files(path, files, version))
    return {name: value for name, value in result.items() if name not in unset and f"{name}={value}" not in unset}


def assignments(value: str, expand: Expand) -> dict[str, str]:
    """The variables of one ``Environment=`` value; an unknown specifier loses its word, a bad quote or
    escape all that follows.
    """
    found: dict[str, str] = {}
    at = 0
    while True:
        try:
            word, at = first_word(value, at, Escapes.REFUSE)
        except UnbalancedQuoteError:
            return found
        if word is None:
            return found
        try:
            name, equals, text = expand(word).partition("=")
        except UnitError:
            continue
        if equals and NAME.match(name):
            found[name] = text


def _from_files(path: str, files: Mapping[str, bytes], version: int) -> dict[str, str]:
    optional = path.startswith("-")
    pattern = path.removeprefix("-")
    if not pattern.startswith("/"):
        return {}
    matching = [pattern] if pattern in files else sorted(name for name in files if _matches(name, pattern))
    if not matching and not optional:
        raise UnitError(f"Failed to load environment files: {pattern}: No such file or directory")
    found: dict[str, str] = {}
    for name in matching:
        variables = parse_environment_file(files[name].decode("utf-8", "surrogateescape"), version)
        # A comment may be in any encoding; one value that is not UTF-8 makes systemd drop the whole file.
        if all(_is_utf8(value) for value in variables.values()):
            found.update(variables)
        elif not optional:
            raise UnitError(f"Failed to load environment files: {name}: not UTF-8")
    return found


def _is_utf8(value: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in value)


def _matches(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)
