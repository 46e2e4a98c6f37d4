"""What a connected console does by itself, now and then: recurring messages, old receipts.

Every console does it; doing it twice is harmless. Whatever stops it is no reason to lose the link.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from admin_app.ahead import StoredSeries, read_series, send_ahead
from admin_app.sending import Sender
from admin_app.series import covered_until
from shared.bus import ConsoleLink
from shared.errors import LinkLost, SiaranError

log = logging.getLogger(__name__)

AHEAD_EVERY_S = 3600.0
"""How often a console looks whether the series of recurring messages are sent far enough ahead."""
DOUBT_S = 60.0
"""While Redis' clock is in doubt nothing is sent or reduced; so soon it is looked at again."""
REDUCE_FIRST_S = 60.0
REDUCE_EVERY_S = 6 * 3600.0
"""When a console looks for receipts that are old enough to be reduced."""


async def keep_series_ahead(link: ConsoleLink, sender: Sender) -> None:
    """Keep every series covered, until cancelled."""
    while True:
        try:
            now = await sender.now_ms(link)
            for one in [] if sender.clock.in_doubt else await read_series(link):
                await _send_ahead(link, sender, one, now)
        except LinkLost as error:  # which is said where the link is kept
            log.info("no series is sent ahead: %s", error)
        except SiaranError as error:
            log.warning("no series is sent ahead: %s", error)
        except Exception:
            log.exception("no series is sent ahead")
        horizon_s = covered_until(0, sender.retention_ms) / 1000
        await asyncio.sleep(DOUBT_S if sender.clock.in_doubt else min(AHEAD_EVERY_S, horizon_s / 2))


async def _send_ahead(link: ConsoleLink, sender: Sender, one: StoredSeries, now_ms: int) -> None:
    """Send one series ahead; one that cannot be sent is no reason to leave the others out."""
    try:
        await send_ahead(link, sender, one, now_ms)
    except SiaranError as error:
        if error.transient:
            raise
        log.warning("the series %s is not sent ahead: %s", one.id, error)
    except Exception:  # somebody may have written a series that no console would
        log.exception("the series %s is not sent ahead", one.id)


async def reduce_receipts(
    link: ConsoleLink, sender: Sender, channels: Callable[[], Sequence[str]]
) -> None:
    """Reduce the receipts of *channels* whose time is over, until cancelled."""
    await asyncio.sleep(REDUCE_FIRST_S)
    while True:
        try:
            if not sender.clock.in_doubt:
                await sender.reduce_old(link, channels())
        except SiaranError as error:
            log.info("old receipts stay: %s", error)
        except Exception:
            log.exception("old receipts stay")
        await asyncio.sleep(DOUBT_S if sender.clock.in_doubt else REDUCE_EVERY_S)
