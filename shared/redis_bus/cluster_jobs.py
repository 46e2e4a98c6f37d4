"""What one server of a Cluster is asked about one slot, and what it answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.redis_bus.connection import Command
from shared.redis_bus.slots import Node


@dataclass
class Job:
    """One command, and the slot of its key."""

    command: Command
    slot: int
    asked: Node | None = None
    """Who has this key already, though not the whole slot."""
    answer: Any = None
    """Redis' answer, or the error instead of one."""

    def wire(self) -> list[Command]:
        """What is sent."""
        return [("ASKING",), self.command] if self.asked else [self.command]

    def take(self, answers: Sequence[Any]) -> None:
        """Take what was answered to ``wire``."""
        self.answer = answers[-1]
