"""What one server of a Cluster is asked at once about one slot, and what it answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.redis_bus.resp import Command, ServerError
from shared.redis_bus.slots import Node


@dataclass
class Job:
    """Commands on one slot that go to one server together."""

    commands: Sequence[Command]
    slot: int
    atomic: bool
    asked: Node | None = None
    """Who has these keys already, though not the whole slot."""
    answers: list[Any] = field(default_factory=list)

    def wire(self) -> list[Command]:
        """What is sent."""
        wire = list(self.commands)
        if self.atomic:
            wire = [("MULTI",), *wire, ("EXEC",)]
        return [("ASKING",), *wire] if self.asked else wire

    def take(self, answers: Sequence[Any]) -> None:
        """Take what was answered to ``wire``."""
        own = list(answers[1:] if self.asked else answers)
        if self.atomic:
            failure = next((one for one in own if isinstance(one, ServerError)), None)
            own = own[-1] if failure is None else [failure] * len(self.commands)
        self.answers = own

    def fail(self, error: Exception) -> None:
        """Nothing was answered."""
        self.answers = [error] * len(self.commands)
