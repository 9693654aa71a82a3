"""What a command runs that does not stand in the script: files, downloads, other languages, commands in variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from ackpatch.node.again import again, runs_itself
from ackpatch.node.agents import concerns_agents
from ackpatch.node.commands import KNOWN, TOOLS
from ackpatch.node.hidden_join import JOIN_NAME, PRINTS_JOIN, Joins, hidden_join, told_outside
from ackpatch.node.mark import Kind, Mark
from ackpatch.node.mentions import named_in, start_in
from ackpatch.node.net import starts_by_name
from ackpatch.node.words import Meant
from ackpatch.shell.environment import SELF, UNKNOWN, shown
from ackpatch.shell.nested import first_read
from ackpatch.shell.output import outputs, piped_file
from ackpatch.shell.own_files import OwnFiles, absolute
from ackpatch.shell.programs import (
    SHELLS,
    basename,
    file_run,
    program,
    reads_after_sudo,
    reads_script,
    skip_prefixes,
    string_position,
)
from ackpatch.shell.step import Step
from ackpatch.shell.tree import Function, Script, Simple, Statement, outermost_pipe, walk, within_function
from ackpatch.shell.values import text_of

# Files that set up the shell or describe the system; none of them touches kubelet.
_HARMLESS_SOURCE = re.compile(
    r"(^|/)(os-release|lsb-release|\w+-release|profile|\.?bashrc|\.profile|\.bash_profile|environment)$"
    r"|/(?:init\.d|lsb)/(?:init-)?functions$"
    r"|^/etc/(profile\.d|default|sysconfig)/|bash_completion|openrc|/activate$"
)
# Arguments by which a command counts lines or bytes from the start of what it reads.
_BY_NUMBER = {
    "tail": re.compile(r"(?:^| |-[nc] ?)\+\d+"),
    "head": re.compile(r"\d"),
    "sed": re.compile(r"(?<![\w\\/.])(?:[2-9]|\d\d+)(?=[,pqdw$!{ ])"),
    "awk": re.compile(r"\bNR ?[=<>!]=? ?\d+"),
    "dd": re.compile(r"\b(?:skip|bs|count|ibs)="),
}
# A variable that holds the path of a script by its name.
_NAMED_SCRIPT = re.compile(r"\$\{?\w*(?:script|installer|hook|entrypoint|bootstrap)\w*\}?", re.IGNORECASE)
# By its name a program that makes a script and runs none.
_MAKES_A_SCRIPT = re.compile(
    r"(?:get|make|gen(?:erate)?|create|print|show|fetch|download|render|write|copy|send)[-_]", re.I
)
_WHOLE_COMMAND = re.compile(
    r"\$\{?[A-Za-z_]\w*(?:\[[@*]\])?(?:@\w)?\}?|\"\$\{[A-Za-z_]\w*\[[@*]\](?:@\w)?\}\"|\$\(.*\)|`.*`", re.DOTALL
)
_COMPLETION = re.compile(r"<\(\s*[\w./-]+ completion\b")
# A text that another program prints: what is downloaded or asked for.
_DOWNLOADED = re.compile(r"^\"?(?:\$\(|`|<\()\s*(?:sudo\s+)?(?:curl|wget|aws|aliyun|gcloud|az|ossutil\w*|scp|ssh)\b")
_FETCHES = re.compile(r"\b(?:curl|wget|aria2c|aws|aliyun|gcloud|az|ossutil\w*|scp|ssh|kubectl|helm)\b")
_MAY_START = re.compile(r"\bsystemctl\b[^\n]{0,80}\b(?:(?:re)?start|enable)\b|\bkubeadm[ \t]+join\b|\bkubelet\b")
# A file of kubelet's configuration that a text may write.
_WRITES = re.compile(r"/etc/(?:sysconfig|default)/kubelet\b|kubelet\.service|10-kubeadm\.conf")
# Where an owner's own programs are, which may be scripts: beside this one, and where no package puts anything.
_OWNERS = re.compile(r"\.{1,2}/|/(?:root|home|opt|srv|tmp|data|var|mnt|media|vagrant|usr/local/s?bin)/|~/|" + UNKNOWN)
_TERMINAL = frozenset({"/dev/null", "/dev/stdin", "/dev/tty", "/dev/console"})
# Programs that carry out what is written elsewhere.
_CONFIGURES = frozenset(
    "ansible ansible-playbook ansible-pull salt-call puppet chef-client chef-solo cinc-client terraform packer".split()
)
_INTERPRETER = re.compile(r"(?:python|perl|ruby|node|php)[\d.]*")
# awk that runs what it makes of its input, and sed's command e.
_AWK = re.compile(r"[gmn]?awk")
_AWK_RUNS = re.compile(r"\|&?\s*\"(?:/\S*/)?(?:ba|da|k)?sh\b|\bsystem\s*\((?!\s*\"[^\"]*\"\s*\))")
_SED_RUNS = re.compile(
    r"(?:^|[;{\n])\s*(?:\d+|\$|/[^/]*/)?\s*e(?:\s|$)|s[/|#,!@%].*[/|#,!@%][gpIiMm\d]*e[gpIiMm\d]*\s*(?:$|[;}\n])"
)


def unseen(step: Step, words: list[str], joins: Joins, files: OwnFiles) -> list[Mark]:
    """The marks of a command that runs what is not in the script; ``files`` are those that the script wrote."""
    if not words or (step.nested and step.nested.remote):
        return []
    if _reads_itself(words, step):
        return [Mark.of(Kind.SELF_READ, step, " ".join(words)[:60])]
    written = [step.script.source(word.span) for word in step.command.words]
    outside = [one for one in first_read(step) if one and one not in files]
    if outside:
        return [Mark.of(Kind.UNSEEN, step, f"runs {shown(outside[0])} (BASH_ENV)")]
    run = file_run(words)
    if run is not None and (run[0] in files or absolute(run[0], step.environment) in files):
        return []  # its text is in this script
    changed = _changed(run[0], step, files) if run is not None else []
    if changed:
        return changed
    if runs_itself(words, run):
        return [again(step, words)]
    if run is not None and run[0] in joins.files:
        return [_unseen_start(step, "kubeadm join (in a file that another command printed)")]
    if run is not None and re.fullmatch(r"/dev/fd/\d+|/proc/self/fd/\d+", run[0]):
        given = next(filter(None, map(start_in, _documents(step))), "") or _handed_in(step.script)
        if given:
            return [Mark.of(Kind.MENTION, step, f"a shell that reads … {given}"[:60])]
    if (
        run is not None
        and _COMPLETION.search(written[-1]) is None
        and (_runs_a_file(run, words) or _is_owners(run, words, step))
    ):
        what = f"runs {shown(run[0] if run[0].strip(UNKNOWN) else ' '.join(written)[:40])}"
        # By its name it joins: that start has to find the values too.
        joining = [_unseen_start(step, what)] if _joins_by_name(*run) else []
        return [*joining, Mark.of(Kind.UNSEEN, step, what)]
    if _makes_commands(words):
        if any(named_in(word) or start_in(word) for word in words):
            return [Mark.of(Kind.MENTION, step, " ".join(words)[:60])]
        return [Mark.of(Kind.UNSEEN, step, f"runs what {basename(words[skip_prefixes(words)])} makes of its input")]
    other = _interpreted(words)
    own = next(filter(None, (start_in(files.text_of(absolute(one, step.environment))) for one in words[1:])), "")
    if other and own:
        return [Mark.of(Kind.MENTION, step, f"{other} … {own}"[:60])]
    # A function that is walked on its own has words that nobody gave.
    alone = within_function(step.statement) and step.environment.positional is None
    # Where a text is a variable and nothing else, the command that runs it is told, by the variable's name.
    whole = step.nested is not None and step.nested.kind in ("eval", "shell") and told_outside(step, joins)
    held = "" if other or whole else _from_a_variable(words, written, alone)
    named = _handed_in(step.script) if held and within_function(step.statement) else ""
    if named:
        return [Mark.of(Kind.MENTION, step, f"a command that reads … {named}")]
    if other or (held and not hidden_join(step, words, joins)):
        return [Mark.of(Kind.UNSEEN, step, f"runs {other or held}")]
    if _runs_downloaded(words, written) and not any(one.startswith("kubeadm join") for one in words):
        return [Mark.of(Kind.UNSEEN, step, "runs what it downloads")]
    return _read_as_script(step, files) if reads_script(words) or reads_after_sudo(words) else []


def _changed(path: str, step: Step, files: OwnFiles) -> list[Mark]:
    """A file that the script wrote, with a start in it, and that another command changed or made of another text."""
    text = files.text_of(path) or files.text_of(absolute(path, step.environment))
    start = start_in(text)
    if not start:
        return []
    what = f"{start} (in {shown(path)}, which another command changes)"
    if _WRITES.search(text):  # after the call, which then would be for nothing
        return [Mark.of(Kind.MENTION, step, what)]
    mark = _unseen_start(step, what, Kind.JOIN if "kubeadm" in start else Kind.START)
    return [mark, Mark.of(Kind.UNSEEN, step, f"runs {shown(path)}, which another command changes")]


def _read_as_script(step: Step, files: OwnFiles) -> list[Mark]:
    """A shell that reads its script: told where the script does not say what that is."""
    if any(JOIN_NAME.search(p) for t in step.targets for p in t.paths):
        return [_unseen_start(step, "runs a file that joins by its name"), Mark.of(Kind.UNSEEN, step, "runs a file")]
    read = [p for t in step.targets if t.redirection.operator == "<" for p in t.paths]
    if any(p not in files and p not in _TERMINAL for p in read):
        return [Mark.of(Kind.UNSEEN, step, f"runs {shown(read[-1])}")]
    piped = step.piped_from
    if piped is not None and PRINTS_JOIN in step.script.source(piped.span):
        return [Mark.of(Kind.JOIN, step, "kubeadm join (through a pipe)")]
    if any(one.operator in ("<<", "<<-", "<<<", "<") for one in step.statement.redirections):
        return []
    if piped is None:
        named = _handed_in(step.script)
        if named:
            return [Mark.of(Kind.MENTION, step, f"a shell that reads … {named}")]
        return [Mark.of(Kind.UNSEEN, step, "runs what it reads")]
    printed = piped_file(piped, step)
    if printed in files or any(True for _ in outputs(piped, step.script, step.environment)):
        return []
    pipe = outermost_pipe(step.statement)
    whole = step.script.source(pipe.span)
    starts = _MAY_START.search("\n".join([whole, *_texts_in(pipe, step, files)]))
    if starts is not None and not _FETCHES.search(whole):  # another program changes the text on its way
        return [Mark.of(Kind.MENTION, step, f"a shell that reads … {starts[0]}"[:60])]
    what = "what it downloads" if _FETCHES.search(whole) else "what comes through a pipe"
    joins = [_unseen_start(step, "a join, by the name of what it reads")] if JOIN_NAME.search(whole) else []
    return [*joins, Mark.of(Kind.UNSEEN, step, f"runs {shown(printed) if printed else what}")]


def _texts_in(pipe: Statement, step: Step, files: OwnFiles) -> Iterator[str]:
    """The here-documents of the commands of a pipeline, and the script's own files that they name."""
    for one in walk([pipe]):
        documents = (each.document for each in one.redirections)
        yield from (step.script.source(each.body) for each in documents if each is not None)
        for word in one.command.words[1:] if isinstance(one.command, Simple) else ():
            for path in text_of(word, step.environment):
                # Of the script itself what comes after its end, which it hands on.
                yield files.text_of(path) if path != SELF else step.script.text.partition("\nexit")[2]


@lru_cache(maxsize=16)
def _handed_in(script: Script) -> str:
    """The mention of kubelet in a text that is handed to a function or a block, which a shell in there may read."""
    functions = {one.command.name for one in walk(script.statements) if isinstance(one.command, Function)}
    for one in walk(script.statements):
        command = one.command
        name = script.source(command.words[0].span) if isinstance(command, Simple) and command.words else ""
        if isinstance(command, Simple) and name not in functions and name != "exec":
            continue
        for redirection in one.redirections:
            span = redirection.document.body if redirection.document is not None else redirection.word.span
            mention = named_in(script.source(span))
            if mention:
                return mention
    return ""


def _documents(step: Step) -> Iterator[str]:
    """The here-documents of a command as they are written."""
    found = (one.document for one in step.statement.redirections)
    return (step.script.source(one.body) for one in found if one is not None)


def _unseen_start(step: Step, what: str, kind: Literal[Kind.START, Kind.JOIN] = Kind.JOIN) -> Mark:
    """A start or a join in a text that only a run can tell."""
    meant = Meant("join" if kind is Kind.JOIN else "start", what, (), assumed=True)
    return Mark(kind, step.place.span, what, step.place, step, (), meant, step.alternatives[0])


def _from_a_variable(words: list[str], written: list[str], alone: bool) -> str:
    """The variable or substitution that a whole command, or the whole text of ``eval``, comes from at run time."""
    first = skip_prefixes(words)
    at = first + 1 if words[first : first + 1] == ["eval"] else first
    at = string_position(words) or at
    if at >= len(words) or not written or not words[at].startswith(UNKNOWN):
        return ""
    own = written[min(at, len(written) - 1)]  # of a variable with several words it is the variable
    own = own.strip('" \t\n') if at > first or at + 1 == len(words) else own
    if own == "{}" or (not alone and re.fullmatch(r"\$[1@*]", own.strip('"'))):
        return f"what {own} is"
    rest = words[at + 1 :]
    if _NAMED_SCRIPT.fullmatch(own.strip('"')):
        return f"what {own} holds"
    # With a program after it, it is a prefix such as sudo; with words of its own, a program's name.
    if own == UNKNOWN and not any(not one.startswith(("-", UNKNOWN)) for one in rest):
        return "what a variable holds"
    if not _WHOLE_COMMAND.fullmatch(own) or any(not one.startswith(("-", UNKNOWN)) for one in rest):
        return ""
    return f"what {shown(own)[:40]} holds"


def _runs_a_file(run: tuple[str, bool], words: list[str]) -> bool:
    path, sourced = run
    if sourced:
        return not _HARMLESS_SOURCE.search(path) and not path.startswith(("<", "/dev/fd"))
    return basename(words[skip_prefixes(words)]) in SHELLS or ("/" in path and path.endswith(".sh"))


def _is_owners(run: tuple[str, bool], words: list[str], step: Step) -> bool:
    """Say whether a command is a program of the owner's own, which may be a script; a unit's mostly is none."""
    path, sourced = run
    name = basename(path)
    asks = {"version", "--version", "-v", "-V", "help", "--help"} & set(words)
    return (
        not (sourced or asks or step.nested or basename(words[skip_prefixes(words)]) in SHELLS)
        and _OWNERS.match(path) is not None
        and (UNKNOWN in name or not is_known(name) or _has_an_ordinary_name(path))
        and not starts_by_name(name)
        and not concerns_agents(name)
    )


def _has_an_ordinary_name(path: str) -> bool:
    """Say whether a program of the owner's has the name of another one: ``./install``, ``/opt/node/script``."""
    return basename(path) in KNOWN - TOOLS and "bin" not in path.split("/")[-2:-1] and not path.startswith(UNKNOWN)


def _interpreted(words: list[str]) -> str:
    """What a command of another language runs, where that is code which is not in the script."""
    first, name = program(words)
    rest = words[first + 1 :]
    if name in _CONFIGURES and not {"--version", "version", "-V", "--help"} & set(rest):
        return name
    if name == "at" and "-f" in rest[:-1]:
        return shown(rest[rest.index("-f") + 1])
    if name == "enable" and "-f" in rest[:-1]:
        loaded = rest[rest.index("-f") + 1]
        return "" if loaded.startswith("/usr/lib/bash/") or "/" not in loaded else shown(loaded)
    if name == "run-parts":
        return f"the files of {shown(rest[-1])}" if rest else ""
    if name == "make":
        return "make" if not any(one in ("-v", "--version") for one in rest) else ""
    if _INTERPRETER.fullmatch(name):
        files = [one for one in rest if not one.startswith("-")]
        if rest[:1] == ["-"]:
            return ""  # its program comes through standard input
        inline = any(re.fullmatch(r"-\w*[ceEmV]|--version", one) for one in rest)
        return f"{name} {shown(files[0])}" if files and not inline else ""
    return ""


def _makes_commands(words: list[str]) -> bool:
    """Say whether ``awk`` or ``sed`` runs what it makes of its input."""
    first = skip_prefixes(words)
    name, rest = (basename(words[first]), words[first + 1 :]) if first < len(words) else ("", [])
    if _AWK.fullmatch(name):
        return any(map(_AWK_RUNS.search, rest))
    given = [after for one, after in pairwise(rest) if re.fullmatch(r"-\w*e|--expression", one)]
    scripts = given or [one for one in rest if not one.startswith("-")][:1]
    return name == "sed" and any(map(_SED_RUNS.search, scripts))


def _joins_by_name(path: str, sourced: bool) -> bool:
    name = basename(path)
    joins = JOIN_NAME.search(name) is not None and _MAKES_A_SCRIPT.match(name) is None
    return joins and (not sourced or name.endswith(".sh"))


def _runs_downloaded(words: list[str], written: list[str]) -> bool:
    """Say whether a command runs a text that another program in a substitution of it fetches."""
    first = skip_prefixes(words)
    if first >= len(words) or first >= len(written):
        return False
    name = basename(words[first])
    if name in SHELLS or name in ("eval", ".", "source"):
        return any(_DOWNLOADED.match(one) for one in written[first + 1 :])
    return _DOWNLOADED.match(written[first]) is not None


def _reads_itself(words: list[str], step: Step) -> bool:
    """Say whether a command reads this script by line or byte numbers, which an insertion would move."""
    pattern = _BY_NUMBER.get(basename(words[0]))
    if pattern is None or step.nested is not None:
        return False
    reads = any(word.removeprefix("if=") == SELF for word in words[1:])
    reads = reads or any(r.redirection.operator == "<" and SELF in r.paths for r in step.targets)
    return reads and pattern.search(" ".join(words[1:])) is not None and not _reads_the_first_line(words, step)


def _reads_the_first_line(words: list[str], step: Step) -> bool:
    """Say whether ``head`` reads no more than the line with the shebang, which stays where it is."""
    number = re.search(r"-(c|n)? ?(\d+)\b", " ".join(words[1:]))
    if basename(words[0]) != "head" or number is None or not step.script.text.startswith("#!"):
        return False
    most = step.script.text.find("\n") + 1 if number[1] == "c" else 1
    return int(number[2]) <= most


def is_known(name: str) -> bool:
    """Say whether the name of a command is one that ackpatch knows, or that a run decides alone."""
    return name in KNOWN or "=" in name or name.startswith(("-", UNKNOWN, "$")) or UNKNOWN in name or "mkfs" in name
