"""Calls of functions: the same body with the same words and variables does the same again, and how deep they go."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic

from ackpatch.shell.environment import Environment, Texts
from ackpatch.shell.flow import Called, Flow, Mark, Sequence, has_marks
from ackpatch.shell.functions import changes

_DEEPEST = 12
# What a call does, the variables and arrays that it changes, and which of them it sets on some paths only.
_Done = tuple[Flow[Mark], dict[str, Texts], dict[str, tuple[Texts, ...]], frozenset[str]]


@dataclass(slots=True)
class Calls(Generic[Mark]):
    """The calls that were walked, with what they changed; those around this place, and those that were cut off."""

    done: dict[Hashable, _Done[Mark]] = field(default_factory=dict)
    inside: list[int] = field(default_factory=list)
    deep: set[int] = field(default_factory=set)

    def into(
        self, function: int, state: Hashable, environment: Environment, body: Callable[[], Flow[Mark]]
    ) -> tuple[Flow[Mark], bool]:
        """The flow of a call in a state, and whether it went too deep to be followed.

        A function that calls itself is cut off where it does the same again; that is told where it does something at
        all.
        """
        key = function, state
        known = self.done.get(key)
        if known is not None:
            environment.scalars.update(known[1])
            environment.arrays.update(known[2])
            environment.perhaps_unset = (environment.perhaps_unset - known[1].keys()) | known[3]
            return known[0], False
        if len(self.inside) >= _DEEPEST:
            if function not in self.inside:
                return Sequence(), True
            self.deep.add(function)
            return Sequence(), False
        self.done[key] = Sequence(), {}, {}, frozenset()
        before = environment.copy()
        self.inside.append(function)
        flow = body()
        self.inside.pop()
        flow = Called(flow) if has_marks(flow) else Sequence()
        scalars, arrays = changes(before, environment)
        self.done[key] = flow, scalars, arrays, environment.perhaps_unset & scalars.keys()
        return flow, function in self.deep and has_marks(flow)
