"""Noticing that settings have changed while a program runs: IT pushes a policy, nobody visits.

Polling once a minute costs one wake-up and works the same for files and for the registry. A file
that holds a secret counts as changed when it was written: IT renews a password, too.

A change counts when two readings in a row say the same. A policy may be written in steps, old
values removed before new ones are there, half a file before the whole: a tray that looks just then
would trust nobody, or everybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path

from shared.settings import TABLE, Loaded, Settings
from shared.tasks import first_of, sleep_unless

log = logging.getLogger(__name__)
EVERY_S = 60.0
SETTLE_S = 2.0
"""Between the reading that shows a change and the one that confirms it."""
SECRETS = ("password_file", "signing_key_file")
"""Settings whose files are read once, when a program takes over its settings."""
Reload = Callable[[], Loaded]
Stamps = dict[str, tuple[int, int]]


class SettingsWatch:
    """Reads the settings again and again, and says when others are in force."""

    def __init__(self, reload: Reload, every_s: float = EVERY_S) -> None:
        self._reload = reload
        self._every_s = every_s
        self._settle_s = min(SETTLE_S, every_s)
        self._hurry = asyncio.Event()

    def look_now(self) -> None:
        """Do not wait for the next round: somebody has just saved something."""
        self._hurry.set()

    async def changed(self, now: Loaded) -> Loaded:
        """Wait until other settings or other problems than *now* are there, and return them.

        What takes effect only at the next start does not count as a change.
        """
        before = _stamps(now.settings)
        while True:
            saved = await self._pause()
            fresh = self._read()
            if fresh is None or _change(now, before, fresh) is None:
                continue
            if not saved:  # what somebody has just saved here is whole
                fresh = await self._settled(fresh)
            if (names := _change(now, before, fresh)) is not None:
                log.info("settings changed: %s", names or "sources or problems only")
                return fresh

    async def changed_before(
        self, end: Coroutine[object, object, object], now: Loaded
    ) -> Loaded | None:
        """Wait for changed settings or for *end*, whichever comes first; None for the latter."""
        found: list[Loaded] = []

        async def look() -> None:
            found.append(await self.changed(now))

        await first_of(end, look())
        return found[0] if found else None

    async def _pause(self) -> bool:
        """Wait for the next round; say whether somebody has asked for it."""
        await sleep_unless(self._hurry, self._every_s)
        asked = self._hurry.is_set()
        self._hurry.clear()
        return asked

    def _read(self) -> Loaded | None:
        try:
            return self._reload()
        except Exception:
            log.exception("the settings could not be read again")
            return None

    async def _settled(self, fresh: Loaded) -> Loaded:
        """Read until two readings in a row are the same."""
        while True:
            await asyncio.sleep(self._settle_s)
            again = self._read()
            if again is None or again == fresh:
                return fresh
            fresh = again


def _change(now: Loaded, before: Stamps, fresh: Loaded) -> str | None:
    """Name the settings that are others than *now*, if any; None: nothing has changed at all."""
    names = _changed_names(now.settings, fresh.settings)
    after = _stamps(fresh.settings)
    names += [name for name in after if name not in names and after[name] != before.get(name)]
    if names or fresh.problems != now.problems or fresh.origins != now.origins:
        return ", ".join(names)
    return None


def _changed_names(before: Settings, after: Settings) -> list[str]:
    return [
        name
        for name, info in TABLE.items()
        if not info.restart and getattr(after, name) != getattr(before, name)
    ]


def _stamps(settings: Settings) -> Stamps:
    """When each secret's file was written, and its size; none where there is nothing to read."""
    found: Stamps = {}
    for name in SECRETS:
        path = getattr(settings, name)
        with contextlib.suppress(OSError, ValueError):
            if path:
                facts = Path(path).stat()
                found[name] = (facts.st_mtime_ns, facts.st_size)
    return found
