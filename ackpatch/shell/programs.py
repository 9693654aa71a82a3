"""Which program the words of a command run, after what stands before it; and which text or file that program runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

SHELLS = frozenset({"bash", "sh", "dash", "ash", "ksh", "zsh"})
REMOTE = frozenset({"ssh", "pdsh", "pssh", "clush", "ansible", "sshpass", "vagrant", "multipass", "lxc", "virsh"})
_OTHER_ROOTS = frozenset({"chroot", "nsenter", "systemd-nspawn", "arch-chroot"})
CONTAINERS = frozenset({"docker", "podman", "kubectl", "crictl", "nerdctl", "ctr", "oc"})
# The verbs after which a command comes that runs in a container or on another machine.
_ENTERS = {**dict.fromkeys(CONTAINERS, ("exec", "debug")), "gcloud": ("ssh",), "machinectl": ("shell",)}
_HERE = re.compile(r"(?:ssh://)?(?:[^@\s]+@)?(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(?::\d+)?")
_TARGET = re.compile(r"--(?:host|machine)=|-[HM](?=.)")
# Every command that can run a text as a script has one of these words.
RUNNERS = (
    SHELLS
    | REMOTE
    | _OTHER_ROOTS
    | CONTAINERS
    | {"eval", "trap", "su", "sg", "flock", "script", "source", ".", "watch", "sudo", "runuser", "env"}
)
# Commands that run the command after them: the options that take a word, and how many words come after the options.
_PREFIXES: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("command", "builtin", "nohup", "setsid", "busybox", "unbuffer", "chronic", "ssh-agent"), ("", 0)),
    "sudo": ("-u -g -p -h -C -D -R -T -U --user --group", 0),
    "doas": ("-u -C", 0),
    "env": ("-u -C --unset --chdir", 0),
    "exec": ("-a", 0),
    "time": ("-f -o", 0),
    "nice": ("-n --adjustment", 0),
    "ionice": ("-c -n --class --classdata", 0),
    "stdbuf": ("-i -o -e", 0),
    "chrt": ("", 1),
    "taskset": ("", 1),
    "timeout": ("-k -s --kill-after --signal", 1),
    "flock": ("-w -E --timeout --conflict-exit-code", 1),
    "gosu": ("", 1),
    "su-exec": ("", 1),
    "xargs": ("-I -n -P -L -d -a -s -E", 0),
    "parallel": ("-j -P -n -N -a --jobs", 0),
    "systemd-run": ("-p -u -E --property --unit --setenv", 0),
    "systemd-inhibit": ("", 0),
    "unshare": ("", 0),
    "strace": ("-e -o -p -s", 0),
    "ltrace": ("-e -o -p -s", 0),
    "numactl": ("-N -m -C -i -p", 0),
    "setarch": ("", 1),
    "daemonize": ("-a -e -o -p -l -u -c -E", 0),
    "prlimit": ("", 0),
    "cgexec": ("-g", 0),
    "chpst": ("-u -U -e -/ -P", 0),
    "runuser": ("-u -g -G", 0),
    "setpriv": ("--reuid --regid", 0),
}
PREFIXES = {name: (frozenset(valued.split()), positional) for name, (valued, positional) in _PREFIXES.items()}
_COMMAND = re.compile(r"-[a-zA-Z]*c|--(?:session-)?command"), re.compile(r"-c(?=.)|--(?:session-)?command=")
# Programs that run the text after an option, wherever in their arguments it stands: the option, and what of it stands
# before a text in the same word.
_TAKES_STRING = {
    **dict.fromkeys(("su", "sg", "flock", "script", "runuser"), _COMMAND),
    "env": (re.compile(r"-\w*S|--split-string"), re.compile(r"-S(?=.)|--split-string=")),
}
WATCH_VALUED = frozenset({"-n", "--interval", "-q", "--equexit"})
FIND_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
# What puts words into a command that do not stand there.
FILLS = frozenset({"xargs", "parallel", "find"})
_OPTIONS = r"(?: -[EHnSk]+| -[EH]*u \S+| --preserve-env\S*)*"
_SHELL_AFTER_SUDO = re.compile(
    rf"(?:\S*/)?sudo{_OPTIONS} (?:-\w*[si]\w*|--login|--shell){_OPTIONS}(?: \S+)?|"
    rf"(?:(?:\S*/)?sudo{_OPTIONS} )?(?:\S*/)?su(?: -| -l| --login)?(?: [a-z_][\w-]*)?"
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def basename(text: str) -> str:
    """The last component of a path."""
    return text.rsplit("/", 1)[-1] if "/" in text else text


def skip_prefixes(words: Sequence[str]) -> int:
    """The index of the first word that is the command itself, after sudo, env, nohup and their options, and after
    what ``find`` looks for.
    """
    index, name = 0, basename(words[0]) if words else ""
    if name not in PREFIXES and name != "find":  # most commands: this is asked often
        return 0
    while index < len(words):
        name = basename(words[index])
        if name == "find":
            run = next((n for n in range(index, len(words)) if words[n] in FIND_RUNS), len(words))
            return run + 1 if run + 1 < len(words) else index
        if name not in PREFIXES:
            break
        after = after_options(words, index + 1, *PREFIXES[name])
        if words[after : after + 1] == ["-c"] or (name in _TAKES_STRING and string_at(words[index:]) is not None):
            break  # a text comes, and no command
        index = after
    return index


def program(words: Sequence[str]) -> tuple[int, str]:
    """Where the command itself stands among the words, and the last component of its path; "" for none."""
    first = skip_prefixes(words)
    return first, basename(words[first]) if first < len(words) else ""


def after_options(words: Sequence[str], index: int, valued: frozenset[str], positional: int) -> int:
    """The index after the options and assignments from ``index`` on, and after so many words more."""
    while index < len(words) and (words[index].startswith("-") or _ASSIGNMENT.match(words[index])):
        index += 2 if words[index] in valued and index + 2 < len(words) else 1
    return min(index + positional, len(words))


def drops_environment(words: Sequence[str]) -> bool:
    """Say whether a prefix of the command takes the script's environment away."""
    for index, word in enumerate(words[: skip_prefixes(words) + 1]):
        name = basename(word)
        if name in ("sudo", "doas") and not any(re.fullmatch(r"-\w*E\w*|--preserve-env.*", w) for w in words[index:]):
            return True
        if name == "env" and ("-i" in words or "-" in words):
            return True
        if name == "su" and ("-" in words or "-l" in words or "--login" in words):
            return True
    return False


def _is_elsewhere(words: Sequence[str]) -> bool:
    """Say whether systemctl has another machine or a container for its target."""
    for one, after in pairwise([*words, ""]):
        target = (
            after if one in ("-H", "--host", "-M", "--machine") else _TARGET.sub("", one) if _TARGET.match(one) else ""
        )
        if target and target != ".host":
            return True
    return False


def remote_from(words: Sequence[str]) -> int | None:
    """The index of the remote command's first word when the command runs elsewhere, None when it does not."""
    index = skip_prefixes(words)
    if index >= len(words):
        return None
    name = basename(words[index])
    entered = next((n for n in range(index + 1, min(index + 6, len(words))) if words[n] in _ENTERS.get(name, ())), None)
    if entered is not None:
        return entered + 1
    if name == "systemctl" and _is_elsewhere(words[index + 1 :]):
        return index
    if name == "nsenter" and {"1", "-t1", "--target=1"} & set(words[index:]):
        return None  # the namespaces of process 1 are the node's own
    if name == "chroot" and list(words[index + 1 : index + 2]) == ["/"]:
        return None
    return index + 1 if name in REMOTE or name in _OTHER_ROOTS else None


def comes_back(words: Sequence[str]) -> bool:
    """Say whether the other machine that ssh is told to reach is this one."""
    first, name = program(words)
    return name in ("ssh", "sshpass") and any(map(_HERE.fullmatch, words[first + 1 :]))


def reads_after_sudo(words: Sequence[str]) -> bool:
    """Say whether the command is ``sudo -s``, ``sudo -i`` or ``su -`` with nothing after it: a shell that reads."""
    return _SHELL_AFTER_SUDO.fullmatch(" ".join(words)) is not None


def string_at(words: Sequence[str]) -> tuple[int, int] | None:
    """Where the text of ``bash -c TEXT`` or ``su … -c TEXT`` begins: the index of its word, and the place in that."""
    for index, word in enumerate(words):
        name = basename(word)
        if name in SHELLS:
            at = _after_c(words, index)
            if at is not None:
                return at, 0
        elif name in _TAKES_STRING:
            option, glued = _TAKES_STRING[name]
            for number, one in enumerate(words[index + 1 :], index + 1):
                before = glued.match(one)
                if before is not None:
                    return number, before.end()
                if option.fullmatch(one) and number + 1 < len(words):
                    return _first_word(words, number + 1), 0
    return None


def _after_c(words: Sequence[str], index: int) -> int | None:
    """The index of the text after the option -c of a shell; None for a shell without one."""
    at, letters = _shell_options(words, index)
    return at if "c" in letters and at < len(words) else None


def _shell_options(words: Sequence[str], index: int) -> tuple[int, set[str]]:
    """The index after the options of a shell, and the letters of those; what comes after a file is the file's own."""
    letters: set[str] = set()
    at = index + 1
    while at < len(words) and re.match(r"[-+].", words[at]):
        option, at = words[at], at + 1
        if option == "--":
            break
        if option.startswith("--"):
            at += option in ("--rcfile", "--init-file")
            continue
        letters.update(option[1:])
        at += option[-1] in "oO"
    return at + (words[at : at + 1] == ["-"]), letters


def _first_word(words: Sequence[str], at: int) -> int:
    while at + 1 < len(words) and words[at].startswith("-"):
        at += 1
    return at


def string_position(words: Sequence[str]) -> int | None:
    """The index of the word with the text of ``bash -c TEXT`` or ``su … -c TEXT``; None for none."""
    found = string_at(words)
    return found[0] if found is not None else None


def reads_script(words: Sequence[str]) -> bool:
    """Say whether a command is a shell that reads its script from standard input."""
    start = skip_prefixes(words)
    rest = list(words[start:])
    if not rest or basename(rest[0]) not in SHELLS:
        return False
    options = rest[1:]
    if {"--version", "--help"} & set(options) or {"-v", "-V"} & set(words[:start]):  # command -v bash
        return False
    at, letters = _shell_options(rest, 0)
    return "s" in letters or ("c" not in letters and at >= len(rest))


def file_run(words: Sequence[str]) -> tuple[str, bool] | None:
    """The file that a command runs as a script, and whether it runs in this shell (``source``); None for none."""
    start = skip_prefixes(words)
    rest = list(words[start:])
    if not rest:
        return None
    if rest[0] in (".", "source") and len(rest) > 1:
        return rest[1], True
    if basename(rest[0]) in SHELLS:
        at, letters = _shell_options(rest, 0)
        return (rest[at], False) if at < len(rest) and not {"c", "s"} & letters else None
    if "/" in rest[0]:
        return rest[0], False
    return None


def placeholder(words: Sequence[str]) -> str:
    """The text that xargs, parallel or find puts what it reads or finds in the place of; "" for none."""
    name = basename(words[0]) if words else ""
    if name in ("find", "parallel"):
        return "{}"
    if name != "xargs":
        return ""
    own = words[: after_options(words, 1, *PREFIXES["xargs"])]  # the command's own -i is none of xargs'
    for one, after in pairwise([*own, ""]):
        if one in ("-I", "--replace"):
            return after
        if one.startswith("-I"):
            return one[2:]
    return "{}" if "-i" in own else ""
