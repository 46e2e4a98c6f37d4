"""An account that may not do all that its tray wants: that costs only what it may not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from shared.bus import Trouble
from tests.conftest import LogGuard, until
from tests.integration.attacks.guarded import (
    OUTLET,
    ShippedRedis,
    Site,
    Who,
    change_accounts,
    emergency_arrives,
    make_accounts,
)
from tests.integration.pair import acknowledge, connected, running_tray

CHANNELS = ["Channel 1", "Channel 2"]


@pytest.fixture
def narrow(guarded_site: Site, tmp_path: Path) -> Iterator[Site]:
    """A server whose accounts this test may change; the outlet's own is for one channel."""
    site = guarded_site
    site.server.stop()
    accounts = make_accounts(tmp_path / "etc")
    site.server = ShippedRedis(site.server.folder, accounts / "users.acl")
    site.server.start()
    site.accounts = accounts
    yield site
    site.server.stop()


async def test_a_channel_without_a_right_costs_itself_and_comes_with_the_right(
    qapp: QApplication, narrow: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("lacks a permission|reconnecting: ")
    site = narrow
    assert site.accounts is not None
    url, folder = site.url(Who.OWN), site.folder / "tray"
    async with (
        site.console() as console,
        running_tray(
            url, folder, outlet=OUTLET, channels=CHANNELS, trusted_keys=site.trusted
        ) as tray,
    ):
        await connected(tray)
        await until(lambda: Trouble.NO_RIGHT in reported(site))
        await console.send(Draft(channels=["Channel 2"], title="Later", body="Body"))
        await emergency_arrives(console, tray, stays_s=0.3)
        await emergency_arrives(console, tray, channel="*", stays_s=0)
        change_accounts(site.accounts, "outlet", OUTLET, *CHANNELS)
        for command in (("ACL", "LOAD"), ("CLIENT", "KILL", "USER", Who.OWN)):
            with site.raw("operator") as operator:
                operator.say(*command)
        assert await acknowledge(tray) == "Later"
        await until(lambda: Trouble.NO_RIGHT not in reported(site))


async def test_an_account_that_may_read_nothing_is_refused(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("lacks a permission")
    url = guarded_site.url("operator")
    async with running_tray(url, guarded_site.folder / "tray", outlet=OUTLET) as tray:
        await until(lambda: tray.session.status.state.name == "REFUSED")


def reported(site: Site) -> list[str]:
    """What the tray's last heartbeat says is wrong."""
    with site.raw(Who.OUTLET) as raw:
        report = raw.say("HGET", "siaran:endpoints", f"{OUTLET}/till-1")
    return msgspec.json.decode(report)["troubles"] if isinstance(report, bytes) else []
