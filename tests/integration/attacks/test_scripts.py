"""Scripts that never end: only the console's account may bring any, and ``operator`` ends them."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QApplication

from shared.bus import LinkState
from tests.conftest import LogGuard, until
from tests.integration.attacks.guarded import Refused, Site, emergency_arrives
from tests.integration.attacks.test_log_entries import LOG
from tests.integration.pair import connected

ENDLESS = "while true do end"
WRITTEN = f"redis.call('XADD', '{LOG}', '*', 'e', '') while true do end"
"""Redis ends no script that has written something."""
BUSY_AFTER_MS = "300"
"""Until then Redis answers nobody; 5,000 unless somebody says otherwise."""


@pytest.mark.parametrize("script", [ENDLESS, WRITTEN], ids=["endless", "written"])
async def test_an_endless_script_is_ended_and_the_next_emergency_arrives(
    qapp: QApplication, writer_site: Site, log_guard: LogGuard, script: str
) -> None:
    log_guard.expect("reconnecting: |refused: |skipped something|read the whole log again")
    log_guard.expect("busy with something long")
    site = writer_site
    site.server.stop()
    site.server.start("--lua-time-limit", BUSY_AFTER_MS)
    async with site.tray() as tray, site.console() as console:
        await connected(tray)
        with site.raw() as raw:
            raw.send("EVAL", script, "0")
            answer = await asyncio.to_thread(kill_script, site)
            if script is WRITTEN:
                assert answer.startswith("UNKILLABLE")
                site.server.stop("SIGKILL")  # what IT has left; the append-only file is whole
                site.server.start()
            else:
                assert "killed" in str(raw.reply())
        await connected(tray)
        await until(lambda: console.status.state is LinkState.CONNECTED)
        await emergency_arrives(console, tray)


def kill_script(site: Site) -> str:
    """As IT does: try to end the script that runs, until Redis has an answer to that."""
    with site.raw("operator") as operator:
        while True:
            reply = operator.say("SCRIPT", "KILL")
            if reply == b"OK":
                return "OK"
            assert isinstance(reply, Refused)
            if not str(reply).startswith("NOTBUSY"):
                return str(reply)


async def test_nobody_at_a_till_brings_a_script(qapp: QApplication, outlet_site: Site) -> None:
    async with outlet_site.tray() as tray, outlet_site.console() as console:
        await connected(tray)
        with outlet_site.raw() as raw:
            for command in (
                ("EVAL", ENDLESS, "0"),
                ("EVAL_RO", ENDLESS, "0"),
                ("SCRIPT", "LOAD", ENDLESS),
                ("SCRIPT", "FLUSH"),
                ("FUNCTION", "LOAD", "#!lua name=x\n"),
            ):
                assert isinstance(raw.say(*command), Refused), command
        await emergency_arrives(console, tray)
