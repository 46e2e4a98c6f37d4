"""A stranger on an open Redis who publishes as fast as Redis takes it, and never stops.

Where trays trust everybody, this is the least that such a stranger can do, and not tried.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests import children
from tests.conftest import LogGuard
from tests.integration.attacks.guarded import Site, emergency_arrives
from tests.integration.pair import connected

ROOT = Path(__file__).resolve().parents[3]
LATE_S = 40.0
"""A tray that is cut off again and again pauses for up to 30 s before it reads its logs."""
FRAMES = {
    "loose text": b"Server down at 9",
    "frames": b"0-0 1-1 {}",
    "large": b"0-0 1-1 {" + b"x" * 100_000,
    "largest": b"0-0 1-1 {" + b"x" * 1_000_000,
}


@contextmanager
def flood(port: int, payload: bytes) -> Iterator[None]:
    """A process that publishes *payload* on every channel of the tray until it is ended."""
    module = "tests.integration.attacks.flood_program"
    process = subprocess.Popen(
        [children.python(), "-m", module, str(port)],
        cwd=ROOT,
        env=children.environment(),
        stdin=subprocess.PIPE,
    )
    assert process.stdin is not None
    try:
        process.stdin.write(payload)
        process.stdin.close()
        yield
        assert process.poll() is None, "the flood has ended by itself"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("payload", FRAMES.values(), ids=FRAMES)
async def test_emergencies_arrive_while_it_lasts_and_after_it(
    qapp: QApplication, open_site: Site, log_guard: LogGuard, payload: bytes
) -> None:
    log_guard.expect("skipped something|log of |read the whole log again|reconnecting: ")
    log_guard.expect("cut off twice")
    async with open_site.tray() as tray, open_site.console() as console:
        await connected(tray)
        with flood(open_site.server.port, payload):
            await asyncio.sleep(0.5)  # the flood is what is waited for
            await emergency_arrives(console, tray, within_s=LATE_S, stays_s=1)
        await emergency_arrives(console, tray, within_s=LATE_S, stays_s=0.3)
