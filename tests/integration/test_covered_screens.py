"""A real tray under a message bus: what a locked session hides is not displayed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("Linux only", allow_module_level=True)

from admin_app.draft import Draft
from admin_app.session import ConsoleSession
from shared.model import Level
from tests.conftest import until
from tests.integration.buses import FakeLogind, MessageBus
from tests.integration.fault_tools import TrayProcess, running_console, send
from tests.redis_server import RedisServer
from tray_client.inbox import read_messages
from tray_client.records import State

pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon"),
]


def states(tray: TrayProcess) -> dict[str, State]:
    """How far each message has come on the PC."""
    return {message.id: message.state for message in read_messages(tray.data)}


async def urgent(console: ConsoleSession, tray: TrayProcess) -> str:
    """Send a message, and wait until its popup is open."""
    draft = Draft(channels=["Channel 1"], title="Fire", body="Now.", level=Level.URGENT)
    sent = await send(console, draft)
    await until(lambda: sent in tray.screen.painted_at())
    return sent


async def test_a_message_counts_as_displayed_when_the_session_is_open_and_in_front(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    bus, logind = MessageBus(tmp_path), FakeLogind()
    names = ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS")
    tray = TrayProcess(redis_server.url, tmp_path, environ=dict.fromkeys(names, bus.address))
    bus.start()
    logind.locked = True
    try:
        async with logind.on(bus), running_console(redis_server.url) as console:
            await tray.start()
            with tray.left_alone():
                first = await urgent(console, tray)
                assert states(tray)[first] is State.RECEIVED
                logind.change(locked=False)
                await until(lambda: states(tray)[first] is State.DISPLAYED)
            await until(lambda: states(tray)[first] is State.ACKNOWLEDGED)
            logind.change(active=False)
            await until(lambda: "the session is away" in tray.log())
            with tray.left_alone():
                second = await urgent(console, tray)
                logind.sleep(True)
                logind.sleep(False)
                await until(lambda: "the PC resumed" in tray.log())
                assert states(tray)[second] is State.RECEIVED
                logind.change(active=True)
                await until(lambda: states(tray)[second] is State.DISPLAYED)
            await until(lambda: states(tray)[second] is State.ACKNOWLEDGED)
            await tray.stop()
            assert tray.complaints() == []
    finally:
        tray.kill()
        bus.stop()
