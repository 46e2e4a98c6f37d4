"""The demo's three outlets and who of them has to see what."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outlet:
    """One tray of the demo."""

    name: str
    channels: tuple[str, ...]

    def arguments(self, redis_url: str, folder: Path) -> list[str]:
        """Command line of its tray."""
        return [
            *("--redis-url", redis_url, "--data-dir", str(folder / self.name)),
            *("--outlet", self.name, "--pc", "till-1", "--channel", *self.channels),
        ]

    def follows(self, channel: str) -> bool:
        """Whether a message to *channel* (``*``: all) is for this outlet."""
        return channel == "*" or channel in self.channels


OUTLETS = (
    Outlet("JKT-001", ("Channel 1",)),
    Outlet("BDG-002", ("Channel 2",)),
    Outlet("SBY-003", ("Channel 1", "Channel 3")),
)


def clean_environment() -> dict[str, str]:
    """This environment without settings of an installed Siaran."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SIARAN_")}
