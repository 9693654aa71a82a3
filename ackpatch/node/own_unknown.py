"""Files of the script's own with something in them that only a run can tell, where something runs them."""

from __future__ import annotations

import re

from ackpatch.node.unseen import is_known
from ackpatch.node.writes import written_files
from ackpatch.shell.later import STARTS, is_asked_for, is_run_later, unit_of
from ackpatch.shell.own_files import FOLDERS, OwnFiles, absolute
from ackpatch.shell.programs import basename, file_run, program
from ackpatch.shell.step import Step

_UNITS = frozenset("kubelet containerd docker etcd crio cri-docker kube-proxy haproxy keepalived nginx".split())
_NAMED_AFTER = re.compile(r"kube(?:let|adm)[-@][\w@.-]+")
# How a file is changed or taken away, and what writes nothing that a shell would run.
_NOT_WRITTEN = frozenset({"sed", "gsed", "perl", "rm", "systemctl edit", "kubeadm --config", "package", "tar"})


def runs_unknown(step: Step, words: list[str], files: OwnFiles) -> str:
    """The file that a command runs, or that something runs later since it is where it is put now; "" for none."""
    first, name = program(words)
    if name == "systemctl" and STARTS & set(words):
        return _starts_unknown(words, files)
    if not files.unknown:
        return ""
    run = file_run(words)
    if run is not None:
        paths = [absolute(run[0], step.environment)]
    else:
        paths = [f"{folder}/{words[first]}" for folder in FOLDERS] if name else []
    found = next((one for one in paths if one in files.unknown), "")
    if found and not is_known(name):
        return found
    if "completion" in step.script.source(step.statement.span):
        return ""
    written = (one.path for one in written_files(step) if one.content is None and one.how not in _NOT_WRITTEN)
    # The profile of a user is seldom that of root.
    return next((p for p in written if p in files.unknown and is_run_later(p) and not basename(p).startswith(".")), "")


def _starts_unknown(words: list[str], files: OwnFiles) -> str:
    """The unit named after kubelet that the script does not write, or one with something unknown in it."""
    foreign = [one for one in words if _NAMED_AFTER.fullmatch(one)]
    own = [unit_of(one) for one in files] if foreign else []
    for one in foreign:
        if not any(unit and is_asked_for(unit, {one}) for unit in own):
            return f"the unit {one}"
    named = {basename(word) for word in words}
    for path in sorted(files.unknown):
        unit = unit_of(path)
        if unit and is_asked_for(unit, named) and unit.partition(".")[0] not in _UNITS:
            return path
    return ""
