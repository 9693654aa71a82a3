"""The commands that only show: diff, check, inspect, explain."""

from __future__ import annotations

from ackpatch.api import inspect, patch
from ackpatch.cli.colour import put_diff
from ackpatch.cli.files import each_file, say, show_name, tell, worst_of
from ackpatch.findings import RULES
from ackpatch.model import Severity
from ackpatch.report.text import finding_lines, understanding_lines


def diff_files(paths: list[str], mode: str, with_node_ip: bool, keep_existing: bool) -> int:
    """Show the diff of each file."""

    def work(path: str, data: bytes) -> int:
        result = patch(data, mode=mode, with_node_ip=with_node_ip, keep_existing=keep_existing)
        tell(path, result, notes=False)
        put_diff(result, show_name(path))
        return worst_of(result.findings, result.changed)

    return each_file(paths, work)


def check_files(paths: list[str], mode: str) -> int:
    """Show the findings of each file."""

    def work(path: str, data: bytes) -> int:
        result = patch(data, mode=mode)
        for line in finding_lines(show_name(path), data, result.findings):
            print(line)
        return worst_of(result.findings, result.changed)

    return each_file(paths, work)


def inspect_files(paths: list[str], mode: str) -> int:
    """Show what was understood of each file."""

    def work(path: str, data: bytes) -> int:
        understood = inspect(data, mode=mode)
        for line in understanding_lines(show_name(path), data, understood):
            print(line)
        unmended = (one.severity is Severity.ERROR and not one.fixable for one in understood.findings)
        return 2 if any(unmended) else 0

    return each_file(paths, work)


def explain_code(code: str) -> int:
    """Print what is always true of a finding."""
    rule = RULES.get(code.upper())
    if rule is None:
        say(f"ackpatch: there is no finding {code}; known are {', '.join(RULES)}")
        return 2
    print(f"{code.upper()} ({rule.severity.value}): {rule.title}\n\n{rule.why}\n\nWhat to do: {rule.remedy}")
    return 0
