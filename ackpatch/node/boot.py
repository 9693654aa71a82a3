"""All that a script does to make a node boot, in execution order: starts, joins, writes, what runs unseen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ackpatch.node import kubeadm_config
from ackpatch.node.agent_marks import AgentReader
from ackpatch.node.assigned import assigns_variable
from ackpatch.node.contained import contained, enters_the_node
from ackpatch.node.ended import ends_kubelet
from ackpatch.node.flags import STAND_FOR, VARIABLES
from ackpatch.node.hidden_join import Joins, hidden_join
from ackpatch.node.literals import evaluated, handed
from ackpatch.node.managers import other_manager
from ackpatch.node.mark import Kind, Mark, origins_of
from ackpatch.node.mentions import named_in, start_in
from ackpatch.node.net import not_understood, reads_a_start
from ackpatch.node.opened import Opened
from ackpatch.node.own_unknown import runs_unknown
from ackpatch.node.paths import FileKind, kind_of, may_be_of_kubelet
from ackpatch.node.renamed import Renamed
from ackpatch.node.tools import FIRST_RKE, control_tool, is_first_rke, tool
from ackpatch.node.unit import read_unit
from ackpatch.node.unseen import is_known, unseen
from ackpatch.node.words import Meant, meanings
from ackpatch.node.writes import Written, only_reads, written_files
from ackpatch.shell.environment import UNKNOWN, Environment, Fields, Texts, shown
from ackpatch.shell.flow import Flow, marks
from ackpatch.shell.order import Walker
from ackpatch.shell.output import outputs, read_by
from ackpatch.shell.own_files import OwnFiles
from ackpatch.shell.plain import plain_words
from ackpatch.shell.programs import basename, comes_back, file_run, remote_from, skip_prefixes
from ackpatch.shell.step import Step
from ackpatch.shell.tree import Script, Simple, Statement, ancestors, within_function
from ackpatch.systemd.environment_file import parse_environment_file
from ackpatch.systemd.unit import NEWEST

# Only texts that mention one of these are worth parsing.
RELEVANT = re.compile(r"kubelet|kubeadm|systemctl|service|kube|k3s|rke2|rancher|k0s")


Key = TypeVar("Key")
_MOST_TOLD = 12  # of the words that a command can have
# What flags can be added to.
_TAKES_FLAGS = frozenset({"direct", "join", "init"})
_RUNS_KUBELET = re.compile(r"^Exec\w+=\S*kubelet(?:\s|$)", re.MULTILINE)
_WANTED = re.compile(r"\.(?:wants|requires|upholds)(?:/(?:kubelet\.service)?)?$")
_KUBELET_FILE = re.compile(
    r"/etc/(?:sysconfig|default)(?:/kubelet\b|/?$)|kubelet\.service|kubeadm-flags|/systemd/system/?$"
)


@dataclass(frozen=True, slots=True)
class Boot:
    """What a script does to kubelet. ``flows``: the script in execution order, then functions that nothing calls.

    ``shared``: commands that run kubelet or a join and other programs too, each with the statement that gave the words.
    ``mixed``: commands that write files of kubelet's and others, by turns.
    """

    script: Script
    flows: tuple[Flow[Mark], ...]
    marks: tuple[Mark, ...]
    walker: Walker[Mark]
    kubeadm_words: bool
    shared: frozenset[tuple[Statement, Statement]] = frozenset()
    mixed: frozenset[Statement] = frozenset()

    def runs_other_programs(self, mark: Mark) -> bool:
        """Say whether the words that a start was given run something else as well, in another turn or another call."""
        given = mark.origins[-1] if mark.origins else mark.step.statement
        return (mark.step.statement, given) in self.shared


def understand(script: Script) -> Boot:
    """Walk a script and mark every place that matters to kubelet."""
    reader = _Reader(script)
    known: dict[str, Texts] = {variable: (mark,) for variable, mark in STAND_FOR.items()}
    walker: Walker[Mark] = Walker(script, reader.visit, RELEVANT, variables=known)
    reader.files = walker.texts.files
    flows = walker.walk()
    seen = dict.fromkeys(mark for flow in flows for mark in marks(flow))
    for statement, what, text in evaluated(script):
        if not any(text in one for one in walker.texts.run):
            seen[Mark.of(Kind.MENTION, _alone(statement, script), f"{what}: {text}")] = None
    unseen_in = [mark.step.statement for mark in seen if mark.kind is Kind.UNSEEN]
    told = {one for mark in seen if mark.kind is not Kind.UNSEEN for one in (mark.place, *mark.origins)}
    for statement, text in handed(script, unseen_in, walker.texts.run):
        if statement not in told:
            seen[Mark.of(Kind.MENTION, _alone(statement, script), text)] = None
    return Boot(script, flows, tuple(seen), walker, reader.kubeadm_words, _both(reader.runs), _both(reader.wrote))


def _alone(statement: Statement, script: Script) -> Step:
    """A statement as a step of no walk."""
    return Step(statement, Simple([], []), [], [], Environment(), script, None)


def _both(seen: Mapping[Key, set[bool]]) -> frozenset[Key]:
    """What does both, by turns."""
    return frozenset(key for key, kinds in seen.items() if len(kinds) > 1)


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

    def __init__(self, script: Script) -> None:
        self.joins = Joins.of(script)
        self.assigns = any(one in script.text for one in VARIABLES)
        self.kubeadm_words = False
        self.renamed = Renamed()
        self.environment_files: set[str] = set()
        self.files = OwnFiles()
        self.agents = AgentReader(script)
        self.opened = Opened()
        # Whether a command writes a file of kubelet's (True), another one, or both by turns.
        self.wrote: dict[Statement, set[bool]] = {}
        # Whether a command with its words from a statement runs kubelet or a join (True), something else, or both.
        self.runs: dict[tuple[Statement, Statement], set[bool]] = {}

    def visit(self, step: Step) -> list[Mark]:
        """The marks of one simple command."""
        step = self.renamed.read(step)
        several = [[one.text for one in fields] for fields in step.alternatives]
        for words in several:
            self.renamed.learn(words)
            self.kubeadm_words = self.kubeadm_words or any(basename(word) == "kubeadm" for word in words)
        if step.nested is not None and step.nested.remote:
            return self._remote(step)
        if self.assigns and assigns_variable(step.statement):
            return [Mark.of(Kind.ASSIGN, step, "a value of the script's own")]
        self.agents.learn(step)
        here = [fields for fields in step.alternatives if remote_from([one.text for one in fields]) is None]
        other = self.agents.marks(step, here) or _first(_of_others(step, fields) for fields in here)
        if other:
            return other
        found = self._writes(step)
        found += self._starts(step)
        told = (mark for words in several[:_MOST_TOLD] for mark in unseen(step, words, self.joins, self.files))
        # What joins comes first: the other code that may run there runs in its place.
        found += sorted({(m.kind, m.what): m for m in told}.values(), key=lambda mark: mark.kind is Kind.UNSEEN)
        unknown = next(filter(None, (runs_unknown(step, words, self.files) for words in several)), "")
        if unknown and not any(one.kind is Kind.UNSEEN for one in found):
            text = self.files.text_of(unknown)
            named = start_in(text) or named_in(text) or ("kubelet" if _RUNS_KUBELET.search(text) else "")
            kind = Kind.MENTION if named else Kind.UNSEEN
            found.append(Mark.of(kind, step, f"{named} (in {unknown})" if named else f"runs {shown(unknown)}"))
        elif any(one.kind is Kind.UNSEEN for one in found) and not any(map(file_run, several)):
            given = next(filter(None, map(start_in, _given_to(step))), "")
            found += [Mark.of(Kind.MENTION, step, f"{shown(several[0][0])} … {given}"[:60])] if given else []
        found = found or _first(_aside(step, words) for words in several) or self._mentioned(step)
        return found or _first(self._unknown(step, words) for words in several)

    def _remote(self, step: Step) -> list[Mark]:
        found = [m for fields in step.alternatives for m in meanings([one.text for one in fields])]
        named = [one.how for one in found if one.meaning in ("start", "join", "direct")]
        named.append(start_in(" ".join(one.text for one in step.alternatives[0])) if step.alternatives else "")
        around = step.nested.statement.command if step.nested else None
        words = plain_words(around) if isinstance(around, Simple) else []
        return [_elsewhere(step, words, named[0])] if named[0] else []

    def _starts(self, step: Step) -> list[Mark]:
        found: dict[str, Mark] = {}
        for fields in step.alternatives:
            words = [one.text for one in fields]
            if remote_from(words) is not None:
                there = " ".join(words[remote_from(words) or 0 :]).split()
                far = [m.how for m in meanings(there) if m.meaning in ("start", "join", "init", "direct")]
                far += filter(None, map(start_in, [" ".join(there), *words]))
                if any(far) and not step.nested:
                    found.setdefault("remote", _elsewhere(step, words, far[0]))
                continue
            meant = meanings(words) or hidden_join(step, words, self.joins)
            self._note(step, fields, any(one.meaning in _TAKES_FLAGS for one in meant))
            for one in meant:
                if one.meaning == "harmless":
                    found.setdefault("harmless", Mark.of(Kind.HARMLESS, step, one.how))
                    continue
                if one.meaning == "unknown":
                    found.setdefault("mention", Mark.of(Kind.MENTION, step, one.how))
                    continue
                origins = origins_of([fields[i] for i in one.words]) or _handed(step, one)
                kind = Kind(one.meaning)
                mark = Mark(kind, step.place.span, one.how, step.place, step, origins, one, fields)
                found.setdefault(kind, mark)
        return list(found.values())

    def _note(self, step: Step, fields: Fields, takes_flags: bool) -> None:
        # A join that is only printed, or tried with --dry-run, may be given more options too.
        takes_flags = takes_flags or {"kubeadm", "join"} <= {basename(one.text) for one in fields}
        for given in {step.statement, *(one.origin for one in fields if one.origin is not None)}:
            self.runs.setdefault((step.statement, given), set()).add(takes_flags)

    def _writes(self, step: Step) -> list[Mark]:
        found: list[Mark] = []
        barriers: list[Mark] = []
        self.joins.learn(step)
        self.opened.learn(step)
        for written in (*map(self.opened.behind, written_files(step)), *self.opened.written(step)):
            if _WANTED.search(written.path) and _names_the_unit(step):
                found.append(Mark.of(Kind.ENABLE, step, "a link that enables kubelet"))
            kind: FileKind | None = "package" if written.how == "package" else kind_of(written.path)
            if kind is None and written.path in self.environment_files:
                kind = "flags"
            if kind is None and written.content is not None and _holds_kubelet_variable(written):
                kind = "flags"
            if kind in ("unit", "drop-in") and written.content is not None:
                self.environment_files.update(read_unit(written.content.text).environment_files)
            if kind is None and written.content is not None and "JoinConfiguration" in written.content.text:
                kind = "join-config"
            if kind is None and written.content is not None and kubeadm_config.kubelet_taints(written.content.text):
                kind = "kubelet-config"
            if kind is not None:
                what = "installs kubelet" if kind == "package" else f"{written.how} {shown(written.path)}"
                mark = Mark(Kind.WRITE, step.place.span, what, step.place, step, (), None, (), written, kind)
                found.append(mark)
            elif may_be_of_kubelet(written.path):
                barriers.append(Mark.of(Kind.BARRIER, step, f"{written.how} {shown(written.path)}"))
            self.wrote.setdefault(step.statement, set()).add(kind is not None)
        return found[:1] if len({(m.file, m.what) for m in found}) == 1 else found or barriers[:1]

    def _unknown(self, step: Step, words: list[str]) -> list[Mark]:
        """A command that nobody knows may write kubelet's configuration: a call does not go above it."""
        first = skip_prefixes(words)
        if first >= len(words) or not words[first]:
            return []
        name = basename(words[first])
        if not only_reads(name, words[first + 1 :]) and any(map(_KUBELET_FILE.search, words[first:])):
            return [Mark.of(Kind.BARRIER, step, name)]
        if step.nested is not None or any(one.role == "substitution" for one in ancestors(step.statement)):
            return []  # asked for what it prints
        inline = name[:6] in ("python", "perl", "ruby") and words[first + 1 : first + 2] not in (["--version"], ["-V"])
        if inline:
            return [Mark.of(Kind.BARRIER, step, name)]
        if is_known(name):
            return []
        return [Mark.of(Kind.BARRIER, step, name)]

    def _mentioned(self, step: Step) -> list[Mark]:
        """What names kubelet or a join, and no rule has understood."""
        for fields in step.alternatives:
            words = [one.text for one in fields]
            if remote_from(words) is not None:
                continue
            named = reads_a_start(words, _given_to(step)) or not_understood(words)
            if named:
                return [Mark.of(Kind.MENTION, step, shown(f"{basename(fields[0].text)} … {named}")[:60])]
        return []


def _handed(step: Step, meant: Meant) -> tuple[Statement, ...]:
    """The statement that handed a function the text of a join which the function evaluates."""
    nested = step.nested
    if meant.meaning not in ("join", "init") or nested is None or nested.outer or not within_function(nested.statement):
        return ()
    for given in nested.handed or ():
        for several in (*((one,) for one in given), given):
            if nested.rendered.text.strip() == " ".join(one.text for one in several):
                return origins_of(several)
    return ()


def _first(several: Iterable[list[Mark]]) -> list[Mark]:
    """The marks of the first of some words that have any."""
    return next(filter(None, several), [])


def _of_others(step: Step, fields: Fields) -> list[Mark]:
    """Find what runs kubelet in another way than systemd's kubelet.service, and no agent does."""
    words = [one.text for one in fields]
    if is_first_rke(words):
        return [Mark.of(Kind.OTHER, step, FIRST_RKE)]
    remote = control_tool(words)
    if remote:
        return [Mark.of(Kind.REMOTE, step, remote)]
    manager = other_manager(words)
    return [Mark.of(Kind.OTHER, step, tool(words) or manager)] if manager else []


def _elsewhere(step: Step, words: list[str], what: str) -> Mark:
    """The mark of a start through a program such as ssh, which can lead back to this machine."""
    return Mark.of(Kind.MENTION, step, f"ssh … {what}") if comes_back(words) else Mark.of(Kind.REMOTE, step, what)


def _aside(step: Step, words: list[str]) -> list[Mark]:
    """What is no start of kubelet here, and concerns one: a container's, or one that systemd makes."""
    inside = enters_the_node(words)
    if inside:
        return [Mark.of(Kind.MENTION, step, f"nsenter … {inside}"[:60])]
    elsewhere, ended = contained(words), ends_kubelet(step, words)
    if elsewhere:
        return [Mark.of(Kind.REMOTE, step, elsewhere)]
    return [Mark.of(Kind.KILL, step, ended)] if ended else []


def _given_to(step: Step) -> Iterator[str]:
    """The texts that a command is given to read, where they stand in the script; not those of a shell."""
    found = read_by(step.statement, step.script, step.environment) if step.statement.redirections else None
    if found is not None:
        yield found.rendered.text
    elif step.piped_from is not None:
        yield from (one.rendered.text for one in outputs(step.piped_from, step.script, step.environment))


def _names_the_unit(step: Step) -> bool:
    return any("kubelet.service" in one.text for fields in step.alternatives for one in fields)


def _holds_kubelet_variable(written: Written) -> bool:
    """Say whether a file's content is an environment file with kubelet's options in it."""
    assert written.content is not None
    if "kubelet" not in written.path and UNKNOWN not in written.path:
        return False
    variables = parse_environment_file(written.content.text, NEWEST)
    return any(re.fullmatch(r"KUBELET_\w*(ARGS|OPTS|OPTIONS)", name) for name in variables)
