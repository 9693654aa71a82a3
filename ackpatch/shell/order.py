"""Walks a script in the order in which bash would run it: functions where they are called, both arms of a branch.

A visitor is shown every simple command with the words it can have at that moment, and marks what matters to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic

from ackpatch.errors import SyntaxRefusedError
from ackpatch.shell import nested as nesting
from ackpatch.shell.flow import Called, Choice, Contained, Flow, Guarded, Jump, Leaf, Leaving, Loop, Mark, has_marks, is_empty
from ackpatch.shell.flow import Sequence as Run
from ackpatch.shell.nested import Nested
from ackpatch.shell.render import Rendered, render_document
from ackpatch.shell.step import Defined, Step, Target
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import (
    Compound,
    Declaration,
    DoubleQuoted,
    Function,
    Part,
    Script,
    Simple,
    Statement,
    Substitution,
    walk,
)
from ackpatch.shell.values import UNKNOWN, Environment, Field, Fields, Texts, assign, expand, text_of

_MOST_STEPS = 40_000
_DEEPEST_CALL = 12
_MOST_ALTERNATIVES = 24


Visitor = Callable[[Step], list[Mark]]


@dataclass(slots=True)
class Walker(Generic[Mark]):
    """One walk over one script.

    ``relevant`` tells which nested texts are worth parsing; ``variables`` are known from the start.
    """

    script: Script
    visit: Visitor[Mark]
    relevant: re.Pattern[str]
    functions: dict[str, tuple[Defined, ...]] = field(default_factory=dict)
    files: dict[str, Nested] = field(default_factory=dict)
    called: set[int] = field(default_factory=set)
    refused: list[tuple[Nested, str]] = field(default_factory=list)
    variables: dict[str, Texts] = field(default_factory=dict)
    steps: int = 0
    too_long: bool = False
    _depth: int = 0
    exported: frozenset[str] = frozenset()
    _nested: Nested | None = None
    _shell: Nested | None = None
    _current: Script | None = None
    _memo: dict[tuple[int, Fields, bool], Flow[Mark]] = field(default_factory=dict)

    def walk(self) -> Flow[Mark]:
        """Walk the whole script, then the functions that nothing in it calls."""
        environment = Environment(dict(self.variables))
        self._current = self.script
        all_functions = [s.command for s in walk(self.script.statements) if isinstance(s.command, Function)]
        self._later = {function.name: Defined(function, self.script) for function in all_functions}
        whole: Run[Mark] = Run([self._list(self.script.statements, environment)])
        for function in all_functions:
            if id(function) not in self.called:
                inner = environment.copy()
                inner.positional = None
                body = self._statement(function.body, inner)
                if not is_empty(body):
                    whole.children.append(Choice([body], exhaustive=False))
        return whole

    _later: dict[str, Defined] = field(default_factory=dict)
    _definitions: int = 0

    def _list(self, statements: Sequence[Statement], environment: Environment) -> Flow[Mark]:
        run: Run[Mark] = Run()
        for statement in statements:
            flow = self._statement(statement, environment)
            if not is_empty(flow):
                run.children.append(flow)
        return run

    def _statement(self, statement: Statement, environment: Environment) -> Flow[Mark]:
        self.steps += 1
        run: Run[Mark] = Run(statement=statement)
        if self.steps > _MOST_STEPS:
            self.too_long = True
            return run
        command = statement.command
        if isinstance(command, Simple):
            run.children = self._simple(statement, command, environment)
        elif isinstance(command, Declaration):
            self._substitutions([a.value.parts for a in command.assignments if a.value], environment, run)
            if any("f" in one and (command.variant == "export" or "x" in one) for one in command.options):
                self.exported |= {one.name for one in command.assignments}
            for assignment in command.assignments:
                if assignment.value or assignment.array is not None:
                    assign(environment, assignment)
        elif isinstance(command, Function):
            assert self._current is not None
            self.functions[command.name] = (Defined(command, self._current, self._nested),)
            self._definitions += 1
        elif isinstance(command, Compound):
            run.children = self._compound(statement, command, environment)
        if not isinstance(command, Simple) and statement.redirections:
            run.children += self._visit(statement, Simple([], []), [()], environment)
        if statement.background and run.children:
            run.children = [Contained(Run(run.children), waits=False)]
        return run

    def _compound(self, statement: Statement, command: Compound, environment: Environment) -> list[Flow[Mark]]:
        kind = command.kind
        if kind in ("block", "other"):
            return [self._list(body, environment) for body in command.bodies]
        if kind == "subshell":
            return [Contained(self._list(body, environment.copy())) for body in command.bodies]
        if kind == "pipe":
            return self._pipe(command, environment)
        if kind in ("and", "or"):
            left = self._list(command.bodies[0], environment)
            right = self._branches([command.bodies[1]], environment, exhaustive=False)
            return [Guarded(left, right)] if kind == "and" else [left, right]
        if kind == "if":
            conditions = [self._list(condition, environment) for condition in command.conditions]
            return [*conditions, self._branches(command.bodies, environment, command.exhaustive)]
        if kind == "case":
            return [self._branches(command.bodies, environment, command.exhaustive)]
        return [self._loop(command, environment)]

    def _loop(self, command: Compound, environment: Environment) -> Flow[Mark]:
        before = environment.copy()
        if command.variable:
            fields = self._items(command, environment)
            environment.scalars[command.variable] = tuple(dict.fromkeys(one.text for one in fields)) or (UNKNOWN,)
        run: Run[Mark] = Run([self._list(body, environment) for body in (*command.conditions, *command.bodies)])
        environment.merge([before])
        return Loop(run)

    def _items(self, command: Compound, environment: Environment) -> list[Field]:
        if command.items is None:
            return list(environment.positional or ())
        fields = [one for word in command.items for fields in expand(word, environment) for one in fields]
        return fields[:_MOST_ALTERNATIVES]

    def _branches(self, bodies: list[list[Statement]], environment: Environment, exhaustive: bool) -> Flow[Mark]:
        flows, ends = [], []
        functions, seen = self.functions, self._definitions
        for body in bodies:
            inner = environment.copy()
            flows.append(self._list(body, inner))
            ends.append(inner)
            if self._definitions == seen:
                continue
            seen, functions = self._definitions, dict(functions)
            for name, defined in self.functions.items():
                known = functions.get(name, ())
                functions[name] = known + tuple(d for d in defined if not any(d.function is k.function for k in known))
        self.functions = functions
        if exhaustive and ends:
            environment.scalars, environment.arrays = dict(ends[0].scalars), dict(ends[0].arrays)
        environment.merge(ends)
        return Choice(flows, exhaustive)

    def _pipe(self, command: Compound, environment: Environment) -> list[Flow[Mark]]:
        left, right = command.bodies[0][0], command.bodies[1][0]
        flows: list[Flow[Mark]] = [Contained(self._statement(left, environment.copy()))]
        source = left
        while isinstance(source.command, Compound) and source.command.kind == "pipe":
            source = source.command.bodies[1][0]
        if isinstance(right.command, Simple):
            run: Run[Mark] = Run(statement=right)
            run.children = self._simple(right, right.command, environment.copy(), piped_from=source)
            return [*flows, Contained(run)]
        return [*flows, Contained(self._statement(right, environment.copy()))]

    def _simple(
        self, statement: Statement, command: Simple, environment: Environment, piped_from: Statement | None = None
    ) -> list[Flow[Mark]]:
        run: Run[Mark] = Run()
        parts = [word.parts for word in command.words] + [a.value.parts for a in command.assignments if a.value]
        self._substitutions(parts, environment, run)
        if not command.words:
            for assignment in command.assignments:
                assign(environment, assignment)
            if not statement.redirections:
                return run.children
        alternatives = self._alternatives(command, environment)
        call = self._call(alternatives, statement, environment)
        if call is not None:
            run.children.append(call)
            alternatives = [()]
        else:
            run.children += self._builtins(alternatives[0], environment)
            run.children += self._inner(statement, command, alternatives, environment, piped_from)
        run.children += self._visit(statement, command, alternatives, environment, piped_from)
        return run.children

    def _alternatives(self, command: Simple, environment: Environment) -> list[Fields]:
        alternatives: list[Fields] = [()]
        for word in command.words:
            grown = [(*before, *fields) for before in alternatives for fields in expand(word, environment)]
            alternatives = list(dict.fromkeys(grown))[:_MOST_ALTERNATIVES]
        return alternatives

    def _visit(
        self,
        statement: Statement,
        command: Simple,
        alternatives: list[Fields],
        environment: Environment,
        piped_from: Statement | None = None,
    ) -> list[Flow[Mark]]:
        assert self._current is not None
        targets = [Target(r, text_of(r.word, environment)) for r in statement.redirections if r.document is None]
        step = Step(
            statement, command, alternatives, targets, environment, self._current, self._nested, piped_from, self._shell
        )
        self._remember(step)
        return [Leaf(mark) for mark in self.visit(step)]

    def _builtins(self, fields: Fields, environment: Environment) -> list[Flow[Mark]]:
        """Follow the builtins that change variables or leave a function or a loop."""
        if not fields:
            return []
        if fields[0].text == "return":
            return [Jump(Leaving.FUNCTION)]
        if fields[0].text in ("break", "continue"):
            return [Jump(Leaving.LOOP)]
        if fields[0].text == "read":
            for one in fields[1:]:
                environment.scalars[one.text] = (UNKNOWN,)
        elif fields[0].text == "cd" and len(fields) > 1:
            environment.scalars["PWD"] = (fields[1].text,)
        elif fields[0].text == "shift" and environment.positional is not None:
            count = int(fields[1].text) if len(fields) > 1 and fields[1].text.isdigit() else 1
            environment.positional = environment.positional[count:]
            environment.shifted = True
        return []

    def _substitutions(self, parts: Sequence[Sequence[Part]], environment: Environment, run: Run[Mark]) -> None:
        for part in (part for several in parts for part in several):
            if isinstance(part, DoubleQuoted):
                self._substitutions([part.parts], environment, run)
            elif isinstance(part, Substitution):
                flow = self._list(part.body, environment.copy())
                if not is_empty(flow):
                    run.children.append(Contained(flow))

    def _call(self, alternatives: list[Fields], statement: Statement, environment: Environment) -> Flow[Mark] | None:
        """Walk into the functions that a command can call; None when it calls none that is known."""
        choices: list[Flow[Mark]] = []
        for fields in alternatives:
            found = self._defined(fields)
            for defined in found:
                arguments = tuple(Field(f.text, f.origin or statement) for f in fields[1:])
                choices.append(self._into(defined, arguments, environment))
        if not choices:
            return None
        return choices[0] if len(choices) == 1 else Choice(choices, exhaustive=True)

    def _defined(self, fields: Fields) -> tuple[Defined, ...]:
        if not fields:
            return ()
        name = fields[0].text
        known = self.functions.get(name)
        if known is None and name in self._later:
            known = (self._later[name],)
        return known or ()

    def _into(self, defined: Defined, arguments: Fields, environment: Environment) -> Flow[Mark]:
        key = (id(defined.function), arguments, self._shell is None)
        self.called.add(id(defined.function))
        if key in self._memo or self._depth >= _DEEPEST_CALL:
            return self._memo.get(key, Run())
        self._memo[key] = Run()
        saved = environment.positional, environment.shifted
        environment.positional, environment.shifted = arguments, False
        text = self._nested, self._current
        self._nested, self._current = defined.nested, defined.script
        self._depth += 1
        flow = self._statement(defined.function.body, environment)
        self._depth -= 1
        self._nested, self._current = text
        environment.positional, environment.shifted = saved
        self._memo[key] = Called(flow) if has_marks(flow) else Run()
        return self._memo[key]

    def _remember(self, step: Step) -> None:
        """Remember a file whose text a here-document gives, in case it is run later."""
        for redirection in step.statement.redirections:
            if redirection.document is None:
                continue
            paths = [p for t in step.targets if t.redirection.operator in (">", ">|", ">>") for p in t.paths]
            words = [one.text for one in step.alternatives[0]]
            if "tee" in words:
                paths += [word for word in words[words.index("tee") + 1 :] if not word.startswith("-")]
            if paths and self.relevant.search(step.script.source(redirection.document.body)):
                rendered = render_document(redirection.document, step.script, step.environment).resolved()
                for path in paths:
                    self.files[path] = Nested("file", rendered, step.place, redirection.document, outer=self._nested)

    def _inner(
        self,
        statement: Statement,
        command: Simple,
        alternatives: list[Fields],
        environment: Environment,
        piped_from: Statement | None,
    ) -> list[Flow[Mark]]:
        assert self._current is not None
        words = [one.text for one in alternatives[0]]
        texts: list[Nested] = []
        if any(nesting.basename(word) in nesting.RUNNERS for word in words):
            texts = nesting.nested_texts(command, statement, self._current, environment, self._nested)
        if piped_from is not None and (nesting.reads_script(words) or nesting.remote_from(words)):
            texts += self._piped(statement, words, piped_from, environment)
        run = nesting.file_run(words)
        if run is not None:
            texts += self._file(run[0], statement, words)
        return [flow for text in texts for flow in self._text(text, environment)]

    def _outermost(self, statement: Statement) -> Statement:
        """Give the statement of the outermost script at which one of a nested text runs."""
        return self._nested.statement if self._nested else statement

    def _piped(
        self, statement: Statement, words: list[str], source: Statement, environment: Environment
    ) -> list[Nested]:
        assert self._current is not None
        kind: nesting.Kind = "document" if nesting.reads_script(words) else "remote"
        dropped = nesting.drops_environment(words)
        documents = [r.document for r in source.redirections if r.document is not None]
        return [
            Nested(
                kind,
                render_document(d, self._current, environment).resolved(),
                self._outermost(statement),
                d,
                dropped,
                self._nested,
            )
            for d in documents
        ]

    def _file(self, path: str, statement: Statement, words: list[str]) -> list[Nested]:
        written = self.files.get(path) or self.files.get(path.removeprefix("./"))
        if written is None:
            return []
        dropped = nesting.drops_environment(words)
        return [
            Nested(
                "file",
                written.rendered,
                self._outermost(statement),
                written.document,
                dropped,
                self._nested,
                written.statement,
            )
        ]

    def _text(self, text: Nested, environment: Environment) -> list[Flow[Mark]]:
        """Walk a nested text; what the parser refuses is kept for a finding."""
        if not self.relevant.search(text.rendered.text) or self._depth >= _DEEPEST_CALL:
            return []
        assert self._current is not None
        try:
            script = parse(encoded(text.rendered), self.script.dialect)
        except SyntaxRefusedError as refusal:
            self.refused.append((text, str(refusal)))
            return []
        saved = self._nested, self._current, self.functions, self._shell, self._later
        self._nested, self._current, self._shell = text, script, text
        if not text.same_shell:
            self.functions = {name: one for name, one in self.functions.items() if name in self.exported}
            self._later = {}
        self._depth += 1
        flow = self._list(script.statements, environment if text.same_shell else Environment(dict(self.variables)))
        self._depth -= 1
        self._nested, self._current, self.functions, self._shell, self._later = saved
        if is_empty(flow):
            return []
        return [flow] if text.same_shell else [Contained(flow)]


def encoded(rendered: Rendered) -> bytes:
    """Give the bytes of a rendered text; it holds Latin-1 characters only."""
    return rendered.text.encode("latin-1", "replace")
