"""A limit for a whole conversation: a server that sends a byte now and then never runs into a socket's own limit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ackpatch.errors import AckpatchError

Answer = TypeVar("Answer")


class TooLongError(AckpatchError):
    """A conversation was not over in time."""


def within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """What a call gives; raises what it raises, and TooLongError after that time."""
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TooLongError(f"no whole answer within {seconds:g} seconds")
    if errors:
        raise errors[0]
    return answers[0]
