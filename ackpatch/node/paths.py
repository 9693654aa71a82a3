"""Which file is it: kubelet's unit, a drop-in, its environment file, a file that may be one of these?"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Literal as OneOf

from ackpatch.shell.environment import UNKNOWN
from ackpatch.systemd.unit import UNIT_FOLDERS

FileKind = OneOf["unit", "drop-in", "environment", "flags", "package", "join-config", "kubelet-config"]

# systemd's search path; \x01 stands for a part that only a run can tell.
_UNIT_FOLDER = r"(?:^|/)(?:(?:etc|run|usr/lib|usr/local/lib|lib)/systemd/system|[^/]*\x01[^/]*)/"
_UNIT = re.compile(_UNIT_FOLDER + r"kubelet\.service$")
_DROP_IN = re.compile(r"(?:^|/)(?:systemd/system|[^/]*\x01[^/]*)/kubelet\.service\.d/[^/]*$|^\x01/kubelet\.service\.d/")
_ENVIRONMENT = re.compile(r"(?:^|/)etc/(?:sysconfig|default)/kubelet$")
_DROP_IN_FOLDER = re.compile(r"systemd/system/kubelet\.service\.d/?$")
_FLAGS = re.compile(r"(?:^|/)var/lib/kubelet/kubeadm-flags\.env$")
# The folders of these files, each as it can be named.
_FOLDERS = (
    *(f"{one}/" for one in UNIT_FOLDERS),
    *("/etc/sysconfig/", "/etc/default/", "/var/lib/kubelet/"),
)
# A tree of files that is being put together: ./build/etc/systemd/system.
_OTHER_TREE = re.compile(r"(?:\./)?(?!\.{1,2}/|(?:etc|run|usr|lib|var)/)[\w.-]+(?:/[\w.-]+)*?/(?:etc|usr|lib|var|run)/")
_UNKNOWN_UNIT = re.compile(r"^\x01/?kubelet\.service$")


_FILES = (
    *(f"{one}kubelet.service" for one in _FOLDERS if "systemd" in one),
    *("/etc/sysconfig/kubelet", "/etc/default/kubelet", "/var/lib/kubelet/kubeadm-flags.env"),
)
_WHOLE_FOLDERS = tuple(one.rstrip("/") for one in _FOLDERS) + tuple(f"{one}kubelet.service.d" for one in _FOLDERS)
_HELD_FORM = "[^/]*"
_HELD = re.compile(r"\{\}|[*?]|" + UNKNOWN)


def may_be_of_kubelet(path: str) -> bool:
    """Say whether a pattern, or a path with a part that only a run can tell, may name one of these files."""
    if not path.startswith(("/", UNKNOWN, "{}")) or _HELD.search(path) is None:
        return False
    folder, _, name = path.rpartition("/")
    whole, around = (_form(one) for one in (path, folder))
    if any(re.fullmatch(whole, one) or re.fullmatch(whole, f"{one}.d") for one in _FILES):
        return True
    may_be_drop_in = name.endswith(".conf") or _HELD.search(name) is not None
    return may_be_drop_in and any(re.fullmatch(around, f"{one}.d") for one in _FILES)


def _form(path: str) -> str:
    """The expression of a path; what only a run can tell may be several folders at its beginning, else part of one."""
    first, *rest = (re.escape(one) for one in _HELD.split(path))
    return f".*{_HELD_FORM.join(rest)}" if not first and rest else _HELD_FORM.join([first, *rest])


def _may_be_a_unit_folder(folder: str) -> bool:
    """Say whether a folder, of which only a run can tell a part, can be one of those, or one in another root."""
    form = ".*".join(map(re.escape, folder.split(UNKNOWN)))
    known = any(one in folder for one in ("systemd/system", "etc/default", "etc/sysconfig", "lib/kubelet"))
    return known or any(re.fullmatch(form, one) for one in _WHOLE_FOLDERS)


def kind_of(path: str) -> FileKind | None:
    """The kind of a path as a script names it; None for a file that is none of kubelet's."""
    if _OTHER_TREE.match(path):
        return None
    folder, _, name = path.rpartition("/")
    if UNKNOWN in folder and not _may_be_a_unit_folder(folder):
        return None
    if "*" in name or "?" in name:
        if folder.strip("/") == UNKNOWN:
            return None  # anything into any folder
        path = f"{folder}/kubelet.service" if fnmatchcase("kubelet.service", name) else path
    if _UNIT.search(path) or _UNKNOWN_UNIT.search(path):
        return "unit"
    if _DROP_IN.search(path) or _DROP_IN_FOLDER.search(path):
        return "drop-in"
    if _ENVIRONMENT.search(path):
        return "environment"
    return "flags" if _FLAGS.search(path) else None
