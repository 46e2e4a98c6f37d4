"""The message bus on Redis, over redis-py. The only package that speaks to either.

Of redis-py it uses connections (sockets, TLS, login, RESP2), errors and slots of keys, and no
client. Two ways were tried. One level up, ``redis.asyncio.Redis`` over a pool of one connection
needs a function that forbids to connect twice, a lock around it and callbacks taken out, and still
could not listen: there ETIMEDOUT passes for silence. The tray's listener needs the bare connection
anyway, so commands go over the same class: one connection, in order, that is never opened again.

======================  ===========================================================================
``address``             what a person writes to say which Redis
``connection``          one connection of redis-py, with deadlines and bounds
``client``              commands to one server, the one that Sentinel names; scripts
``cluster``             the same of a Cluster
``translate``           what went wrong, in Siaran's words
``publisher``, ``logs`` messages: written, read
``receipts``            what PCs say of them (``receipt_scripts``: by which scripts)
``documents``           channels, templates, series, expected outlets, the registry of PCs
``operations``          ``check`` and ``repair``
``console_link``        head office's side of it all
``tray_link``           an outlet's
======================  ===========================================================================

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
