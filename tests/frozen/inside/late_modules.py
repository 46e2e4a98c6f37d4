"""Prints which modules still wait to be loaded when a tray is, and what is in them afterwards."""

import json
import socket
import sys

import tray_client.cli
import tray_client.lives  # noqa: F401

import ssl  # isort: skip

waiting = {name: one for name, one in sys.modules.items() if type(one).__name__ == "Late"}
tls = isinstance(socket.socket(), ssl.SSLSocket)
still = [name for name, one in waiting.items() if sys.modules[name] is one]
lacking = {}
for name, stand_in in waiting.items():
    hasattr(stand_in, "anything")  # to ask is to load
    real = sys.modules[name]
    lacking[name] = sorted(vars(real).keys() - vars(stand_in).keys())
    assert real is not stand_in, name
    assert real.__spec__ is not None, name
assert ssl.SSLSocket is sys.modules["ssl"].SSLSocket
assert not isinstance(socket.socket(), ssl.SSLSocket)
print(json.dumps({"waiting": sorted(still), "lacking": lacking, "tls": tls}))
