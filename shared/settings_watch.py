"""Noticing that settings have changed while a program runs: IT pushes a policy, nobody visits.

Polling once a minute costs one wake-up and works the same for files and for the registry.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from shared.settings import Loaded

log = logging.getLogger(__name__)
EVERY_S = 60.0


async def changed_settings(
    now: Loaded, reload: Callable[[], Loaded], every_s: float = EVERY_S
) -> Loaded:
    """Wait until *reload* gives other settings or other problems than *now*, and return them."""
    while True:
        await asyncio.sleep(every_s)
        try:
            fresh = reload()
        except Exception:
            log.exception("the settings could not be read again")
            continue
        if (fresh.settings, fresh.problems) != (now.settings, now.problems):
            names = [
                name
                for name in fresh.origins
                if getattr(fresh.settings, name) != getattr(now.settings, name)
            ]
            log.info("settings changed: %s", ", ".join(names) or "problems only")
            return fresh
