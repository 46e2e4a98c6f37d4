"""Who this PC is: ``outlet/pc``, and which installation of Siaran on which machine.

IT cannot type 10,000 names, so they come from the host name by a pattern. And images get cloned:
the instance id belongs to one machine, and a copy of the data folder on another one draws its own.
"""

from __future__ import annotations

import getpass
import hashlib
import re
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

from shared.errors import Problem
from shared.model import Endpoint
from shared.pattern_cost import LONGEST_NAME
from shared.phrases import phrase
from shared.settings import Settings
from shared.text import safe_line

Fact = Callable[[str], str | None]
SetFact = Callable[[str, str], None]
INSTANCE_FACT = "instance_id"
MACHINE_FACT = "instance_machine"


def endpoint_of(settings: Settings, host: str, problems: list[Problem]) -> Endpoint:
    """Name this PC: by what is set, else by the pattern, else by the host name."""
    outlet = pc = ""
    if settings.outlet_pattern:
        short = len(host) <= LONGEST_NAME  # else a match could take long
        match = re.fullmatch(settings.outlet_pattern, host) if short else None
        if match is None:
            sentence = phrase("outlet_pattern does not fit this PC's name, {host!r}.", host=host)
            problems.append(Problem("outlet_pattern", sentence))
        else:
            parts = match.groupdict()
            outlet, pc = parts.get("outlet") or "", parts.get("pc") or ""
    return Endpoint(
        _without_slash(settings.outlet or outlet or host),
        _without_slash(settings.pc or pc or host),
    )


def instance_id(fact: Fact, set_fact: SetFact, machine: str) -> str:
    """Return this installation's random id; a new one if its data came from another machine."""
    known = fact(INSTANCE_FACT)
    if known is not None and fact(MACHINE_FACT) == machine:
        return known
    fresh = uuid.uuid4().hex
    set_fact(INSTANCE_FACT, fresh)
    set_fact(MACHINE_FACT, machine)
    return fresh


def machine_id() -> str:
    """Return a short fingerprint of the machine; the system's own id never leaves the PC."""
    return hashlib.sha256(b"siaran\0" + _system_id().encode()).hexdigest()[:16]


def os_user() -> str:
    """Who has logged in; empty where the system cannot say (getpass raises KeyError or OSError).

    A name that is no UTF-8 has lone surrogates, which neither SQLite nor Redis takes: without them.
    """
    try:
        return safe_line(getpass.getuser())
    except (KeyError, OSError):
        return ""


def _system_id() -> str:
    if sys.platform == "win32":
        import winreg

        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        path = r"SOFTWARE\Microsoft\Cryptography"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, access) as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError:
            return f"{uuid.getnode():x}"
    for place in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            return Path(place).read_text(encoding="ascii").strip()
        except OSError:
            continue
    return f"{uuid.getnode():x}"


def _without_slash(name: str) -> str:
    return name.replace("/", "-") or "pc"
