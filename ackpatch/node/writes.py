"""Which files a command writes, and with what content where the script says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, takewhile

from ackpatch.shell.environment import UNKNOWN
from ackpatch.shell.output import Printed, outputs, printed, read_by
from ackpatch.shell.own_files import absolute
from ackpatch.shell.programs import basename, skip_prefixes
from ackpatch.shell.render import Rendered
from ackpatch.shell.step import Step
from ackpatch.shell.tree import HereDocument

_KUBE_PACKAGE = re.compile(
    r"(?:kubernetes|k8s)(?:$|[-_*\d].*)|kube\*|(?:.*/)?\*[^/]*\.(?:rpm|deb)|"
    r"(?:.*/)?kube(?:let|adm)(?:$|[-=_~.:*\x01].*)|.*kube(?:let|adm).*\.(?:rpm|deb)"
)
_INSTALL_VERBS = frozenset(
    {"install", "localinstall", "reinstall", "upgrade", "update", "downgrade", "in", "groupinstall", "add"}
)
# Folders a copy into which may bring units.
_HOLDS_UNITS = re.compile(r"/|/(?:etc|usr|usr/lib|lib|usr/local/lib)(?:/systemd(?:/system)?)?/?")
# What takes its text from standard input as it is.
_AS_GIVEN = ("systemctl edit", "kubeadm --config")
_PACKAGE_TOOLS = frozenset({"yum", "dnf", "microdnf", "tdnf", "apt-get", "apt", "aptitude", "zypper", "apk", "snap"})


@dataclass(frozen=True, slots=True)
class Written:
    """One file written by a command. ``content`` is its text where the script has it; ``how`` names the means."""

    path: str
    how: str
    content: Rendered | None = None
    document: HereDocument | None = None
    appends: bool = False


def written_files(step: Step) -> list[Written]:
    """Every file that a command writes, in each of the ways that it can go."""
    found: list[Written] = []
    shown = _content(step) if step.targets else None
    words = [one.text for one in step.alternatives[0]] if step.alternatives else []
    how = shown.how if shown else words[0] if words else "redirection"
    content, document = (shown.rendered, shown.document) if shown else (None, None)
    for target in step.targets:
        if target.redirection.operator in (">", ">>", ">|", "&>", "&>>", "<>"):
            appends = ">>" in target.redirection.operator
            found += [Written(path, how, content, document, appends) for path in target.paths]
    for fields in step.alternatives:
        words = [one.text for one in fields]
        start = skip_prefixes(words)
        writer = _WRITERS.get(basename(words[start])) if start < len(words) else None
        if writer is not None:
            found += [_with_content(one, step, words) for one in writer(words[start:])]
    return [_absolute(one, step) for one in dict.fromkeys(found)]


def _absolute(written: Written, step: Step) -> Written:
    """Follow a constant ``cd``; what an archive brings into a folder of units may be one."""
    path = written.path if written.how == "package" else absolute(written.path, step.environment)
    if written.how == "tar":
        holds = _HOLDS_UNITS.fullmatch(path)
        return replace(written, path="/", how="package") if holds else replace(written, path=path)
    return written if path == written.path else replace(written, path=path)


def _content(step: Step) -> Printed | None:
    """What a command prints, where that is written in the script."""
    words = [one.text for one in step.alternatives[0]] if step.alternatives else []
    found = printed(step.statement, words, step.script, step.environment)
    return found or read_by(step.statement, step.script, step.environment)


def _with_content(written: Written, step: Step, words: Sequence[str]) -> Written:
    if written.how not in ("tee", "tee -a", *_AS_GIVEN):
        return written
    shown = _content(step)
    if shown is None and step.piped_from is not None:
        several = list(outputs(step.piped_from, step.script, step.environment))
        shown = several[0] if len(several) == 1 else None
    how = shown.how if shown else words[skip_prefixes(words)]
    content, document = (shown.rendered, shown.document) if shown else (None, None)
    if written.how in _AS_GIVEN:
        return Written(written.path, written.how, content, document)
    return Written(
        written.path, f"{how} | tee" if step.piped_from else "tee", content, document, written.how == "tee -a"
    )


def _service(unit: str) -> str:
    return unit if "." in unit else f"{unit}.service"


def _edit(words: Sequence[str]) -> list[Written]:
    """``systemctl edit`` writes a drop-in, or with --full the unit; its text comes from standard input or an editor."""
    if words[1:2] == ["revert"]:
        return [Written(f"/etc/systemd/system/{one}.d/*", "systemctl revert") for one in map(_service, words[2:])]
    if "edit" not in words or "--global" in words or "--user" in words:
        return []
    drop_in = next((word.partition("=")[2] for word in words if word.startswith("--drop-in=")), "override.conf")
    if "--drop-in" in words[:-1]:
        drop_in = words[words.index("--drop-in") + 1]
    units = [word for word in words[words.index("edit") + 1 :] if not word.startswith("-") and word != drop_in]
    paths = [f"/etc/systemd/system/{_service(one)}" for one in units]
    return [Written(path if "--full" in words else f"{path}.d/{drop_in}", "systemctl edit") for path in paths]


def _configuration(words: Sequence[str]) -> list[Written]:
    """``kubeadm --config /dev/stdin``: a file that is never there, with what it would hold."""
    given = [after for one, after in pairwise(words) if one == "--config"]
    given += [one.partition("=")[2] for one in words if one.startswith("--config=")]
    return [Written(one, "kubeadm --config") for one in given if one in ("-", "/dev/stdin")]


def _files(words: Sequence[str], valued: str = "") -> list[str]:
    """The words that are no options; ``valued`` lists the short options that take a value."""
    files, skip = [], False
    words = words[:-1] if words[-1] in (";", "+") else words  # the end of find -exec
    for word in words[1:]:
        if skip:
            skip = False
        elif word.startswith("-") and len(word) > 1:
            skip = len(word) == 2 and word[1] in valued
        else:
            files.append(word)
    return files


def _tee(words: Sequence[str]) -> list[Written]:
    appends = any(re.fullmatch(r"-\w*a\w*|--append", word) for word in words)
    return [Written(path, "tee -a" if appends else "tee") for path in _files(words)]


def _copy(words: Sequence[str]) -> list[Written]:
    name = basename(words[0])
    if "-t" in words[:-2]:
        folder = words[words.index("-t") + 1]
        return [Written(_inside(folder, path), name) for path in _files(words, "tmog") if path != folder]
    files = _files(words, "mogS" if name == "install" else "S")
    if len(files) < 2:
        return [Written(basename(one), name) for one in files if name == "ln"]
    target = files[-1]
    gone = [Written(one, name) for path in files[:-1] for one in (path, _inside(path, "*"))] if name == "mv" else []
    if name in ("scp", "rsync") and re.match(r"(?:rsync://|[^/]*:)", target):
        return []  # on another machine
    recursive = name == "rsync" or any(re.fullmatch(r"-\w*[rRa]\w*|--recursive|--archive", word) for word in words)
    if recursive and _HOLDS_UNITS.fullmatch(target):
        return [Written("/etc/systemd/system/kubelet.service", f"{name} -r")]
    return [Written(target, name), *(Written(_inside(target, path), name) for path in files[:-1]), *gone]


def _inside(folder: str, path: str) -> str:
    name = basename(path.rstrip("/"))
    return f"{folder.rstrip('/')}/{'*' if name == '.' else name}"


def _fetched(words: Sequence[str]) -> list[Written]:
    """A tool that copies from a store or a container into a folder or a file here."""
    if not {"cp", "sync", "copy", "copyto", "get", "mirror"} & set(words):
        return []
    files = [word for word in words[1:] if not word.startswith("-")]
    target = files[-1]
    if not target.startswith(("/", "./")) or len(files) < 3:
        return []
    whole = [Written(_inside(target, "*"), words[0])] if {"sync", "mirror"} & set(words) else []
    return [*whole, Written(target, words[0]), *(Written(_inside(target, path), words[0]) for path in files[1:-1])]


def _found(words: Sequence[str]) -> list[Written]:
    """``find … -delete`` below a folder."""
    if "-delete" not in words:
        return []
    folders = list(takewhile(lambda word: not word.startswith(("-", "(", "!")), words[1:]))
    return [Written(_inside(folder, "*"), "rm") for folder in folders]


def _changed(words: Sequence[str], valued: str) -> list[Written]:
    """Each file that a command is given; ``valued`` as in ``_files``."""
    return [Written(path, basename(words[0])) for path in _files(words, valued)]


def _unzipped(words: Sequence[str]) -> list[Written]:
    folder = words[words.index("-d") + 1] if "-d" in words[:-1] else ""
    return [Written("/", "package")] if _HOLDS_UNITS.fullmatch(folder) else []


def _download(words: Sequence[str]) -> list[Written]:
    found, name = [], basename(words[0])
    for index, word in enumerate(words[1:], 1):
        glued = re.fullmatch(r"(?:--output(?:-document)?=|-[a-zA-Z]*[oO])(.+)", word)
        takes = re.fullmatch(r"-[a-zA-Z]*o|--output" if name == "curl" else r"-[a-zA-Z]*O|--output-document", word)
        if takes and index + 1 < len(words):
            found.append(Written(words[index + 1], name))
        elif (glued and not word.startswith("--o") and not takes) or (word.startswith("--output") and glued):
            found.append(Written(glued[1], name))
        elif "://" in word:
            found.append(Written(basename(word), name))
        elif name == "wget" and word == "-P" and index + 1 < len(words):
            found += [Written(_inside(words[index + 1], url), name) for url in words if "://" in url]
    return found


def _in_place(words: Sequence[str]) -> list[Written]:
    """Read ``sed -i`` and ``perl -i``: every file after the script."""
    name = basename(words[0])
    if not any(re.fullmatch(r"-\w*i.*|--in-place.*", word) for word in words[1:]):
        return []
    given = any(re.fullmatch(r"-\w*e|--expression.*|-f", word) for word in words[1:])
    files = _files(words, "ef")
    return [Written(path, f"{name} -i") for path in (files if given else files[1:])]


def _packages(words: Sequence[str]) -> list[Written]:
    verb = next((word for word in words[1:] if word in _INSTALL_VERBS), None)
    if verb is None:
        return []
    rest = words[words.index(verb) + 1 :]
    named = [word for word in rest if _KUBE_PACKAGE.fullmatch(word) or word.startswith(UNKNOWN)]
    return [Written(name, "package") for name in named[:1]]


def _pacman(words: Sequence[str]) -> list[Written]:
    if not any(re.fullmatch(r"-[SU]\w*|--sync|--upgrade", word) for word in words[1:]):
        return []
    return [Written(word, "package") for word in _files(words) if _KUBE_PACKAGE.fullmatch(word)][:1]


def _local_packages(words: Sequence[str]) -> list[Written]:
    if not any(re.fullmatch(r"-\w*[iUF]\w*|--install|--upgrade", word) for word in words[1:]):
        return []
    return [
        Written(word, "package") for word in _files(words) if _KUBE_PACKAGE.fullmatch(word) or _may_be_kubelet(word)
    ][:1]


def _may_be_kubelet(word: str) -> bool:
    """Say whether a pattern of packages can mean kubelet's."""
    name = basename(word)
    return "*" in name and ("kubelet".startswith(name.partition("*")[0]) or name.startswith("kube"))


def _tar(words: Sequence[str]) -> list[Written]:
    options = [word for word in words[1:] if word.startswith("-")]
    extracts = any(re.fullmatch(r"-?\w*x\w*|--extract|--get", word) for word in (*words[1:2], *options))
    folder = next((words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-C", "--directory")), ".")
    glued = next((m[1] for word in words if (m := re.fullmatch(r"(?:-C|--directory=)(.+)", word))), folder)
    return [Written(f"{glued.rstrip('/')}/", "tar")] if extracts else []


def _removed(words: Sequence[str]) -> list[Written]:
    """``rm``; with a folder goes what is in it."""
    return [Written(one, "rm") for path in _files(words) for one in (path, _inside(path, "*"))]


def _brought(words: Sequence[str]) -> list[Written]:
    """What patches, unpacks or checks out files below a folder: ``cpio -D /``, ``git -C /etc checkout``."""
    name, rest = basename(words[0]), words[1:]
    if name == "git" and not {"checkout", "reset", "pull", "restore", "apply", "clone", "stash"} & set(rest):
        return []
    if name == "cpio" and not any(re.fullmatch(r"-\w*i\w*|--extract", one) for one in rest):
        return []
    files = _files(words, "pidorBDFVYz") if name == "patch" else []
    folder = next((after for one, after in pairwise(rest) if one in ("-C", "-D", "-d", "--directory")), ".")
    return [Written(one, name) for one in files[:1]] or [Written(f"{folder.rstrip('/')}/", "tar")]


def _mounted(words: Sequence[str]) -> list[Written]:
    """What is mounted over a folder hides what was in it."""
    target = _files(words, "tolULO")[-1:]
    return [Written(_inside(one, "*"), "mount") for one in target if one.startswith("/etc")]


def _set_in(words: Sequence[str]) -> list[Written]:
    return [Written(one, basename(words[0])) for one in _files(words)[:1] if {"--set", "--del"} & set(words)]


def _dd(words: Sequence[str]) -> list[Written]:
    return [Written(word[3:], "dd") for word in words if word.startswith("of=")]


_Writer = Callable[[Sequence[str]], list[Written]]
_WRITERS: dict[str, _Writer] = {
    "tee": _tee,
    "systemctl": _edit,
    "kubeadm": _configuration,
    "dd": _dd,
    "rm": _removed,
    "tar": _tar,
    "bsdtar": _tar,
    "rpm": _local_packages,
    "dpkg": _local_packages,
    "pacman": _pacman,
    **dict.fromkeys(("cp", "mv", "install", "ln", "rsync", "scp"), _copy),
    **dict.fromkeys(("aws", "ossutil", "ossutil64", "gsutil", "s3cmd", "rclone", "mc", "docker", "podman"), _fetched),
    "find": _found,
    "truncate": partial(_changed, valued="s"),
    **dict.fromkeys(("ed", "ex"), partial(_changed, valued="p")),
    **dict.fromkeys(("patch", "cpio", "git"), _brought),
    "mount": _mounted,
    "crudini": _set_in,
    "unzip": _unzipped,
    **dict.fromkeys(("curl", "wget"), _download),
    **dict.fromkeys(("sed", "perl", "gsed"), _in_place),
    **dict.fromkeys(_PACKAGE_TOOLS, _packages),
}


# Commands that leave a file that they are given as it is, besides those above and what is read by itself below.
_READERS = frozenset(
    """cat grep egrep fgrep zgrep ls test [ [[ stat head tail diff cmp md5sum sha256sum wc echo printf logger log
    source . chmod chown chgrp mkdir touch restorecon chcon lsattr file less more cut jq basename dirname
    readlink realpath cd pushd exec eval bash sh dash trap export local declare readonly read set return exit
    for case which type command hash systemd-analyze mapfile readarray strings du tree setfacl getfacl rmdir if
    journalctl kubelet kubectl ssh ansible tr xargs sudo env""".split()
)
_WRITES_ELSEWHERE = re.compile(r"(?:^|[;/}\d])\s*w\s*/")


def only_reads(name: str, words: Sequence[str]) -> bool:
    """Say whether a command that is given a file, and for which none was found above, only reads it."""
    if name in ("sed", "gsed"):
        return not any(map(_WRITES_ELSEWHERE.search, words))
    if name in ("awk", "gawk", "mawk", "nawk"):
        return "-i" not in words and not any(">" in one for one in words[:1])
    return name in _READERS or name in _WRITERS
