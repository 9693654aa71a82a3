"""Units, drop-ins and environment files that systemd will read otherwise than the script means, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ackpatch.findings.rule import ERROR, WARNING, Seen, looks, rule
from ackpatch.findings.uncovered import ACK110
from ackpatch.inserted.insertions import CALL, OWN_DROP_IN
from ackpatch.model import Finding, Span
from ackpatch.node.boot import Boot
from ackpatch.node.flags import VARIABLES
from ackpatch.node.mark import Mark
from ackpatch.node.unit import read_unit
from ackpatch.shell.environment import UNKNOWN
from ackpatch.shell.programs import basename
from ackpatch.shell.render import Rendered

_VARIABLE = re.compile(r"\$\{?(?:" + "|".join(VARIABLES) + r")\b")
_WRITES_BEFORE = re.compile(
    r"^ExecStartPre=.*(?:>|\btee\b|\bsed -i|\bcp\b|\bmv\b|\brm\b|\binstall\b).*/etc/(?:sysconfig|default)/kubelet\b",
    re.MULTILINE,
)
_ENVIRONMENT = re.compile(r"^[ \t]*Environment[ \t]*=.*KUBELET_EXTRA_ARGS=", re.MULTILINE)
_SED_ENVIRONMENT = re.compile(r"Environment=[\"'\\]*KUBELET_EXTRA_ARGS=")
_APT = frozenset({"apt", "apt-get", "aptitude", "dpkg"})
_RPM = frozenset({"yum", "dnf", "microdnf", "tdnf", "zypper", "rpm"})
_FAMILY_OF_FILE = {"/etc/sysconfig/kubelet": "rpm", "/etc/default/kubelet": "deb"}


ACK216 = rule(
    "ACK216",
    WARNING,
    "an injected variable stands in a here-document in which nothing expands",
    "The delimiter is quoted: the file gets the variable's name, not its value.",
    "Write the delimiter without quotes, or leave the variable to ackpatch apply.",
)


@looks
def quoted_document(seen: Seen) -> Iterator[Finding]:
    """``<<'EOF'`` around an injected variable: nothing expands there."""
    boot = seen.boot
    for mark in _writes(boot, "unit", "drop-in", "environment", "flags"):
        document = mark.written.document if mark.written else None
        if document is None or not document.quoted or mark.nested is not None:
            continue
        match = _VARIABLE.search(boot.script.text, document.body.start, document.body.end)
        if match is not None:
            yield ACK216(Span(match.start(), match.end()), match[0])


ACK217 = rule(
    "ACK217",
    WARNING,
    "a comment or an empty line stands inside a continued ExecStart=",
    "systemd 219 to 241 and later versions read that differently, and each may lose the flags after it.",
    "Move the comment above ExecStart=.",
)


@looks
def comment_in_command_line(seen: Seen) -> Iterator[Finding]:
    """A comment or an empty line between the continued lines of ``ExecStart=``."""
    boot = seen.boot
    for mark in _writes(boot, "unit", "drop-in"):
        content = _content(mark)
        if content is None:
            continue
        for setting in read_unit(content.text).exec_starts:
            at = _broken_line(content.text, setting.start, setting.end)
            if at is not None and at < len(content.starts):
                yield ACK217(Span(content.starts[at], content.ends[at]))


def _broken_line(text: str, start: int, end: int) -> int | None:
    """The index of the first line that systemd's versions read differently inside a continued value."""
    position = text.find("\n", start)
    while position >= 0 and text[position - 1] == "\\":
        line_end = text.find("\n", position + 1)
        line = text[position + 1 : line_end if line_end >= 0 else len(text)].strip()
        if position < end or not line:
            if line[:1] in ("#", ";"):
                return position + 1
            if not line and re.search(r"\n[ \t]*-", text[position + 1 : position + 200].split("[", 1)[0]):
                return position + 1
        if line_end < 0 or position >= end:
            return None
        position = line_end
    return None


ACK218 = rule(
    "ACK218",
    WARNING,
    "this ExecStart= is never used",
    "A drop-in sets ExecStart= anew, so that flags in the unit reach nobody.",
    "Put the flags into the drop-in or the environment file, or take the drop-in away.",
)


@looks
def reset_command_line(seen: Seen) -> Iterator[Finding]:
    """``ExecStart=`` in the unit while a drop-in sets it anew: kubeadm's package brings one that does."""
    boot = seen.boot
    drop_in = next((m for m in _writes(boot, "drop-in") if _sets_command_line(m, boot)), None)
    packaged = boot.kubeadm_words or any(mark.kind in ("join", "init") for mark in boot.marks)
    packaged = packaged and any(mark.file == "package" for mark in boot.marks)
    for mark in _writes(boot, "unit"):
        if _sets_command_line(mark, boot) and (drop_in is not None or packaged):
            yield ACK218(mark.span, drop_in.what if drop_in is not None else "10-kubeadm.conf of the package")
            return


def _sets_command_line(mark: Mark, boot: Boot) -> bool:
    content = _content(mark)
    if content is not None:
        return bool(read_unit(content.text).exec_starts)
    edits = mark.written is not None and mark.written.how.endswith("-i")
    return edits and "ExecStart" in boot.script.source(mark.place.span)


ACK124 = rule(
    "ACK124",
    ERROR,
    "this drop-in comes after the one with the values",
    "systemd reads drop-ins in the order of their names; the call sees that its flags would not count, and ends the "
    "script.",
    f"Give the drop-in a name that comes before {OWN_DROP_IN}.",
)


@looks
def drop_in_after_ours(seen: Seen) -> Iterator[Finding]:
    """``ExecStart=`` in a drop-in whose name comes after that of the call's own."""
    if any(one.name == CALL for one in seen.plan.calls):
        for mark in _writes(seen.boot, "drop-in"):
            name = basename(mark.written.path) if mark.written else ""
            if name > OWN_DROP_IN and UNKNOWN not in name and _sets_command_line(mark, seen.boot):
                yield ACK124(mark.span, name)


@looks
def written_at_each_start(seen: Seen) -> Iterator[Finding]:
    """``ExecStartPre=`` of kubelet's own that writes its environment file, which systemd reads after that."""
    for mark in _writes(seen.boot, "unit", "drop-in"):
        content = _content(mark)
        found = _WRITES_BEFORE.search(content.text) if content is not None else None
        if found is not None:
            yield ACK110(mark.span, found[0][:60])


ACK221 = rule(
    "ACK221",
    WARNING,
    "this environment file is read on another family of distributions",
    "kubelet's unit of RPM packages reads /etc/sysconfig/kubelet, that of DEB packages /etc/default/kubelet.",
    "Write the file that belongs to the packages which the script installs.",
)


@looks
def other_family(seen: Seen) -> Iterator[Finding]:
    """The environment file of RPM packages on a machine with DEB ones, or the other way round."""
    boot = seen.boot
    packages = [mark for mark in boot.marks if mark.file == "package"]
    tools = {basename(one.text) for mark in packages for fields in mark.step.alternatives for one in fields}
    families = {"deb"} if tools & _APT else set()
    families |= {"rpm"} if tools & _RPM else set()
    written = {mark.written.path: mark for mark in _writes(boot, "environment") if mark.written is not None}
    named = {path for mark in _writes(boot, "unit", "drop-in") for path in _files_named(mark)}
    if len(families) != 1 or {_FAMILY_OF_FILE.get(path) for path in written} & families:
        return
    for path, mark in written.items():
        if path in _FAMILY_OF_FILE and path not in named:
            yield ACK221(mark.span, path)


def _files_named(mark: Mark) -> list[str]:
    content = _content(mark)
    return read_unit(content.text).environment_files if content is not None else []


ACK222 = rule(
    "ACK222",
    WARNING,
    "KUBELET_EXTRA_ARGS is set by Environment=",
    "The environment file beats it as soon as it assigns that variable, in any order.",
    "Set the variable in /etc/sysconfig/kubelet or /etc/default/kubelet.",
)


@looks
def environment_loses(seen: Seen) -> Iterator[Finding]:
    """``Environment="KUBELET_EXTRA_ARGS=…"``: the environment file beats it."""
    boot = seen.boot
    own = [content for mark in _writes(boot, "unit") if (content := _content(mark)) is not None]
    if own and not any(_files_named(mark) for mark in _writes(boot, "unit", "drop-in")):
        return  # a unit of the script's own that reads no file
    for mark in _writes(boot, "unit", "drop-in"):
        content = _content(mark)
        in_source = content is None and _SED_ENVIRONMENT.search(boot.script.source(mark.place.span))
        if in_source or (content is not None and _ENVIRONMENT.search(content.text)):
            yield ACK222(mark.span, mark.what)


def _writes(boot: Boot, *kinds: str) -> Iterator[Mark]:
    return (mark for mark in boot.marks if mark.kind == "write" and mark.file in kinds)


def _content(mark: Mark) -> Rendered | None:
    return mark.written.content if mark.written is not None else None
