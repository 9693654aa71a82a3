"""Walks a script in the order in which bash would run it: functions where they are called, both arms of a branch.

A visitor is shown every simple command with the words it can have at that moment, and marks what matters to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic

from ackpatch.errors import SyntaxRefusedError
from ackpatch.shell.alternatives import possible_words
from ackpatch.shell.assigning import assign
from ackpatch.shell.builtins import follow, shifts
from ackpatch.shell.calls import Calls
from ackpatch.shell.changing import after_expansions, another_turn, before_turns, give_turns, set_again
from ackpatch.shell.environment import Environment, Field, Fields
from ackpatch.shell.environment import Texts as Values
from ackpatch.shell.flow import (
    Called,
    Choice,
    Contained,
    Flow,
    Guarded,
    Jump,
    Leaf,
    Leaving,
    Limit,
    Loop,
    Mark,
    has_marks,
    is_empty,
)
from ackpatch.shell.flow import Sequence as Run
from ackpatch.shell.functions import Known, values_of
from ackpatch.shell.inner import Texts, certain_refusals
from ackpatch.shell.nested import Nested
from ackpatch.shell.output import feed
from ackpatch.shell.plain import all_parts, last_of_pipe
from ackpatch.shell.render import encoded
from ackpatch.shell.scopes import Scopes, for_one_command, taint
from ackpatch.shell.step import Defined, Step, names_one, targets_of
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Compound, Declaration, Function, Script, Simple, Statement, Substitution, walk

_MOST_STEPS, _A_COMMAND = 8_000, 30  # and so many more for each command of the script
_DEEPEST_TEXT = 12
_TURNS = 2  # of a loop that gives variables values which the next turn looks at
Visitor = Callable[[Step], list[Mark]]


@dataclass(slots=True)
class Walker(Generic[Mark]):
    """One walk over one script.

    ``relevant`` tells which nested texts are worth parsing; ``variables`` are known from the start. What could not be
    followed is in ``refused`` (nested texts that do not parse) and ``limits``; ``texts`` has what was written and run.
    """

    script: Script
    visit: Visitor[Mark]
    relevant: re.Pattern[str]
    variables: dict[str, Values] = field(default_factory=dict)
    refused: list[tuple[Nested, str]] = field(default_factory=list)
    limits: dict[Limit, Statement] = field(default_factory=dict)
    called: set[int] = field(default_factory=set)
    texts: Texts = field(init=False)
    steps: int = 0
    _functions: Known = field(default_factory=Known)
    _aliases: dict[str, str] = field(default_factory=dict)
    _depth: int = 0
    _nested: Nested | None = None
    _shell: Nested | None = None
    _current: Script = field(init=False)
    _calls: Calls[Mark] = field(default_factory=Calls)
    _most_steps: int = _MOST_STEPS
    _returned: list[list[Environment]] = field(default_factory=list)
    _scopes: Scopes = field(default_factory=Scopes)

    def __post_init__(self) -> None:
        self._current = self.script
        self._most_steps = _MOST_STEPS + _A_COMMAND * sum(1 for _ in walk(self.script.statements))
        self.texts = Texts(self.relevant)
        self._functions = Known.of(self.script)

    def walk(self) -> tuple[Flow[Mark], ...]:
        """Walk the whole script, then the functions that nothing in it calls: each is a flow of its own."""
        environment = Environment(dict(self.variables))
        flows: list[Flow[Mark]] = [self._list(self.script.statements, environment)]
        for defined in self._functions.later.values():
            if id(defined.function) not in self.called:
                body = self._body(defined, None, environment.copy())
                flows += [Called(body)] if has_marks(body) else []
        return tuple(flows)

    def _list(self, statements: Sequence[Statement], environment: Environment) -> Flow[Mark]:
        run: Run[Mark] = Run()
        for statement in statements:
            flow = self._statement(statement, environment)
            if not is_empty(flow):
                run.children.append(flow)
        return run

    def _limit(self, limit: Limit, statement: Statement) -> None:
        self.limits.setdefault(limit, self._nested.statement if self._nested else statement)

    def _statement(self, statement: Statement, environment: Environment, piped: Statement | None = None) -> Flow[Mark]:
        self.steps += 1
        run: Run[Mark] = Run(statement=statement)
        if self.steps > self._most_steps:
            self._limit(Limit.STEPS, statement)
            return run
        self._substitutions(statement, environment, run)
        command = statement.command
        if isinstance(command, Simple):
            run.children += self._simple(statement, command, environment, piped)
        elif isinstance(command, Declaration):
            if any("f" in one and (command.variant == "export" or "x" in one) for one in command.options):
                self._functions.exported |= {one.name for one in command.assignments}
            self._scopes.declare(command, environment)
            if names_one(self.variables, statement, self._current):
                run.children += self._bare(statement, Simple(command.assignments, []), environment)
        elif isinstance(command, Function):
            certain = statement.parent is None and self._depth == 0
            self._functions.define(Defined(command, self._current, self._nested), certain)
        elif isinstance(command, Compound):
            run.children += self._fed(statement, command, environment, piped)
        if not isinstance(command, Simple) and statement.redirections:
            run.children += self._bare(statement, Simple([], []), environment)
        if statement.background and run.children:
            run.children = [Contained(Run(run.children), waits=False)]
        return run

    def _substitutions(self, statement: Statement, environment: Environment, run: Run[Mark]) -> None:
        """Walk what runs in the words of a statement itself, wherever in them it stands."""
        parts = list(all_parts(statement))
        after_expansions(statement, parts, self._current, environment)
        for part in parts:
            if isinstance(part, Substitution):
                flow = self._list(part.body, environment.copy())
                if not is_empty(flow):
                    run.children.append(Contained(flow))

    def _fed(
        self, statement: Statement, command: Compound, environment: Environment, piped: Statement | None
    ) -> list[Flow[Mark]]:
        """Walk a compound command; a loop around ``read`` gets the lines that it is given, where they are known."""
        before, environment.feed = environment.feed, feed(statement, piped, self._current, environment)
        flows = self._compound(statement, command, environment)
        environment.feed = before
        return flows

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
            return [self._branches(command.runs or command.bodies, environment, command.exhaustive)]
        return [self._loop(statement, command, environment)]

    def _loop(self, statement: Statement, command: Compound, environment: Environment) -> Flow[Mark]:
        before = environment.copy()
        if any(environment.positional or ()) and any(map(shifts, walk([s for body in command.bodies for s in body]))):
            environment.shifted = True  # from the second turn on
        certain = give_turns(command, environment)
        before_turns(statement, command, self._current, environment)
        for _ in range(_TURNS):
            start = environment.copy()
            lists = command.conditions, command.bodies
            first, bodies = ([self._list(one, environment) for one in several] for several in lists)
            again = another_turn(command, start, environment)
            if again is None:
                break
            environment.become([again])
        environment.merge([before])
        # The condition of while and until runs before each turn and once more; a list of constant words has its turns.
        return Run([*first, Loop(Run([*bodies, *first]), once=certain)])

    def _branches(self, bodies: list[list[Statement]], environment: Environment, exhaustive: bool) -> Flow[Mark]:
        flows, ends = [], []
        for body in bodies:
            inner = environment.copy()
            functions, seen = dict(self._functions.now), self._functions.definitions
            flows.append(self._list(body, inner))
            if not self._functions.leaves(body):
                ends.append(inner)
            if self._functions.definitions != seen:
                self._functions.join(functions)
        if exhaustive and ends:
            environment.become(ends)
        else:
            environment.merge(ends)
        return Choice(flows, exhaustive)

    def _pipe(self, command: Compound, environment: Environment) -> list[Flow[Mark]]:
        left, right = command.bodies[0][0], command.bodies[1][0]
        first: Flow[Mark] = Contained(self._statement(left, environment.copy()))
        inner = environment.copy()
        second: Flow[Mark] = Contained(self._statement(right, inner, last_of_pipe(left)))
        if "lastpipe" in self.script.text:  # it runs in the script's own shell then
            environment.merge([inner])
        return [first, second]

    def _simple(
        self, statement: Statement, command: Simple, environment: Environment, piped: Statement | None
    ) -> list[Flow[Mark]]:
        if not command.words:
            for assignment in command.assignments:
                assign(environment, assignment)
            if not statement.redirections and not any(one.name in self.variables for one in command.assignments):
                return []
        alternatives = possible_words(statement, command, environment, self._current, piped, self._aliases)
        words = [one.text for one in alternatives[0]]
        call = self._called(command, alternatives, statement, environment, piped)
        if call is not None:
            call.children += self._bare(statement, command, environment, piped)
            if not self._functions.may_hide(words, self.relevant):
                return [call]
            # A function that hides a command on some paths only.
            real = self._step(statement, command, alternatives, environment, piped)
            return [Choice([call, Run(self._done(real))], exhaustive=True)]
        self._functions.undefine(words)
        step = self._step(statement, command, alternatives, environment, piped)
        leaving = follow(step, self._aliases)
        if leaving is Leaving.FUNCTION and self._returned:
            self._returned[-1].append(environment.copy())
        flows: list[Flow[Mark]] = [Jump(leaving)] if leaving is not None else []
        with for_one_command(command.assignments if words else (), environment, environment.feed):
            return flows + self._done(step)

    def _step(
        self,
        statement: Statement,
        command: Simple,
        alternatives: list[Fields],
        environment: Environment,
        piped: Statement | None = None,
    ) -> Step:
        targets = targets_of(statement, environment)
        return Step(
            statement, command, alternatives, targets, environment, self._current, self._nested, piped, self._shell
        )

    def _bare(
        self, statement: Statement, command: Simple, environment: Environment, piped: Statement | None = None
    ) -> list[Flow[Mark]]:
        """Walk what a statement does besides its own command: its redirections and assignments."""
        return self._done(self._step(statement, command, [()], environment, piped))

    def _done(self, step: Step) -> list[Flow[Mark]]:
        """Walk the texts that a command runs, and mark what it does."""
        if step.is_inert(self.variables):  # most commands of a script only print or test
            return []
        texts: dict[Hashable, Nested] = {}
        before, inner = len(self.refused), list[Flow[Mark]]()
        for text in self.texts.of(step):
            if texts.setdefault((text.kind, text.rendered.text, text.rendered.starts[:1].tobytes()), text) is text:
                inner += self._text(text, step.environment)
        self.refused[before:] = certain_refusals(self.refused[before:], list(texts.values()))
        own: list[Flow[Mark]] = [Leaf(mark) for mark in self.visit(step)]
        beside = all(text.reader == "systemd" for text in texts.values())  # several units start at the same time
        return own + inner if beside else inner + own

    def _called(
        self, command: Simple, several: list[Fields], statement: Statement, given: Environment, piped: Statement | None
    ) -> Run[Mark] | None:
        """Walk into the functions that a command can call, with the variables for it alone; None for none."""
        choices: list[Flow[Mark]] = []
        with for_one_command(command.assignments, given, feed(statement, piped, self._current, given)):
            for fields in several:
                for defined in self._functions.meant_by(fields[0].text) if fields else ():
                    arguments = tuple(Field(f.text, f.origin or statement) for f in fields[1:])
                    choices.append(self._into(defined, arguments, given))
        if not choices:
            return None
        return Run([choices[0] if len(choices) == 1 else Choice(choices, exhaustive=True)])

    def _into(self, defined: Defined, arguments: Fields, environment: Environment) -> Flow[Mark]:
        """Walk a function's body; the same body with the same words and variables does the same again."""
        self.called.add(id(defined.function))
        quiet = self._functions.is_quiet(defined)
        arguments, read = ((), frozenset()) if quiet else (arguments, self._functions.reads(defined.function))
        state = self._shell is None, self.texts.files.changes, environment.feed, *values_of(read, environment)
        body = partial(self._body, defined, arguments, environment)
        flow, too_deep = self._calls.into(id(defined.function), (arguments, *state), environment, body)
        if too_deep:
            self._limit(Limit.DEPTH, defined.function.body)
        return flow

    def _body(self, defined: Defined, arguments: Fields | None, environment: Environment) -> Flow[Mark]:
        saved = environment.positional, environment.shifted
        environment.positional, environment.shifted = None if arguments is None else (arguments,), False
        text = self._nested, self._current
        self._nested, self._current = defined.nested, defined.script
        self._depth += 1
        self._scopes.enter()
        self._returned.append([])
        flow = self._statement(defined.function.body, environment)
        environment.merge(self._returned.pop())
        self._scopes.leave(environment)
        self._depth -= 1
        self._nested, self._current = text
        environment.positional, environment.shifted = saved
        return flow

    def _text(self, text: Nested, environment: Environment) -> list[Flow[Mark]]:
        """Walk a nested text; what the parser refuses is kept for a finding."""
        known = self._functions if text.in_its_shell else self._functions.inside()
        assigns = text.in_its_shell and "=" in text.rendered.text
        if not (assigns or self.texts.matters(text, environment) or known.named_in(text.rendered.text)):
            return []
        if self._depth >= _DEEPEST_TEXT:
            self._limit(Limit.DEPTH, text.statement)
            return []
        try:
            script = parse(encoded(text.rendered), self.script.dialect)
        except SyntaxRefusedError as refusal:
            if not text.remote:  # the words of one of these are put together with blanks
                self.refused.append((text, str(refusal)))
            return []
        self.texts.run.add(text.rendered.text)
        saved = self._nested, self._current, self._functions, self._shell
        self._nested, self._current, self._shell = text, script, text
        self._functions = known
        self._depth += 1
        inner = self._scopes.of_text(text, environment, self.variables)
        if text.kind == "trap":
            taint(inner, set_again(self.script))
        flow = self._list(script.statements, inner)
        self._depth -= 1
        self._nested, self._current, self._functions, self._shell = saved
        if is_empty(flow):
            return []
        if text.kind in ("trap", "later") or text.either:  # at any later moment, or never
            return [Choice([flow], exhaustive=False, trap=text.kind == "trap")]
        return [flow] if inner is environment else [Contained(flow)]
