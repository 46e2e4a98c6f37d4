"""Announcing changes from code that knows no Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Signal(Generic[P]):
    """A list of callables that are called in order, in the emitter's thread."""

    def __init__(self) -> None:
        self._receivers: list[Callable[P, object]] = []

    def connect(self, receiver: Callable[P, object]) -> None:
        """Call *receiver* at every ``emit`` from now on."""
        self._receivers.append(receiver)

    def disconnect(self, receiver: Callable[P, object]) -> None:
        """Stop calling *receiver*; unknown ones are ignored."""
        if receiver in self._receivers:
            self._receivers.remove(receiver)

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call every receiver."""
        for receiver in list(self._receivers):
            receiver(*args, **kwargs)
