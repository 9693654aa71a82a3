"""What an assignment makes of a variable, an array or one of its elements."""

from __future__ import annotations

from collections.abc import Iterator

from ackpatch.shell.environment import UNKNOWN, Environment, Fields, Texts, at_most
from ackpatch.shell.tree import Assignment
from ackpatch.shell.values import expand_all, product, text_of


def assign(environment: Environment, assignment: Assignment) -> None:
    """Carry out an assignment."""
    name = assignment.name
    if assignment.array is not None:
        given = expand_all(assignment.array, environment)
        elements = [one for fields in given for one in _lettered(name, fields, environment)]
        old = _lists(name, environment) if assignment.append else ((),)
        if assignment.scattered:
            environment.scattered.add(name)
        environment.arrays[name] = at_most(((*before, *own) for before in old for own in elements), (UNKNOWN,))
        return
    texts = text_of(assignment.value, environment) if assignment.value else ("",)
    if assignment.index:
        set_element(name, assignment.index, environment.with_letters(name, texts), environment)
        return
    if assignment.append:
        before = environment.scalars.get(name, (UNKNOWN,))
        texts = product((*before, "") if name in environment.perhaps_unset else before, texts)
    environment.put(name, texts)


def set_element(name: str, index: str, texts: Texts, environment: Environment) -> None:
    """Give one element of an array a value."""
    lists = _lists(name, environment)
    if not index.isdigit() or any(int(index) > len(elements) for elements in lists):
        environment.scattered.add(name)
    dense = name not in environment.scattered
    changed = (one for elements in lists for one in _with_element(elements, index, texts, dense))
    environment.arrays[name] = at_most(changed, (UNKNOWN,))


def unset_element(name: str, index: str, environment: Environment) -> None:
    """Take one element out of an array; where only a run can tell which one, it may be any."""
    environment.scattered.add(name)
    lists = environment.arrays[name]
    if index.isdigit():
        left = [(*one[: int(index)], *one[int(index) + 1 :]) for one in lists]
    else:
        left = [(*one[:at], *one[at + 1 :]) for one in lists for at in range(len(one))]
    environment.arrays[name] = at_most((*left, *(() if index.isdigit() else lists)), (UNKNOWN,))


def _lists(name: str, environment: Environment) -> tuple[Texts, ...]:
    """What an array holds; a variable that is none has one element."""
    return environment.arrays.get(name) or tuple((text,) for text in environment.scalars.get(name, ())) or ((),)


def _lettered(name: str, fields: Fields, environment: Environment) -> list[Texts]:
    texts = tuple(one.text for one in fields)
    changed = tuple(environment.with_letters(name, (one,))[0] for one in texts)
    return [texts] if changed == texts else [changed, texts]


def _with_element(elements: Texts, index: str, texts: Texts, dense: bool) -> Iterator[Texts]:
    """Set one element; where only a run can tell which one, every value is one that an element may have."""
    at = int(index) if index.isdigit() and dense else len(elements)
    if at < len(elements):
        yield from ((*elements[:at], text, *elements[at + 1 :]) for text in texts)
    else:
        yield (*elements, *texts)
