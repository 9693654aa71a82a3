"""Marks the starts of agents; learns on the way which units and settings of theirs a script writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ackpatch.node.agents import OTHER_UNIT, agent_start, clash, concerns_agents, only_installs
from ackpatch.node.mark import Kind, Mark, origins_of
from ackpatch.node.writes import written_files
from ackpatch.shell.environment import UNKNOWN, Fields, Texts, shown
from ackpatch.shell.own_files import absolute
from ackpatch.shell.programs import basename, file_run, program
from ackpatch.shell.step import Step
from ackpatch.shell.tree import Script
from ackpatch.shell.values import text_of

_FILE = re.compile(r"\.service$|/rancher/.*\.ya?ml$")
_RUNS_AGENT = re.compile(r"^ExecStart=.*\b(?:k3s|rke2)\b.*\bagent\b", re.MULTILINE)
# A program that is known, whatever it is given.
_RUNS = re.compile(rf"^ExecStart=[^\s{UNKNOWN}]+(?:\s|$)", re.MULTILINE)
_BROUGHT = re.compile(r"/(v\d+\.\d+\.\d+)(?:%2[Bb]|\+)(k3s|rke2)")
# Exported, they make a k3s agent of whatever installer runs.
_OPTIONS = "INSTALL_K3S_EXEC"
_SETTINGS = ("K3S_URL", _OPTIONS)


class AgentReader:
    """Reads the commands of one script for agents."""

    def __init__(self, script: Script) -> None:
        self._speaks = concerns_agents(script.text)
        # The programs of the agents' units that the script wrote, by the unit's name.
        self._units: dict[str, str] = {}
        # The commands that fetched files, by the path.
        self._fetched: dict[str, str] = {}
        self._versions: dict[str, Texts] = {}
        self._clash = ""
        self._taints = False

    def learn(self, step: Step) -> None:
        """Note the units and the settings that a command writes."""
        for name in _value(step, "INSTALL_K3S_NAME"):
            self._units.setdefault(f"k3s-{name}", "k3s agent")
        words = [one.text for fields in step.alternatives for one in fields]
        self._learn_version(step)
        name = program(words)[1]
        if name in ("curl", "wget"):
            self._fetched |= {one.path: step.script.source(step.statement.span) for one in written_files(step)}
        if "install" in words and name == "k0s":
            self._units["k0sworker"] = OTHER_UNIT  # it has the values on its line
        if not any(_FILE.search(one) for one in (*words, *(p for t in step.targets for p in t.paths))):
            return
        for written in written_files(step):
            path, text = written.path, written.content.text if written.content else ""
            unit = basename(path).removesuffix(".service")
            if path.endswith(".service") and _RUNS_AGENT.search(text):
                self._units[unit] = text
            elif path.endswith(".service") and unit.startswith("k3s-") and (unit != "k3s-agent" or _RUNS.search(text)):
                self._units[unit] = OTHER_UNIT
            elif "/rancher/" in path:
                self._clash = self._clash or clash(text)
                self._taints = self._taints or "node-taint" in text

    def _learn_version(self, step: Step) -> None:
        """Note which version an installer is told to bring; of a channel's releases the last."""
        brought = _BROUGHT.search(step.script.source(step.statement.span))
        for make in ("K3S", "RKE2"):
            variable = f"INSTALL_{make}_VERSION"
            if brought is not None and brought[2] == make.lower():
                self._versions[variable] = (brought[1],)
            elif any(one.name in (variable, f"INSTALL_{make}_CHANNEL") for one in step.command.assignments):
                channel = tuple(f"{one}.99" for one in _value(step, f"INSTALL_{make}_CHANNEL"))
                self._versions[variable] = _value(step, variable) or channel

    def marks(self, step: Step, several: Sequence[Fields]) -> list[Mark]:
        """The mark of a command that starts an agent, or only installs one.

        Of the words that it can have here the first with an agent that the values do not reach counts, else the first
        with an agent.
        """
        found = [mark for fields in several for mark in self._marks(step, fields)]
        kept = [one for one in found if one.agent is not None] or found
        return sorted(kept, key=lambda one: not (one.agent and one.agent.problem))[:1]

    def _marks(self, step: Step, fields: Fields) -> Iterator[Mark]:
        words = [one.text for one in fields]
        exported = any(one in step.environment.scalars for one in _SETTINGS)
        if not (self._speaks or exported or self._units or any(map(concerns_agents, words))):
            return
        written = step.script.source(step.statement.span)
        run = file_run(words)
        path = absolute(run[0], step.environment) if run is not None else ""
        piped, variables = step.piped_source or self._fetched.get(path, ""), self._versions | _variables(step, words)
        for options in variables.get(_OPTIONS, ("",)):
            given = variables | ({_OPTIONS: (options,)} if _OPTIONS in variables else {})
            found = agent_start(words, written, given, piped, self._units)
            if found is not None:
                agent = replace(found, problem=found.problem or self._clash, taints=found.taints or self._taints)
                origins = origins_of(fields)
                yield Mark(Kind.AGENT, step.place.span, shown(agent.how), step.place, step, origins, agent=agent)
            elif installed := only_installs(words, written, given, piped):
                yield Mark.of(Kind.HARMLESS, step, installed)


def _variables(step: Step, words: Sequence[str]) -> dict[str, Texts]:
    """The variables that a command sees, those written before it, or after sudo or env, included."""
    before = (one.partition("=") for one in words[: program(words)[0]])
    given = {name: (value,) for name, sign, value in before if sign and name.isidentifier()}
    return step.environment.scalars | {one.name: _value(step, one.name) for one in step.command.assignments} | given


def _value(step: Step, name: str) -> Texts:
    """What a variable is to a command, which may set it for itself alone."""
    for one in reversed(step.command.assignments):
        if one.name == name:
            return text_of(one.value, step.environment) if one.value is not None else ("",)
    return step.environment.scalars.get(name, ())
