"""Runs before every frozen program: some modules are loaded when something of them is wanted.

Others import them for what hardly any tray ever does: asyncio TLS, logging's handlers pickle. A
stand-in takes their place, and hands on whatever is asked of it. That spares a tray 2.4 MiB.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

NAMES = (
    *("ssl", "asyncio.sslproto", "asyncio.staggered", "ipaddress"),
    *("msgspec.inspect", "msgspec.toml", "msgspec.yaml", "pickle", "shutil"),
    *("tokenize", "tomllib"),
)


class Late(ModuleType):
    """A module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system looks for what a stand-in lacks
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        real = import_module(self.__name__)
        vars(self).update(vars(real))
        return getattr(real, name)


class NoSslSocket:
    """asyncio asks of every socket whether it is one of TLS; without TLS none is."""


sys.modules.update((name, Late(name)) for name in NAMES)
vars(sys.modules["ssl"])["SSLSocket"] = NoSslSocket
