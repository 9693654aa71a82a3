"""All that a script does to make a node boot, in execution order: starts, joins, writes, what runs unseen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from ackpatch.model import Span
from ackpatch.node.agents import (
    FIRST_RKE,
    Agent,
    agent_start,
    clash,
    concerns_agents,
    control_tool,
    is_first_rke,
    only_installs,
    tool,
)
from ackpatch.node.commands import KNOWN
from ackpatch.node.flags import STAND_FOR
from ackpatch.node.paths import FileKind, kind_of
from ackpatch.node.unit import read_unit, settings
from ackpatch.node.words import MENTION, Meant, is_interpreter, meanings, not_understood, other_manager
from ackpatch.node.writes import Written, written_files
from ackpatch.shell.flow import Flow, marks
from ackpatch.shell.nested import (
    CONTAINERS,
    SHELLS,
    Nested,
    basename,
    file_run,
    reads_script,
    remote_from,
    skip_prefixes,
)
from ackpatch.shell.order import Walker
from ackpatch.shell.output import read_by
from ackpatch.shell.step import Step
from ackpatch.shell.tree import Declaration, Script, Simple, Statement, ancestors, walk
from ackpatch.shell.values import SELF, UNKNOWN, Fields, Texts, shown, text_of

# Only texts that mention one of these are worth parsing.
RELEVANT = re.compile(r"kubelet|kubeadm|systemctl|service|kube|k3s|rke2|rancher|k0s")


class Kind(str, Enum):
    """What a marked place does; those of a command's words are the same as a ``Meaning``."""

    START = "start"
    JOIN = "join"
    INIT = "init"
    DIRECT = "direct"
    ENABLE = "enable"
    REBOOT = "reboot"
    EXIT = "exit"
    RELOAD = "reload"
    STOP = "stop"
    WRITE = "write"
    UNSEEN = "unseen"
    REMOTE = "remote"
    SELF_READ = "self-read"
    MENTION = "mention"
    HARMLESS = "harmless"
    BARRIER = "barrier"
    OTHER = "other"
    AGENT = "agent"


STARTS = frozenset({Kind.START, Kind.JOIN, Kind.INIT, Kind.DIRECT, Kind.AGENT})
# Files that set up the shell or describe the system; none of them touches kubelet.
_HARMLESS_SOURCE = re.compile(
    r"(^|/)(os-release|lsb-release|\w+-release|profile|\.?bashrc|\.profile|\.bash_profile|environment|functions)$"
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
_KUBELET_FILE = re.compile(r"/(?:sysconfig|default)/kubelet\b|kubelet\.service|kubeadm-flags")
_ONE_VARIABLE = re.compile(r"\"?\$\{?(\w+)\}?\"?")
_JOIN_NAME = re.compile(r"(?<![a-z])join(?:cluster|node|worker|master|command|cmd)?(?![a-z])", re.I)
_COMPLETION = re.compile(r"<\(\s*[\w./-]+ completion\b")
# A text that another program prints: what is downloaded or asked for.
_DOWNLOADED = re.compile(r"^\"?(?:\$\(|`|<\()\s*(?:sudo\s+)?(?:curl|wget|aws|aliyun|gcloud|az|ossutil\w*|scp|ssh)\b")
# A substitution that prints a file which speaks of joining by its name.
_READ_JOIN = re.compile(r"^\"?(?:\$\(\s*(?:cat\s|<)|`cat\s)[^)`]*join", re.I)
_INTERPRETER = re.compile(r"(?:python|perl|ruby|node|php)[\d.]*")


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """One place that matters. ``place`` is its statement in the outermost text; ``origins`` are the statements, outer
    ones first, that handed a function the words that decide."""

    kind: Kind
    span: Span
    what: str
    place: Statement
    step: Step
    origins: tuple[Statement, ...] = ()
    meant: Meant | None = None
    fields: Fields = ()
    written: Written | None = None
    file: FileKind | None = None
    agent: Agent | None = None

    @property
    def nested(self) -> Nested | None:
        """The text inside the script that this stands in, if any."""
        return self.step.nested

    @property
    def configures(self) -> bool:
        """Say whether this writes the configuration itself; a removal and a package leave none to keep."""
        written = self.written
        return self.kind is Kind.WRITE and self.file != "package" and written is not None and written.how != "rm"

    @property
    def is_success(self) -> bool:
        """Say whether an exit is a regular end of the script, after which the node goes on to live."""
        return [one.text for one in self.fields[1:2]] in ([], ["0"])


@dataclass(frozen=True, slots=True)
class Boot:
    """What a script does to kubelet. ``flows``: the script in execution order, then functions that nothing calls."""

    script: Script
    flows: tuple[Flow[Mark], ...]
    marks: tuple[Mark, ...]
    walker: Walker[Mark]
    kubeadm_words: bool


def understand(script: Script) -> Boot:
    """Walk a script and mark every place that matters to kubelet."""
    reader = _Reader()
    known: dict[str, Texts] = {variable: (mark,) for variable, mark in STAND_FOR.items()}
    reader.join_variables = _join_variables(script)
    walker: Walker[Mark] = Walker(script, reader.visit, RELEVANT, variables=known)
    reader.files = walker.files
    flows = walker.walk()
    seen = dict.fromkeys(mark for flow in flows for mark in marks(flow))
    return Boot(script, flows, tuple(seen), walker, reader.kubeadm_words)


def installs_by_hand(boot: Boot) -> bool:
    """Say whether a script brings kubelet without a package and without kubeadm: it writes the unit, or runs it."""
    packages = any(mark.file == "package" and mark.what != "tar" for mark in boot.marks)
    if boot.kubeadm_words or packages or any(mark.kind in (Kind.JOIN, Kind.INIT) for mark in boot.marks):
        return False
    units = [mark for mark in boot.marks if mark.kind is Kind.WRITE and mark.file in ("unit", "drop-in")]
    own = [mark for mark in units if mark.written and mark.written.content is not None]
    sets = any(
        read_unit(mark.written.content.text).exec_starts for mark in own if mark.written and mark.written.content
    )
    return sets or any(mark.kind is Kind.DIRECT for mark in boot.marks) or any(mark.file == "unit" for mark in units)


class _Reader:
    """Marks the steps; learns on the way which files the units name as environment files."""

    def __init__(self) -> None:
        self.kubeadm_words = False
        self.environment_files: set[str] = set()
        self.join_variables: set[str] = set()
        self.join_files: set[str] = set()
        self.files: Mapping[str, Nested] = {}
        # The programs of the agents' units that the script wrote, by the unit's name.
        self.agent_units: dict[str, str] = {}
        self.agent_clash = ""
        self.agent_taints = False

    def visit(self, step: Step) -> list[Mark]:
        """Give the marks of one simple command."""
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        self.kubeadm_words = self.kubeadm_words or any(basename(word) == "kubeadm" for word in words)
        if step.nested is not None and step.nested.remote:
            return self._remote(step)
        agents = self._of_agents(step, words)
        if agents:
            return agents
        if is_first_rke(words):
            return [self._mark(Kind.OTHER, step, FIRST_RKE)]
        remote = control_tool(words)
        if remote:
            return [self._mark(Kind.REMOTE, step, remote)]
        manager = other_manager(words)
        if manager:
            return [self._mark(Kind.OTHER, step, tool(words) or manager)]
        found = self._writes(step)
        found += self._starts(step)
        found += self._unseen(step, words)
        return found or self._contained(step, words) or self._mentioned(step) or self._unknown(step, words)

    def _of_agents(self, step: Step, words: list[str]) -> list[Mark]:
        """Find the start of an agent; learn on the way which units run one, and what their settings hold."""
        self._learn_of_agents(step)
        written, piped = step.script.source(step.statement.span), _piped_text(step)
        exported = "K3S_URL" in step.environment.scalars or "INSTALL_K3S_EXEC" in step.environment.scalars
        if not (concerns_agents(words, written, piped) or exported or self.agent_units):
            return []
        variables = self._variables(step)
        found = agent_start(words, written, variables, piped, self.agent_units)
        if found is None:
            installed = only_installs(words, written, variables, piped)
            return [self._mark(Kind.HARMLESS, step, installed)] if installed else []
        problem, taints = found.problem or self.agent_clash, found.taints or self.agent_taints
        agent = replace(found, problem=problem, taints=taints)
        return [Mark(Kind.AGENT, step.place.span, shown(agent.how), step.place, step, agent=agent)]

    @staticmethod
    def _variables(step: Step) -> dict[str, Texts]:
        """Give the variables that a command sees, those written before it included."""
        found = dict(step.environment.scalars)
        for one in step.command.assignments:
            found[one.name] = text_of(one.value, step.environment) if one.value is not None else ("",)
        return found

    def _learn_of_agents(self, step: Step) -> None:
        for target in step.targets:
            for path in target.paths:
                if not path.endswith((".service", ".yaml", ".yml")):
                    continue
                text = "".join(one.content.text for one in written_files(step) if one.content and one.path == path)
                if path.endswith(".service") and re.search(r"(?m)^ExecStart=.*\b(?:k3s|rke2)\b.*\bagent\b", text):
                    self.agent_units[basename(path).removesuffix(".service")] = text
                elif "/rancher/" in path:
                    self.agent_clash = self.agent_clash or clash(text)
                    self.agent_taints = self.agent_taints or "node-taint" in text

    def _mark(self, kind: Kind, step: Step, what: str) -> Mark:
        return Mark(kind, step.place.span, shown(what), step.place, step)

    def _remote(self, step: Step) -> list[Mark]:
        found = [m for fields in step.alternatives for m in meanings([one.text for one in fields])]
        named = [one for one in found if one.meaning in ("start", "join", "direct")]
        return [self._mark(Kind.REMOTE, step, named[0].how)] if named else []

    def _starts(self, step: Step) -> list[Mark]:
        found: dict[str, Mark] = {}
        for fields in step.alternatives:
            words = [one.text for one in fields]
            if remote_from(words) is not None:
                meant = [m for m in meanings(words[remote_from(words) or 0 :]) if m.meaning in ("start", "join")]
                if meant and not step.nested:
                    found.setdefault("remote", self._mark(Kind.REMOTE, step, meant[0].how))
                continue
            for one in meanings(words) or self._hidden_join(step, words):
                if one.meaning == "harmless":
                    found.setdefault("harmless", self._mark(Kind.HARMLESS, step, one.how))
                    continue
                if one.meaning == "unknown":
                    found.setdefault("mention", self._mark(Kind.MENTION, step, one.how))
                    continue
                origins = _origins(fields, one)
                kind = Kind(one.meaning)
                mark = Mark(kind, step.place.span, one.how, step.place, step, origins, one, fields)
                found.setdefault(kind, mark)
        return list(found.values())

    def _hidden_join(self, step: Step, words: list[str]) -> list[Meant]:
        """A command, or the text of ``eval`` or ``bash -c``, that comes whole from what speaks of joining."""
        first = skip_prefixes(words)
        written = [step.script.source(word.span) for word in step.command.words]
        if first >= len(words) or len(written) <= first:
            return []
        if words[first] == "eval" or words[first].startswith(UNKNOWN):
            at = first + 1 if words[first] == "eval" else first
            if len(written) > at and self._speaks_of_join(written[at]) and UNKNOWN in " ".join(words[at:]):
                return [Meant("join", "kubeadm join (in a variable)", (first,), assumed=True)]
            if len(written) > at and _READ_JOIN.search(written[at]) and UNKNOWN in " ".join(words[at:]):
                return [Meant("join", "kubeadm join (in a file)", (), assumed=True)]
        runs_text = basename(words[first]) in SHELLS and "-c" in words and UNKNOWN in words[-1]
        if runs_text and self._speaks_of_join(written[-1]):
            return [Meant("join", "kubeadm join (in a variable)", (len(words) - 1,), assumed=True)]
        if basename(words[first]) in SHELLS and "-c" in words and _READ_JOIN.search(written[-1]):
            return [Meant("join", "kubeadm join (in a file)", (), assumed=True)]
        return []

    def _speaks_of_join(self, written: str) -> bool:
        """Say whether a word as written is a variable that holds a join, or prints one."""
        variable = _ONE_VARIABLE.fullmatch(written)
        if variable is not None:
            return variable[1] in self.join_variables or _JOIN_NAME.search(variable[1]) is not None
        return "join-command" in written and written.startswith(("$(", '"$(', "`"))

    def _writes(self, step: Step) -> list[Mark]:
        found: list[Mark] = []
        if any("join-command" in step.script.source(word.span) for word in step.command.words):
            self.join_files.update(path for target in step.targets for path in target.paths)
        for written in written_files(step):
            kind: FileKind | None = "package" if written.how == "package" else kind_of(written.path)
            if kind is None and written.path in self.environment_files:
                kind = "flags"
            if kind is None and written.content is not None and _holds_kubelet_variable(written):
                kind = "flags"
            if kind in ("unit", "drop-in") and written.content is not None:
                self.environment_files.update(read_unit(written.content.text).environment_files)
            if kind is None and written.content is not None and "JoinConfiguration" in written.content.text:
                kind = "join-config"
            if kind is not None:
                what = "installs kubelet" if kind == "package" else f"{written.how} {shown(written.path)}"
                mark = Mark(Kind.WRITE, step.place.span, what, step.place, step, (), None, (), written, kind)
                found.append(mark)
        return found[:1] if len({(m.file, m.what) for m in found}) == 1 else found

    def _unknown(self, step: Step, words: list[str]) -> list[Mark]:
        """A command that nobody knows may write kubelet's configuration: a call does not go above it."""
        first = skip_prefixes(words)
        if first >= len(words) or not words[first] or step.nested is not None:
            return []
        if any(one.role == "substitution" for one in ancestors(step.statement)):
            return []  # asked for what it prints
        name = basename(words[first])
        inline = name[:6] in ("python", "perl", "ruby") and words[first + 1 : first + 2] not in (["--version"], ["-V"])
        edits = is_interpreter(name) and any(_KUBELET_FILE.search(word) for word in words)
        if inline or edits:
            return [self._mark(Kind.BARRIER, step, name)]
        if name in KNOWN or "=" in name or name.startswith(("-", UNKNOWN, "$")) or UNKNOWN in name or "mkfs" in name:
            return []
        return [self._mark(Kind.BARRIER, step, name)]

    def _mentioned(self, step: Step) -> list[Mark]:
        """What names kubelet or a join, and no rule has understood."""
        given = read_by(step.statement, step.script, step.environment) if step.statement.redirections else None
        for fields in step.alternatives:
            if given is not None and fields and is_interpreter(fields[skip_prefixes([f.text for f in fields])].text):
                mention = MENTION.search(given.rendered.text)
                if mention is not None:
                    return [self._mark(Kind.MENTION, step, shown(f"{basename(fields[0].text)} … {mention[0]}")[:60])]
            named = not_understood([one.text for one in fields])
            if named:
                return [self._mark(Kind.MENTION, step, shown(f"{basename(fields[0].text)} … {named}")[:60])]
        return []

    def _contained(self, step: Step, words: list[str]) -> list[Mark]:
        """kubelet as the command of a container that is run here."""
        first = skip_prefixes(words)
        if first >= len(words) or basename(words[first]) not in CONTAINERS or "run" not in words[first + 1 : first + 3]:
            return []
        for before, word in zip(words[first + 2 :], words[first + 3 :], strict=False):
            if basename(word) == "kubelet" and not before.startswith("-"):
                return [self._mark(Kind.REMOTE, step, "kubelet in a container")]
        return []

    def _unseen(self, step: Step, words: list[str]) -> list[Mark]:
        if not words or (step.nested and step.nested.remote):
            return []
        if _reads_itself(words, step):
            return [self._mark(Kind.SELF_READ, step, " ".join(words)[:60])]
        run = file_run(words)
        if run is not None and (run[0] in self.files or run[0].removeprefix("./") in self.files):
            return []  # its text is in this script
        if run is not None and run[0] in self.join_files:
            return [self._mark(Kind.JOIN, step, "kubeadm join (in a file that another command printed)")]
        written = [step.script.source(word.span) for word in step.command.words]
        if run is not None and _COMPLETION.search(written[-1]) is None and self._runs_unseen(run, words):
            what = f"runs {shown(run[0])}"
            # By its name it joins: that start has to find the values too.
            joins = [self._unseen_join(step, what)] if _joins_by_name(*run) else []
            return [*joins, self._mark(Kind.UNSEEN, step, what)]
        if reads_script(words) and any(_JOIN_NAME.search(p) for t in step.targets for p in t.paths):
            return [
                self._unseen_join(step, "runs a file that joins by its name"),
                self._mark(Kind.UNSEEN, step, "runs a file"),
            ]
        other = self._interpreted(words)
        if other:
            return [self._mark(Kind.UNSEEN, step, f"runs {other}")]
        if _runs_downloaded(words, written):
            return [self._mark(Kind.UNSEEN, step, "runs what it downloads")]
        piped = step.piped_from
        if reads_script(words) and piped is not None and isinstance(piped.command, Simple):
            source = piped.command.words[0] if piped.command.words else None
            if "join-command" in step.script.source(piped.span):
                return [self._mark(Kind.JOIN, step, "kubeadm join (through a pipe)")]
            if source is not None and step.script.source(source.span) not in ("cat", "echo", "printf"):
                return [self._mark(Kind.UNSEEN, step, "runs what it downloads")]
        return []

    def _unseen_join(self, step: Step, what: str) -> Mark:
        fields = step.alternatives[0]
        meant = Meant("join", what, (), assumed=True)
        return Mark(Kind.JOIN, step.place.span, what, step.place, step, (), meant, fields)

    @staticmethod
    def _runs_unseen(run: tuple[str, bool], words: list[str]) -> bool:
        path, sourced = run
        if sourced:
            return not _HARMLESS_SOURCE.search(path) and not path.startswith(("<", "/dev/fd"))
        first = words[skip_prefixes(words)]
        return (basename(first) in SHELLS and path != UNKNOWN) or (path.endswith(".sh") and "/" in path)

    @staticmethod
    def _interpreted(words: list[str]) -> str:
        """Give what a command of another language runs, where that is code which is not in the script."""
        first = skip_prefixes(words)
        name = basename(words[first]) if first < len(words) else ""
        rest = words[first + 1 :]
        if name in ("ansible", "ansible-playbook", "ansible-pull"):
            return name
        if name == "at" and "-f" in rest[:-1]:
            return shown(rest[rest.index("-f") + 1])
        if name == "make":
            return "make" if not any(one in ("-v", "--version") for one in rest) else ""
        if _INTERPRETER.fullmatch(name):
            files = [one for one in rest if not one.startswith("-")]
            inline = any(one in ("-c", "-e", "-m", "-V", "--version") for one in rest)
            return f"{name} {shown(files[0])}" if files and not inline else ""
        return ""


def _piped_text(step: Step) -> str:
    return step.script.source(step.piped_from.span) if step.piped_from is not None else ""


def _joins_by_name(path: str, sourced: bool) -> bool:
    name = basename(path)
    return _JOIN_NAME.search(name) is not None and (not sourced or name.endswith(".sh"))


def _runs_downloaded(words: list[str], written: list[str]) -> bool:
    """Say whether a command runs a text that another program in a substitution of it fetches."""
    first = skip_prefixes(words)
    if first >= len(words) or first >= len(written):
        return False
    name = basename(words[first])
    if name in SHELLS or name in ("eval", ".", "source"):
        return any(_DOWNLOADED.match(one) for one in written[first + 1 :])
    return _DOWNLOADED.match(written[first]) is not None


def _join_variables(script: Script) -> set[str]:
    """Find the variables that get their value from ``kubeadm token create --print-join-command``."""
    found = set()
    for statement in walk(script.statements):
        if isinstance(statement.command, Simple | Declaration):
            for one in statement.command.assignments:
                if one.value is not None and "join-command" in script.source(one.value.span):
                    found.add(one.name)
    return found


def _origins(fields: Fields, meant: Meant) -> tuple[Statement, ...]:
    found = {id(s): s for i in meant.words if (s := fields[i].origin) is not None}
    return tuple(sorted(found.values(), key=lambda statement: -statement.span.start))


def _holds_kubelet_variable(written: Written) -> bool:
    """Say whether a file's content is an environment file with kubelet's options in it."""
    assert written.content is not None
    if "kubelet" not in written.path and UNKNOWN not in written.path:
        return False
    return any(
        re.fullmatch(r"KUBELET_\w*(ARGS|OPTS|OPTIONS)", setting.key) for setting in settings(written.content.text)
    )


def _reads_itself(words: list[str], step: Step) -> bool:
    """Say whether a command reads this script by line or byte numbers, which an insertion would move."""
    pattern = _BY_NUMBER.get(basename(words[0]))
    if pattern is None or step.nested is not None:
        return False
    reads = any(word.removeprefix("if=") == SELF for word in words[1:])
    reads = reads or any(r.redirection.operator == "<" and SELF in r.paths for r in step.targets)
    return reads and pattern.search(" ".join(words[1:])) is not None
