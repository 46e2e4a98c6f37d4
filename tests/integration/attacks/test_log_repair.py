"""Logs that end in the future: ``check`` names them, and ``repair --logs`` sets them back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from shared.keys import Keys
from shared.model import DAY_MS, StreamId
from tests.conftest import LogGuard, until
from tests.fakes import envelope_of, make_message
from tests.integration.attacks.guarded import CHANNEL, Site, Who, emergency_arrives
from tests.integration.pair import acknowledge, connected, open_popup
from tests.integration.test_command_line import run
from tests.redis_server import sets_logs_back

LOG = Keys().log(CHANNEL)


def answer(site: Site, account: str, *command: str) -> Any:
    """What a console command prints as JSON with the login of *account*."""
    words = site.folder / f"{account}-password"
    words.write_text(site.password(account), encoding="ascii")
    login = ("--username", account, "--password-file", str(words))
    done = run("admin_app", *command, "--json", *login, "--redis-url", site.server.url)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def graded(site: Site) -> str:
    """How ``check`` grades the logs."""
    findings = answer(site, Who.CONSOLE, "check")["findings"]
    [grade] = (str(one["grade"]) for one in findings if one["topic"] == "logs")
    return grade


def now_ms(site: Site) -> int:
    """Redis' clock."""
    with site.raw("operator") as raw:
        found = raw.say("TIME")
    assert isinstance(found, list)
    assert isinstance(found[0], bytes)
    return int(found[0]) * 1000


def last_id(site: Site) -> StreamId:
    """The last id of the log."""
    with site.raw("operator") as raw:
        info = raw.say("XINFO", "STREAM", LOG)
    assert isinstance(info, list)
    found = info[info.index(b"last-generated-id") + 1]
    assert isinstance(found, bytes)
    return StreamId.parse(found)


@pytest.mark.parametrize("ahead_days", [2, 10_000_000])
async def test_what_a_writer_left_in_the_future_is_named_and_removed(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard, ahead_days: int
) -> None:
    log_guard.expect("skipped something|log of ")
    site = guarded_site
    async with site.console() as console, site.tray() as tray:
        await connected(tray)
        await emergency_arrives(console, tray, stays_s=0)
        before = last_id(site)
        assert graded(site) == "good"
        later = now_ms(site) + ahead_days * DAY_MS
        with site.raw(Who.CONSOLE) as raw:
            for number in range(3):
                raw.say("XADD", LOG, f"{later}-{number}", "e", "{}", "p", "0-0")
        assert graded(site) == "weak"
        [found] = answer(site, "operator", "repair", "--logs")["logs"]
        assert (found["removed"], found["kept"]) == (3, 0)
        assert last_id(site).ms == later, "it has only looked"
        [done] = answer(site, "operator", "repair", "--logs", "--yes")["logs"]
        assert done["set_back"] == (last_id(site) == before) == sets_logs_back()
        assert graded(site) == ("good" if sets_logs_back() else "weak")
        await emergency_arrives(console, tray, stays_s=0)
        await until(lambda: tray.inbox.cursor(CHANNEL) == last_id(site))


async def test_a_message_that_pcs_still_need_stays_until_it_has_expired(
    qapp: QApplication, guarded_site: Site, log_guard: LogGuard
) -> None:
    log_guard.expect("skipped something|log of ")
    site, now = guarded_site, now_ms(guarded_site)
    needed = envelope_of(make_message(sent_at=now))
    over = envelope_of(make_message(sent_at=now - 20 * DAY_MS))
    with site.raw(Who.CONSOLE) as raw:
        for number, envelope in enumerate((needed, over)):
            raw.say("XADD", LOG, f"{now + 90 * DAY_MS}-{number}", "e", envelope, "p", "0-0")
    [found] = answer(site, "operator", "repair", "--logs", "--yes")["logs"]
    assert (found["removed"], found["kept"]) == (1, 1)
    assert last_id(site).ms == now + 90 * DAY_MS
    async with site.console() as console, site.tray(trusts=False) as tray:
        await until(lambda: open_popup(tray))
        await acknowledge(tray)
        await emergency_arrives(console, tray, stays_s=0)
