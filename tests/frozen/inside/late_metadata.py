"""Prints whether a tray has loaded ``importlib.metadata``, and what it answers when it is used."""

import json
import sys

import tray_client.app  # noqa: F401

waits = "email.message" not in sys.modules
late = sys.modules["importlib.metadata"]
print(json.dumps({"waits": waits, "redis": late.version("redis")}))
