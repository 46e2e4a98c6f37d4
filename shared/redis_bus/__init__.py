"""The message bus on Redis. The only package that speaks to it.

The console's half and the tray's are loaded when somebody first asks for them: a tray starts, and
lives, without what only consoles do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from shared.redis_bus.address import RedisAddress, address_from

if TYPE_CHECKING:  # a freezing tool follows these, too
    from shared.redis_bus.console_link import RedisConsoleBus
    from shared.redis_bus.tray_link import RedisTrayBus

_HALVES = {
    "RedisConsoleBus": "shared.redis_bus.console_link",
    "RedisTrayBus": "shared.redis_bus.tray_link",
}


def __getattr__(name: str) -> Any:
    """Load the half that *name* is in.

    Raises:
        AttributeError: there is no such name.
    """
    if name not in _HALVES:
        raise AttributeError(name)
    return getattr(import_module(_HALVES[name]), name)


__all__ = ["RedisAddress", "RedisConsoleBus", "RedisTrayBus", "address_from"]
