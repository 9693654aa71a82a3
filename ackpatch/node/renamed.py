"""kubelet, kubeadm or kubelet's unit under another name, which a script gave them by a copy, a link or a download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ackpatch.shell.environment import UNKNOWN, Field, Fields
from ackpatch.shell.own_files import FOLDERS
from ackpatch.shell.programs import basename, program, skip_prefixes
from ackpatch.shell.step import Step

_OURS = frozenset({"kubelet", "kubeadm", "kubelet.service"})
_COPIES = frozenset({"cp", "mv", "ln", "install"})
# What fetches a file, and the option before the name that it gets.
_FETCHES = {"curl": re.compile(r"-\w*o|--output"), "wget": re.compile(r"-\w*O|--output-document")}


@dataclass(slots=True)
class Renamed:
    """The other names so far, each with the one that it stands for."""

    names: dict[str, str] = field(default_factory=dict)

    def learn(self, words: Sequence[str]) -> None:
        """Note a copy, a link or a download that has another name than what it is of."""
        first, name = program(words)
        hashes = name == "hash" and words[first + 1 : first + 2] == ["-p"] and len(words) == first + 4
        if hashes or (name in _COPIES and len(words) > first + 2):
            self._note(words[-2], words[-1])
        elif name in _FETCHES:
            addresses = [one for one in words[first + 1 :] if "://" in one]
            targets = [after for one, after in pairwise(words) if _FETCHES[name].fullmatch(one)]
            if len(addresses) == 1 and targets:
                self._note(addresses[0].partition("?")[0], targets[-1])

    def _note(self, source: str, target: str) -> None:
        real, name = self.names.get(source, basename(source)), basename(target)
        if real not in _OURS or not name or name == real or UNKNOWN in target:
            return
        if real == "kubelet.service":
            if name.endswith(".service"):
                self.names |= {name: real, name.removesuffix(".service"): real}
            return
        self.names[target] = real
        if target.rpartition("/")[0] in FOLDERS:
            self.names[name] = real

    def read(self, step: Step) -> Step:
        """The same command with the names that it is known by."""
        if not self.names:
            return step
        return replace(step, alternatives=[self._fields(fields) for fields in step.alternatives])

    def _fields(self, fields: Fields) -> Fields:
        words = [one.text for one in fields]
        first = skip_prefixes(words)
        if first >= len(words):
            return fields
        known = range(first, first + 1)
        if basename(words[first]) in ("systemctl", "service"):
            known = range(first + 1, len(words))
        return tuple(
            Field(self.names[one.text], one.origin) if number in known and one.text in self.names else one
            for number, one in enumerate(fields)
        )
