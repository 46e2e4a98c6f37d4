"""What ``packaging/SECURITY.md`` tells IT to do when something has been stolen, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft
from shared.model import Level
from tests.conftest import LogGuard, until
from tests.integration.attacks.guarded import (
    CHANNEL,
    Raw,
    Refused,
    ShippedRedis,
    Site,
    Who,
    change_accounts,
    emergency_arrives,
    make_accounts,
)
from tests.integration.pair import connected, open_popup


@pytest.fixture
def own_accounts(guarded_site: Site, tmp_path: Path) -> Iterator[Site]:
    """A server whose accounts this test may change."""
    site = guarded_site
    site.server.stop()
    accounts = make_accounts(tmp_path / "etc")
    site.server = ShippedRedis(site.server.folder, accounts / "users.acl")
    site.server.start()
    site.accounts = accounts
    yield site
    site.server.stop()


def let_redis_know(site: Site) -> None:
    """The last command of each step."""
    with site.raw("operator") as operator:
        assert operator.say("ACL", "LOAD") == b"OK"


def cut_off(site: Site, account: str) -> None:
    """What still has the old password."""
    with site.raw("operator") as operator:
        operator.say("CLIENT", "KILL", "USER", account)


async def test_a_stolen_till_with_an_account_of_its_own_is_shut_out_alone(
    qapp: QApplication, own_accounts: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting: ")
    site = own_accounts
    assert site.accounts is not None
    password = site.password(Who.OWN)
    async with site.console() as console, site.tray(outlet="JKT-002") as other:
        await connected(other)
        with Raw(site.server.port, (Who.OWN, password)) as stolen:
            change_accounts(site.accounts, "remove", Who.OWN)
            let_redis_know(site)
            cut_off(site, Who.OWN)
            with pytest.raises(OSError, match=r"hung up|reset|Broken pipe"):
                stolen.say("PING")
        with Raw(site.server.port) as stolen:
            assert isinstance(stolen.say("AUTH", Who.OWN, password), Refused)
        await until(lambda: console.status.state.name == "CONNECTED")
        await connected(other)
        await emergency_arrives(console, other, within_s=15)


async def test_a_leaked_password_is_exchanged_while_messages_go_on(
    qapp: QApplication, own_accounts: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("reconnecting: |refused: ")
    site = own_accounts
    assert site.accounts is not None
    leaked = site.password(Who.OUTLET)
    async with site.console() as console, site.tray() as old:
        await connected(old)
        change_accounts(site.accounts, "renew", Who.OUTLET)
        let_redis_know(site)
        async with site.tray("new", outlet="JKT-002") as new:  # has the new password
            await connected(old, new)
            await until(lambda: console.status.state.name == "CONNECTED")
            await emergency_arrives(console, old, within_s=15, stays_s=0)
            change_accounts(site.accounts, "settle", Who.OUTLET)
            let_redis_know(site)
            cut_off(site, Who.OUTLET)
            with Raw(site.server.port) as thief:
                assert isinstance(thief.say("AUTH", Who.OUTLET, leaked), Refused)
            await until(lambda: old.session.status.state.name == "REFUSED")
            await connected(new)
            await until(lambda: console.status.state.name == "CONNECTED")
            await emergency_arrives(console, new, within_s=15, stays_s=0)


async def test_a_leaked_key_is_exchanged_and_what_the_thief_has_scheduled_is_recalled(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("skipped something on .*unknown key 'hq'|read again")
    site = guarded_site
    fresh = Site(site.server, site.who, site.accounts, site.folder, "hq-2")
    soon = 6_000
    async with site.console() as thief, site.tray() as tray:
        await connected(tray)
        at = tray.clock.redis_ms() + soon
        draft = Draft(
            channels=[CHANNEL], title="Forged", body="x", show_at=at, level=Level.EMERGENCY
        )
        scheduled = (await thief.send(draft)).message
        await until(lambda: tray.inbox.has(scheduled.id))
    async with fresh.tray() as tray:
        await connected(tray)
        async with site.console() as thief, fresh.console() as console:
            await thief.send(Draft(channels=[CHANNEL], title="Forged again", body="Body"))
            await until(lambda: any("unknown key" in line for line in log_guard.lines))
            await console.recall(scheduled)
            await until(lambda: tray.inbox.cursor(CHANNEL) is not None)
            while tray.clock.redis_ms() < at + 500:  # the time that the thief has chosen
                assert open_popup(tray) is None
                await asyncio.sleep(0.05)
            await emergency_arrives(console, tray, stays_s=0)
