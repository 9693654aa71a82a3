"""Text that is run as a script: ``eval``, ``bash -c``, ``trap``, a here-document for a shell, a file written before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from ackpatch.shell.environment import MOST_ALTERNATIVES, Fields, Texts
from ackpatch.shell.render import Rendered, render_document, render_parts, render_words
from ackpatch.shell.tree import DoubleQuoted, HereDocument, Simple, Statement, Substitution, Word
from ackpatch.shell.values import expand_all, text_of

if TYPE_CHECKING:
    from ackpatch.shell.step import Step

Kind = OneOf["eval", "trap", "shell", "document", "file", "later", "remote"]
Reader = OneOf["shell", "systemd", "other"]
SHELLS = frozenset({"bash", "sh", "dash", "ash", "ksh", "zsh"})
REMOTE = frozenset({"ssh", "pdsh", "pssh", "clush", "ansible", "sshpass", "vagrant", "multipass", "lxc", "virsh"})
_OTHER_ROOTS = frozenset({"chroot", "nsenter", "systemd-nspawn", "arch-chroot"})
CONTAINERS = frozenset({"docker", "podman", "kubectl", "crictl", "nerdctl"})
# Every command that can run a text as a script has one of these words.
RUNNERS = (
    SHELLS
    | REMOTE
    | _OTHER_ROOTS
    | CONTAINERS
    | {"eval", "trap", "su", "sg", "flock", "script", "source", ".", "watch", "sudo"}
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
# Programs that run the text after -c, wherever in their arguments it stands.
_TAKES_STRING = frozenset({"su", "sg", "flock", "script"})
_FIND_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_OPTIONS = r"(?: -[EHnSk]+| -[EH]*u \S+| --preserve-env\S*)*"
_SHELL_AFTER_SUDO = re.compile(
    rf"(?:\S*/)?sudo{_OPTIONS} (?:-\w*[si]\w*|--login|--shell){_OPTIONS}(?: \S+)?|"
    rf"(?:(?:\S*/)?sudo{_OPTIONS} )?(?:\S*/)?su(?: -| -l| --login)?(?: [a-z_][\w-]*)?"
)
_RUNS_STRING = re.compile(r"-[a-zA-Z]*c")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class Nested:
    """A text inside the script that is a script too; ``statement`` is the one of the outer script that runs it.

    ``arguments`` are the words that it is given, from $0 on, in each way that they can be, where that is known;
    ``either``: it is one of several that may run.
    ``reader``: who reads it, which is not always a shell.
    """

    kind: Kind
    rendered: Rendered
    statement: Statement
    document: HereDocument | None = None
    drops_environment: bool = False
    outer: Nested | None = None
    arguments: tuple[Fields, ...] | None = None
    either: bool = False
    reader: Reader = "shell"

    @property
    def same_shell(self) -> bool:
        """Say whether the text sees the script's own variables and functions."""
        return self.kind in ("eval", "trap") and (self.outer is None or self.outer.same_shell)

    @property
    def later(self) -> bool:
        """Say whether the text runs after the script has ended: at the next boot, or at a time."""
        return self.kind == "later" or (self.outer is not None and self.outer.later)

    @property
    def remote(self) -> bool:
        """Say whether the text runs on another machine or in a container."""
        return self.kind == "remote" or (self.outer is not None and self.outer.remote)


def basename(text: str) -> str:
    """The last component of a path."""
    return text.rsplit("/", 1)[-1]


def skip_prefixes(words: Sequence[str]) -> int:
    """The index of the first word that is the command itself, after sudo, env, nohup and their options, and after
    what ``find`` looks for.
    """
    index = 0
    while index < len(words):
        name = basename(words[index])
        if name == "find":
            run = next((n for n in range(index, len(words)) if words[n] in _FIND_RUNS), len(words))
            return run + 1 if run + 1 < len(words) else index
        if name not in PREFIXES:
            break
        after = _after_options(words, index + 1, *PREFIXES[name])
        if words[after : after + 1] == ["-c"]:
            break  # a text comes, and no command
        index = after
    return index


def program(words: Sequence[str]) -> tuple[int, str]:
    """Where the command itself stands among the words, and the last component of its path; "" for none."""
    first = skip_prefixes(words)
    return first, basename(words[first]) if first < len(words) else ""


def _after_options(words: Sequence[str], index: int, valued: frozenset[str], positional: int) -> int:
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


def remote_from(words: Sequence[str]) -> int | None:
    """The index of the remote command's first word when the command runs elsewhere, None when it does not."""
    index = skip_prefixes(words)
    if index >= len(words):
        return None
    name = basename(words[index])
    if name in CONTAINERS and "exec" in words[index + 1 : index + 4]:
        return words.index("exec", index) + 1
    if name == "nsenter" and {"1", "-t1", "--target=1"} & set(words[index:]):
        return None  # the namespaces of process 1 are the node's own
    return index + 1 if name in REMOTE or name in _OTHER_ROOTS else None


def nested_texts(step: Step) -> list[Nested]:
    """The texts that a simple command runs as scripts, in each way that its words can be."""
    ways = _ways(step)
    found = [one for way in ways for one in _texts_of(way, step)]
    if len(ways) == 1:
        return found
    kinds = {one.kind for one in found}
    return [replace(one, either=one.either or len(kinds) > 1) for one in found]


def _ways(step: Step) -> list[list[tuple[str, Word]]]:
    """Every list of texts that the words of a command can be, each with its word. A word that is a text with blanks in
    it stays one, but for the command's own.
    """
    ways: list[list[tuple[str, Word]]] = [[]]
    for number, word in enumerate(step.command.words):
        texts = text_of(word, step.environment)
        split = number == 0 and not (word.parts and isinstance(word.parts[0], DoubleQuoted))
        if len(ways) * len(texts) > MOST_ALTERNATIVES or (len(texts) > 1 and not _may_decide(texts)):
            texts = texts[:1]
        ways = [[*way, *((one, word) for one in (text.split() if split else [text]))] for way in ways for text in texts]
    return ways


def _may_decide(texts: Texts) -> bool:
    """Say whether it matters to what a command does with a text which of several words it has."""
    return any(basename(one) in RUNNERS or one.startswith("-") for text in texts for one in text.split()[:2])


def _texts_of(way: Sequence[tuple[str, Word]], step: Step) -> list[Nested]:
    environment, script = step.environment, step.script
    words = [text for text, _ in way]
    found: list[Nested] = []
    dropped = drops_environment(words)

    def add(
        kind: Kind, rendered: Rendered, document: HereDocument | None = None, given: tuple[Fields, ...] | None = None
    ) -> None:
        several = rendered.alternatives()
        either = len(several) > 1
        found.extend(
            Nested(kind, one, step.place, document, dropped, step.nested, given, either=either) for one in several
        )

    start, name = program(words)
    documents = [r.document for r in step.statement.redirections if r.document is not None]
    remote = remote_from(words)
    if remote is not None:
        add("remote", render_words(_written(way[remote:]), environment))
        for document in documents:
            add("remote", render_document(document, script, environment), document)
    elif name == "eval":
        add("eval", _evaluated(_written(way[start + 1 :]), step))
    elif name == "trap" and len(words) > start + 2 and words[start + 1] not in ("-", ""):
        add("trap", render_parts(way[start + 1][1].parts, environment, "bare"))
    elif name in ("source", ".") and words[start + 1 : start + 2] == ["/dev/stdin"]:
        for document in documents:
            add("eval", render_document(document, script, environment), document)
        for one in step.statement.redirections:
            if one.operator == "<<<":
                add("eval", render_parts(one.word.parts, environment, "bare"))
    elif (position := string_position(words)) is not None:
        reads = basename(words[0]) in ("xargs", "parallel", "find")  # more words than stand here
        given = tuple(expand_all(_written(way[position + 1 :]), environment))
        add("shell", _evaluated([way[position][1]], step), given=None if reads or not given[0] else given)
    elif reads_script(words) or reads_after_sudo(words):
        for document in documents:
            add("document", render_document(document, script, environment), document)
    return found


def _written(way: Sequence[tuple[str, Word]]) -> list[Word]:
    """The words as they are written, each once."""
    return list({id(word): word for _, word in way}.values())


def _evaluated(words: Sequence[Word], step: Step) -> Rendered:
    """Render what ``eval`` runs; ``eval "$(cat <<EOF …)"`` runs a here-document."""
    if len(words) == 1:
        part = words[0].parts[0] if words[0].parts else None
        part = part.parts[0] if isinstance(part, DoubleQuoted) and len(part.parts) == 1 else part
        if isinstance(part, Substitution) and len(part.body) == 1:
            inner = part.body[0]
            documents = [r.document for r in inner.redirections if r.document is not None]
            if documents and isinstance(inner.command, Simple) and step.script.source(inner.span).startswith("cat"):
                return render_document(documents[0], step.script, step.environment)
    return render_words(words, step.environment)


def first_read(step: Step) -> tuple[str, ...]:
    """The file that a shell which a command runs reads before its script: what BASH_ENV is to it, or ENV to one that
    takes itself for interactive."""
    words = [one.text for one in step.alternatives[0]] if step.alternatives else []
    if not any(basename(word) in SHELLS for word in words):
        return ()
    variable = "ENV" if "-i" in words else "BASH_ENV"
    for one in reversed(step.command.assignments):
        if one.name == variable:
            return text_of(one.value, step.environment) if one.value is not None else ()
    given = [word.partition("=")[2] for word in words if word.startswith(f"{variable}=")]
    return tuple(given) or step.environment.scalars.get(variable, ())


def reads_after_sudo(words: Sequence[str]) -> bool:
    """Say whether the command is ``sudo -s``, ``sudo -i`` or ``su -`` with nothing after it: a shell that reads."""
    return _SHELL_AFTER_SUDO.fullmatch(" ".join(words)) is not None


def string_position(words: Sequence[str]) -> int | None:
    """The index of the text of ``bash -c TEXT`` or ``su … -c TEXT``, wherever in the command it stands."""
    for index, word in enumerate(words[:-1]):
        if basename(word) in SHELLS or basename(word) in _TAKES_STRING:
            for number in range(index + 1, len(words) - 1):
                if _RUNS_STRING.fullmatch(words[number]):
                    at = number + 1
                    while at + 1 < len(words) and words[at].startswith("-"):
                        at += 1
                    return at
                option = words[number].startswith(("-", "+")) or words[number - 1] in ("-o", "-euo", "-eo", "-uo", "-O")
                if not (option or words[number - 1].endswith("o")) and basename(word) not in _TAKES_STRING:
                    break
    return None


def reads_script(words: Sequence[str]) -> bool:
    """Say whether a command is a shell that reads its script from standard input."""
    start = skip_prefixes(words)
    rest = list(words[start:])
    if not rest or basename(rest[0]) not in SHELLS:
        return False
    options = rest[1:]
    if {"--version", "--help"} & set(options) or {"-v", "-V"} & set(words[:start]):  # command -v bash
        return False
    return "-s" in options or all(word == "-" or word.startswith("-") for word in options)


def file_run(words: Sequence[str]) -> tuple[str, bool] | None:
    """The file that a command runs as a script, and whether it runs in this shell (``source``); None for none."""
    start = skip_prefixes(words)
    rest = list(words[start:])
    if not rest:
        return None
    if rest[0] in (".", "source") and len(rest) > 1:
        return rest[1], True
    if basename(rest[0]) in SHELLS:
        files = [word for word in rest[1:] if not word.startswith(("-", "+"))]
        text = any(_RUNS_STRING.fullmatch(word) for word in rest[1:])
        return (files[0], False) if files and "-s" not in rest and not text else None
    if "/" in rest[0]:
        return rest[0], False
    return None
