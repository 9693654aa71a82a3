"""Files of the script's own with something in them that only a run can tell, where something runs them."""

from __future__ import annotations

import re

from ackpatch.node.unseen import is_known
from ackpatch.node.writes import written_files
from ackpatch.shell.later import is_asked_for, is_run_later, unit_of
from ackpatch.shell.nested import basename, file_run, skip_prefixes
from ackpatch.shell.own_files import OwnFiles, absolute
from ackpatch.shell.step import Step

# Where a command without a path is looked for.
_PATH = ("/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/bin", "/sbin")
_UNITS = frozenset("kubelet containerd docker etcd crio cri-docker kube-proxy haproxy keepalived nginx".split())
_STARTS = frozenset({"start", "restart", "reload-or-restart", "try-restart", "enable", "reenable"})
_NAMED_AFTER = re.compile(r"kube(?:let|adm)[-@][\w@.-]+")
# How a file is changed or taken away, and what writes nothing that a shell would run.
_NOT_WRITTEN = frozenset({"sed", "gsed", "perl", "rm", "systemctl edit", "kubeadm --config", "package", "tar"})


def runs_unknown(step: Step, words: list[str], files: OwnFiles) -> str:
    """The file that a command runs, or that something runs later since it is where it is put now; "" for none."""
    first = skip_prefixes(words)
    name = words[first] if first < len(words) else ""
    if basename(name) == "systemctl" and _STARTS & set(words):
        own = {unit_of(one) for one in files}
        others = (one for one in words if _NAMED_AFTER.fullmatch(one))
        foreign = next((one for one in others if not any(is_asked_for(unit, {one}) for unit in own if unit)), "")
        if foreign:
            return f"the unit {foreign}"
    if not files.unknown:
        return ""
    if basename(name) == "systemctl" and _STARTS & set(words):
        named = {basename(word) for word in words}
        units = ((one, unit_of(one)) for one in sorted(files.unknown))
        asked = (one for one, unit in units if unit and is_asked_for(unit, named) and not _is_known_unit(unit))
        return next(asked, "")
    run = file_run(words)
    paths = [absolute(run[0], step.environment)] if run is not None else [f"{folder}/{name}" for folder in _PATH]
    if name and any(one in files.unknown for one in paths) and not is_known(basename(name)):
        return next(one for one in paths if one in files.unknown)
    if "completion" in step.script.source(step.statement.span):
        return ""
    written = (one.path for one in written_files(step) if one.content is None and one.how not in _NOT_WRITTEN)
    # The profile of a user is seldom that of root.
    return next((p for p in written if p in files.unknown and is_run_later(p) and not basename(p).startswith(".")), "")


def _is_known_unit(unit: str) -> bool:
    return unit.partition(".")[0] in _UNITS
