"""Which texts of a script a command runs as scripts of their own, now or later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ackpatch.shell import later
from ackpatch.shell import nested as nesting
from ackpatch.shell.nested import Nested
from ackpatch.shell.output import outputs, piped_file, printed, read_by
from ackpatch.shell.own_files import OwnFiles
from ackpatch.shell.render import Rendered
from ackpatch.shell.step import Step
from ackpatch.shell.tree import HereDocument

# Where a command without a path is looked for; what copies a file.
_PATH = ("/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/bin", "/sbin")
_COPIES = frozenset({"cp", "mv", "install", "ln"})
# A command that is a variable.
_FROM_A_VARIABLE = re.compile(r"(?:^|[;&|(]|\b(?:do|then|else|eval))[ \t]*[\"']?\$[\w{]", re.MULTILINE)
_WANTED_BY = re.compile(r"\.(?:wants|requires)(?:/|$)")
_STARTS = frozenset({"start", "restart", "reload-or-restart", "try-restart", "enable", "reenable"})
_READS_NOW = frozenset({"at", "batch", "crontab"})


@dataclass(slots=True)
class Texts:
    """The texts that the script has written so far, by path; ``relevant`` tells which texts are worth reading.

    ``starting`` are the units whose commands are being walked.
    """

    relevant: re.Pattern[str]
    files: OwnFiles = field(default_factory=OwnFiles)
    starting: set[str] = field(default_factory=set)

    def matter(self, text: str) -> bool:
        """Say whether a text is worth reading: by its words, or since it names a file that the script has written."""
        return (
            self.relevant.search(text) is not None
            or _FROM_A_VARIABLE.search(text) is not None
            or any(path in text for path in self.files)
        )

    def of(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """The texts that a command runs, with the files that it writes remembered."""
        yield from self._written(step, words)
        if any(nesting.basename(word) in nesting.RUNNERS for word in words):
            yield from nesting.nested_texts(step)
            for path in nesting.first_read(step):
                yield from self._file(path, step)
        yield from self._fed(step, words)
        run = nesting.file_run(words)
        if run is not None:
            yield from self._file(run[0], step, "eval" if run[1] else "file")
        self._copied(words)
        for path in self._named(words):
            yield from self._file(path, step)
        for path in self._started(words):
            if path not in self.starting:
                self.starting.add(path)  # a unit that asks for the one that asks for it is started once
                yield from self._file(path, step)
                self.starting.discard(path)

    def _copied(self, words: list[str]) -> None:
        """Note that a file of the script's own is somewhere else too."""
        first = nesting.skip_prefixes(words)
        if len(words) > first + 2 and nesting.basename(words[first]) in _COPIES and words[-2] in self.files:
            self.files.write(words[-1], self.files[words[-2]])

    def _named(self, words: list[str]) -> Iterator[str]:
        """The files of the script's own that a command runs by a bare name."""
        first = nesting.skip_prefixes(words)
        if self.files and first < len(words) and "/" not in words[first]:
            yield from (path for folder in _PATH if (path := f"{folder}/{words[first]}") in self.files)

    def _read_files(self, step: Step) -> Iterator[str]:
        """The files of the script's own that a shell reads: by a redirection, or through a pipe from ``cat``."""
        yield from (p for t in step.targets if t.redirection.operator == "<" for p in t.paths if p in self.files)
        if step.piped_from is not None and (path := piped_file(step.piped_from, step)) in self.files:
            yield path

    def _fed(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """A shell, ``crontab -`` or ``at`` that reads what the script gives it."""
        first = nesting.skip_prefixes(words)
        name = nesting.basename(words[first]) if first < len(words) else ""
        reads = nesting.reads_script(words)
        waits = name in _READS_NOW and (name != "crontab" or words[-1] == "-")
        remote = nesting.remote_from(words) is not None
        if not (reads or waits or remote):
            return
        for path in self._read_files(step) if reads else ():
            yield from self._file(path, step)
        kind: nesting.Kind = "later" if waits else "document" if reads else "remote"
        if step.piped_from is not None:
            found = list(outputs(step.piped_from, step.script, step.environment))
        else:
            given = read_by(step.statement, step.script, step.environment)
            found = [given] if given is not None and (given.document is None or waits) else []
        for one in found:
            rendered = one.rendered.resolved()
            for text in later.without_schedule(rendered) if name == "crontab" else [rendered]:
                yield self._nested(kind, text, step, one.document)

    def _nested(self, kind: nesting.Kind, text: Rendered, step: Step, document: HereDocument | None) -> Nested:
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        return Nested(kind, text, step.place, document, nesting.drops_environment(words), step.nested)

    def _written(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """Remember a file whose text the script gives; one that something runs later is a text of its own at once."""
        paths = [p for t in step.targets if t.redirection.operator in (">", ">|", ">>") for p in t.paths]
        if "tee" in words:
            paths += [word for word in words[words.index("tee") + 1 :] if not word.startswith("-")]
        if "install" in words and "/dev/stdin" in words:
            paths.append(words[-1])
        if not paths:
            return
        text = printed(step.statement, words, step.script, step.environment)
        first = nesting.skip_prefixes(words)
        passes_on = first < len(words) and nesting.basename(words[first]) in ("cat", "tee", "install")
        text = text or (read_by(step.statement, step.script, step.environment) if passes_on else None)
        if text is None and passes_on and step.piped_from is not None:
            several = list(outputs(step.piped_from, step.script, step.environment))
            text = several[0] if len(several) == 1 else None
        if text is None:
            for path in paths:
                self.files.forget(path)
            return
        rendered = text.rendered.resolved()
        appends = any(t.redirection.operator == ">>" for t in step.targets)
        for path in paths:
            put = self.files.append if appends else self.files.write
            put(path, Nested("file", rendered, step.place, text.document, outer=step.nested))
            for one in later.runs_later(path, rendered, self.relevant):
                yield self._nested("later", one, step, text.document)

    def _file(self, path: str, step: Step, kind: nesting.Kind = "file") -> Iterator[Nested]:
        written = self.files.get(path) or self.files.get(path.removeprefix("./"))
        if written is None:
            return
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        dropped = nesting.drops_environment(words)
        unit = later.unit_of(path, self.relevant)
        for text in later.commands_of(unit, written.rendered) if unit else [written.rendered]:
            yield Nested(kind, text, step.place, written.document, dropped, written.outer)

    def _started(self, words: list[str]) -> Iterator[str]:
        """The units written by the script that a systemctl command starts, and files that ``at -f`` runs."""
        first = nesting.skip_prefixes(words)
        name = nesting.basename(words[first]) if first < len(words) else ""
        if name == "at" and "-f" in words[:-1]:
            yield words[words.index("-f") + 1]
        links = name == "ln" and _WANTED_BY.search(words[-1]) is not None
        if not links and (name != "systemctl" or not _STARTS & set(words)):
            return
        named = {nesting.basename(word) for word in words}
        for path in list(self.files):
            unit = later.unit_of(path, self.relevant)
            if unit and later.is_asked_for(unit, named):
                yield path
