"""Which texts of a script a command runs as scripts of their own, now or later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import pairwise

from ackpatch.shell import later, programs
from ackpatch.shell import nested as nesting
from ackpatch.shell.environment import SELF, UNKNOWN, Environment, Fields
from ackpatch.shell.nested import Nested
from ackpatch.shell.output import outputs, piped_file, printed, read_by
from ackpatch.shell.own_files import OwnFiles, absolute
from ackpatch.shell.render import Rendered
from ackpatch.shell.step import Step
from ackpatch.shell.substituted import substituted
from ackpatch.shell.tree import HereDocument, Simple

# What copies a file.
_COPIES = frozenset({"cp", "mv", "install", "ln"})
# A command that is a variable.
_FROM_A_VARIABLE = re.compile(
    r"(?:^|[;&|(]|\b(?:do|then|else|eval))[ \t]*"
    rf"(?:(?:[\w./~-]*/)?(?:{'|'.join(map(re.escape, programs.PREFIXES))})[ \t]+(?:(?:-\S*|\w+=\S*|\d\S*)[ \t]+)*)*"
    r"[\"']?(?:\$[\w{]|\x01)",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"\$\{?(\w+|@|\*)")
_SYSTEM_FILE = re.compile(r"/systemd/system|/etc/cron|rc\.local|/etc/init\.d")
_WANTED_BY = re.compile(r"\.(?:wants|requires|upholds)(?:/|$)")
_STARTS = later.STARTS | {"set-default", "isolate", "add-wants"}
_EDITORS = frozenset({"sed", "gsed", "perl", "ed", "ex"})
_SEDS = frozenset({"sed", "gsed"})
_IN_PLACE = re.compile(r"-\w*i|--in-place|-s$")
_FETCHERS = frozenset({"curl", "wget"})
_INTO = re.compile(r"-\w*[oO]|--output|--output-document")
_PASSES_ON = frozenset({"cat", "tee", "install", "cp", "dd", "sponge", "systemctl"})
_READS_NOW = frozenset({"at", "batch", "crontab"})


@dataclass(slots=True)
class Texts:
    """The texts that the script has written so far, by path; ``relevant`` tells which texts are worth reading.

    ``starting`` are the units whose commands are being walked; ``run`` has the texts that something ran, of
    files and others.
    """

    relevant: re.Pattern[str]
    files: OwnFiles = field(default_factory=OwnFiles)
    starting: set[str] = field(default_factory=set)
    run: set[str] = field(default_factory=set)

    def matter(self, text: str) -> bool:
        """Say whether a text is worth reading: by its words, or since it names a file that the script has written."""
        return (
            self.relevant.search(text) is not None
            or _FROM_A_VARIABLE.search(text) is not None
            or _SYSTEM_FILE.search(text) is not None
            or any(programs.basename(path) in text for path in (*self.files, *self.files.unknown))
        )

    def matters(self, text: Nested, environment: Environment) -> bool:
        """Say whether a nested text is worth reading, by its words or by what it is handed."""
        if SELF in text.rendered.text or self.matter(text.rendered.text):
            return True
        named = _VARIABLE.findall(text.rendered.text)
        values = (value for name in named for value in environment.scalars.get(name, ()))
        given = (one.text for fields in text.arguments or () for one in fields) if named else ()
        return any(map(self.relevant.search, (*values, *given)))

    def of(self, step: Step) -> Iterator[Nested]:
        """The texts that a command runs, with the files that it writes remembered."""
        several = [[one.text for one in fields] for fields in step.alternatives] or [[]]
        yield from self._written(step, several)
        if any(programs.basename(word) in programs.RUNNERS for words in several for word in words):
            yield from nesting.nested_texts(step)
            for path in nesting.first_read(step):
                yield from self._file(path, step)
        for words in several:
            yield from self._run(step, words)

    def _run(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """The texts that a command with these words runs, besides those in its own words."""
        yield from self._fed(step, words)
        run = programs.file_run(words)
        if run is not None:
            yield from self._file(run[0], step, "eval" if run[1] else "file")
        yield from self._scheduled(step, words)
        yield from self._copied(step, words)
        yield from self._changed(step, words)
        for path in self._named(words):
            yield from self._file(path, step)
        for path in self._started(words):
            if path not in self.starting:
                self.starting.add(path)  # a unit that asks for the one that asks for it is started once
                at_boot = {"enable", "reenable", "preset"} & set(words) and "--now" not in words
                yield from self._file(path, step, "later" if at_boot else "file")
                self.starting.discard(path)

    def _copied(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """Note that a file of the script's own is somewhere else too, where something may run it later."""
        first = programs.skip_prefixes(words)
        if len(words) <= first + 2 or programs.basename(words[first]) not in _COPIES or "/dev/stdin" in words:
            return
        given = [absolute(one, step.environment) for one in words[first + 1 :] if not one.startswith("-")]
        into = words[words.index("-t") + 1] if "-t" in words[:-1] else ""
        target = absolute(into, step.environment) if into else given[-1]
        for source in given if into else given[:-1]:
            for path in (target.rstrip("/"), f"{target.rstrip('/')}/{programs.basename(source)}"):  # a file or a folder
                if source in self.files:
                    yield from self._put(path, self.files[source], step)
                elif source != target:
                    self.files.forget(path, self.files.text_of(source))

    def _scheduled(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """``crontab FILE``."""
        if programs.program(words)[1] != "crontab":
            return
        written = self.files.get(absolute(words[-1], step.environment))
        if written is not None:
            self.run.add(written.rendered.text)
            for text in later.without_schedule(written.rendered):
                yield self._nested("later", text, step, written.document)

    def _changed(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """Note which files hold now what only a run can tell; what is put into one may name a file of the script's."""
        first, name = programs.program(words)
        if name in _EDITORS and any(_IN_PLACE.match(one) for one in words[first + 1 :]):
            paths = words[first + 1 :]
            if any(map(later.is_run_later, paths)):
                named = [one for one in self.files if one != UNKNOWN and any(one in word for word in paths)]
                yield from (text for one in named for text in self._file(one, step))
        elif name in _FETCHERS:
            paths = [after for one, after in pairwise(words) if _INTO.fullmatch(one)]
        else:
            return
        edited = {absolute(one, step.environment) for one in paths}
        if name in _EDITORS:
            edited = {
                absolute(one.text, step.environment) for fields in step.alternatives for one in fields[first + 1 :]
            }
            edited = {path for path in self.files if any(_may_be(path, one) for one in edited)}
        for path in edited:
            before = self.files.text_of(path)
            after = substituted(words[first + 1 :], before) if before and name in _SEDS else ""
            self.files.forget(path, after if after != before else "")

    def _named(self, words: list[str]) -> Iterator[str]:
        """The files of the script's own that a command runs by a bare name."""
        first = programs.skip_prefixes(words)
        if self.files and first < len(words) and "/" not in words[first]:
            yield from self.files.programs(words[first])

    def _read_files(self, step: Step) -> Iterator[str]:
        """The files of the script's own that a shell reads: by a redirection, or through a pipe from ``cat``."""
        yield from (p for t in step.targets if t.redirection.operator == "<" for p in t.paths if p in self.files)
        if step.piped_from is not None and (path := piped_file(step.piped_from, step)) in self.files:
            yield path

    def _fed(self, step: Step, words: list[str]) -> Iterator[Nested]:
        """A shell, ``crontab -`` or ``at`` that reads what the script gives it."""
        _, name = programs.program(words)
        reads = programs.reads_script(words) or programs.reads_after_sudo(words)
        waits = name in _READS_NOW and (name != "crontab" or words[-1] == "-")
        remote = programs.remote_from(words) is not None
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
            rendered = one.rendered.together()
            for text in later.without_schedule(rendered) if name == "crontab" else [rendered]:
                yield self._nested(kind, text, step, one.document)

    def _nested(self, kind: nesting.Kind, text: Rendered, step: Step, document: HereDocument | None) -> Nested:
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        return Nested(kind, text, step.place, document, programs.drops_environment(words), step.nested)

    def _written(self, step: Step, several: list[list[str]]) -> Iterator[Nested]:
        """Remember a file whose text the script gives; one that something runs later is a text of its own at once."""
        paths = [p for t in step.targets if t.redirection.operator in (">", ">|", ">>", "&>") for p in t.paths]
        paths += [path for words in several for path in self._named_targets(words, step)]
        paths = list(dict.fromkeys(paths))
        if not paths:
            return
        words = several[0]
        _, name = programs.program(words)
        text = self._given(step, words, name)
        appends = any(t.redirection.operator == ">>" for t in step.targets)
        appends = appends or (name == "tee" and any(re.fullmatch(r"-\w*a\w*|--append", one) for one in words))
        for path, held in zip(paths, _in_each(paths, text), strict=True):
            if held is None:
                self.files.forget(path, self._read(step, words))
            else:
                yield from self._put(path, held, step, appends)

    @staticmethod
    def _named_targets(words: list[str], step: Step) -> Iterator[str]:
        """The files into which a command puts what it reads, named by its words."""
        first, name = programs.program(words)
        if name in ("tee", "sponge"):
            yield from (absolute(one, step.environment) for one in words[first + 1 :] if not one.startswith("-"))
        if name in ("install", "cp") and "/dev/stdin" in words:
            yield absolute(words[-1], step.environment)
        if name == "systemctl" and "edit" in words and "--stdin" in words:
            units = (one for one in words[first + 2 :] if one.endswith(".service"))
            yield from (f"/etc/systemd/system/{one}.d/override.conf" for one in units)
        if name == "dd":
            yield from (absolute(one[3:], step.environment) for one in words if one.startswith("of="))

    def _given(self, step: Step, words: list[str], name: str) -> Nested | None:
        """What a command puts into a file; of a compound what its commands print, as far as that is known."""
        statement, script, environment = step.statement, step.script, step.environment
        if not isinstance(statement.command, Simple):
            whole = Rendered()
            for one in outputs(statement, script, environment):
                whole.extend(one.rendered.together())
            return Nested("file", whole, step.place, outer=step.nested) if whole.text else None
        text = printed(statement, words, script, environment)
        if text is None and name in _PASSES_ON:
            text = read_by(statement, script, environment)
            several = list(outputs(step.piped_from, script, environment)) if not text and step.piped_from else []
            text = several[0] if len(several) == 1 else text
        return Nested("file", text.rendered, step.place, text.document, outer=step.nested) if text else None

    def _read(self, step: Step, words: list[str]) -> str:
        """The texts of the script's own that a command reads, whatever it makes of them."""
        given = read_by(step.statement, step.script, step.environment)
        read = [given] if given is not None else []
        if step.piped_from is not None:
            read += outputs(step.piped_from, step.script, step.environment)
            path = piped_file(step.piped_from, step)
            words = [*words, absolute(path, step.environment)] if path else words
        paths = [absolute(word, step.environment) for word in words[1:]]
        paths += [path for target in step.targets if target.redirection.operator == "<" for path in target.paths]
        own = (self.files.text_of(path) for path in dict.fromkeys(paths))
        whole = "\n".join([*(one.rendered.text for one in read), *filter(None, own)])
        first, name = programs.program(words)
        return substituted(words[first + 1 :], whole) if whole and name in _SEDS else whole

    def _put(self, path: str, text: Nested, step: Step, appends: bool = False) -> Iterator[Nested]:
        """Remember what is in a file; gives what something runs later since it is there."""
        (self.files.append if appends else self.files.write)(path, text)
        found = later.runs_later(path, text.rendered)
        if found:
            self.run.add(text.rendered.text)
        for one in found:
            yield replace(self._nested("later", one, step, text.document), reader=later.reader_of(path))

    def _file(self, path: str, step: Step, kind: nesting.Kind = "file") -> Iterator[Nested]:
        written = self.files.to_run(absolute(path, step.environment)) or self.files.to_run(path)
        if written is None:
            return
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        self.run.add(written.rendered.text)
        dropped = programs.drops_environment(words)
        is_unit = path.endswith(".service") or bool(later.unit_of(path))
        reader: nesting.Reader = "systemd" if is_unit else "shell"
        given = tuple(filter(None, (_from(path, fields) for fields in step.alternatives)))
        for text in later.commands_of(written.rendered) if is_unit else [written.rendered]:
            yield Nested(
                *(kind, text, step.place, written.document, dropped, written.outer),
                arguments=given if given and kind == "file" and not is_unit else None,
                reader=reader,
            )

    def _started(self, words: list[str]) -> Iterator[str]:
        """The units written by the script that a systemctl command starts, and files that ``at -f`` runs."""
        _, name = programs.program(words)
        if name == "at" and "-f" in words[:-1]:
            yield words[words.index("-f") + 1]
        if name == "systemctl" and _STARTS & set(words):
            own = (word for word in words if word in self.files and word.endswith(".service"))
            yield from (word for word in own if later.unit_of(f"/systemd/system/{programs.basename(word)}"))
        links = name == "ln" and _WANTED_BY.search(words[-1]) is not None
        if not links and (name != "systemctl" or not _STARTS & set(words)):
            return
        named = {programs.basename(word) for word in words}
        for path in list(self.files):
            unit = later.unit_of(path)
            if unit and later.is_asked_for(unit, named):
                yield path


def _in_each(paths: list[str], text: Nested | None) -> list[Nested | None]:
    """What is in each of several files: its own turn of a loop's text, where each turn names its file; else all."""
    if text is None:
        return [None] * len(paths)
    turns = text.rendered.alternatives()
    names = [programs.basename(path).partition(".")[0] for path in paths]
    holds = [[name in one.text for one in turns] for name in names]
    if len(paths) == len(turns) and holds == [[a == b for b in range(len(turns))] for a in range(len(paths))]:
        return [replace(text, rendered=one) for one in turns]
    return [replace(text, rendered=text.rendered.together())] * len(paths)


def _may_be(path: str, named: str) -> bool:
    """Say whether a word names a file: by its path, a pattern, or as one that only a run can tell."""
    return path == named or named in (UNKNOWN, "{}") or ("*" in named and fnmatchcase(path, named))


def certain_refusals(refused: list[tuple[Nested, str]], texts: list[Nested]) -> list[tuple[Nested, str]]:
    """Those of the texts that no parser takes which are run for sure: of several that may run one is enough."""
    either = sum(one.either for one in texts)
    return refused if either == sum(one.either for one, _ in refused) else [one for one in refused if not one[0].either]


def _from(path: str, fields: Fields) -> Fields:
    """The words of a command from the file on that it runs."""
    at = next((number for number, one in enumerate(fields) if one.text == path), len(fields))
    return fields[at:]
