"""Documents that are none: what an account may write spoils its own entry, and nothing else.

Each attacker writes what it may; what Redis refuses is no attack. Some of it is larger than
``MAX_REPORT`` and smaller than what the shipped ``redis.conf`` takes at once.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from functools import partial

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from admin_app.app import ConsoleApp
from admin_app.audience import everyone
from admin_app.draft import Draft
from admin_app.views.page_state import PageState
from admin_app.views.rail import Page
from shared.bus import LinkState
from shared.keys import Keys
from tests.conftest import LogGuard, until
from tests.integration.attacks.guarded import (
    OUTLET,
    Raw,
    Refused,
    Site,
    Who,
    emergency_arrives,
)
from tests.integration.pair import connected, running_console
from tests.integration.test_command_line import run
from tests.unit.test_shared_documents import REPORT

KEYS = Keys()
OWN = f"{OUTLET}/till-1"
GARBAGE = {
    "deep": b'{"x":' * 100_000,
    "large": b'{"outlet":"' + b"x" * 900_000 + b'"}',
    "no-utf-8": b'{"outlet":"\xff\xfe","r":"\xff","name":"\xff","label":"\xff"}',
    "types": b'{"outlet":1,"pc":{},"channels":"x","r":[],"name":[],"content":7,"label":{}}',
    "nan": b'{"seen_at":NaN,"r":NaN,"name":NaN,"content":NaN,"label":NaN}',
    "huge": b'{"seen_at":%s,"r":%s,"name":1e999,"label":1e999}' % (b"9" * 5_000, b"9" * 5_000),
    "list": b"[1,2,3]",
    "empty": b"",
}
FOREIGN = msgspec.json.encode(REPORT)
"""A good report, for the field of another PC."""


FIVE_MEGABYTES = "return redis.call('HSET', KEYS[1], ARGV[1], string.rep('[', 5000000))"
"""Redis takes no argument of so many bytes, but makes a value of any size itself."""
THIRTY_MEGABYTES = "return redis.call('SET', KEYS[1], '[' .. string.rep('1,', 15000000) .. '1]')"


def spoil(raw: Raw, key: str, before: str = "BAD/") -> int:
    """Write each kind of garbage into a field of its own; return how many Redis took."""
    replies = [raw.say("HSET", key, f"{before}{kind}", some) for kind, some in GARBAGE.items()]
    replies.append(raw.say("EVAL", FIVE_MEGABYTES, 1, key, f"{before}five-megabytes"))
    return sum(not isinstance(one, Refused) for one in replies)


def console(site: Site, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run one command of the console; none may end in a traceback."""
    login = [] if site.accounts is None else ["--username", "console"]
    done = run("admin_app", *arguments, "--redis-url", site.server.url, *login)
    assert b"Traceback" not in done.stderr, done.stderr[-2000:]
    assert done.returncode in {0, 4}, done.stderr[-2000:]
    return done


async def beside(site: Site, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run one command of the console while the programs of this test live on."""
    return await asyncio.to_thread(console, site, *arguments)


@pytest.mark.parametrize("kind", [*GARBAGE, "foreign"])
async def test_a_tray_whose_own_entry_is_garbage_keeps_its_link(
    qapp: QApplication, guarded_site: Site, kind: str
) -> None:
    some = GARBAGE.get(kind, FOREIGN)
    with guarded_site.raw() as raw:
        assert raw.say("HSET", KEYS.endpoints, OWN, some) == 1
        async with guarded_site.tray() as tray, guarded_site.console() as office:
            await connected(tray)
            await until(lambda: raw.say("HGET", KEYS.endpoints, OWN) != some)
            raw.say("HSET", KEYS.endpoints, OWN, some)
            await emergency_arrives(office, tray, stays_s=0.2)
            assert tray.session.status.state is LinkState.CONNECTED


async def test_commands_say_what_they_could_not_read_and_show_the_rest(
    qapp: QApplication, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    if site.accounts is not None:
        monkeypatch.setenv("SIARAN_PASSWORD", site.password("console"))
    async with site.tray() as tray, site.console() as office:
        await connected(tray)
        sent = (await office.send(Draft(channels=["Channel 1"], title="T", body="B"))).message
        await until(lambda: tray.session.status.state is LinkState.CONNECTED)
        with site.raw() as raw:
            registry = spoil(raw, KEYS.endpoints)
            registry += not isinstance(raw.say("HSET", KEYS.endpoints, "A/1", FOREIGN), Refused)
            receipts = spoil(raw, KEYS.receipts(sent.id))
            channels = spoil(raw, KEYS.channels, "")
            templates = spoil(raw, KEYS.shelf("templates"))
            series = spoil(raw, KEYS.shelf("series"))
            listed = raw.say(
                "SET", KEYS.outlets, b'[{"outlet":"X-1"},7,{"outlet":{}},{"outlet":"A/1"}]'
            )
        wrote = {
            "registry": registry,
            "channel directory": channels,
            "templates": templates,
            "recurring messages": series,
            "list of outlets": 0 if isinstance(listed, Refused) else 3,
        }
        assert bool(registry) == (site.who is not Who.CONSOLE)
        assert bool(channels) == (site.who in {Who.CONSOLE, Who.STRANGER})
        check = await beside(site, "check", "--json")
        findings = {one["topic"]: one for one in json.loads(check.stdout)["findings"]}
        for name, count in wrote.items():
            assert (f"{count} " in findings["entries"]["sentence"]) == bool(count), name
            assert (name in findings["entries"]["sentence"]) == bool(count), name
        endpoints = await beside(site, "endpoints", "--json")
        assert endpoints.returncode == 0
        assert OWN in {one["endpoint"] for one in json.loads(endpoints.stdout)}
        assert (b"registry cannot be read" in endpoints.stderr) == bool(registry)
        report = await beside(site, "report", sent.id, "--json")
        assert report.returncode == 0
        assert json.loads(report.stdout)["unreadable"] == receipts
        history = await beside(site, "history", "--json")
        assert [one["id"] for one in json.loads(history.stdout)] == [sent.id]
        with site.raw() as raw:
            raw.say("EVAL", THIRTY_MEGABYTES, 1, KEYS.outlets)
        for command in (("check",), ("endpoints",), ("report", sent.id), ("history",)):
            await beside(site, *command)
        await emergency_arrives(office, tray, stays_s=0.2)


async def test_pages_of_a_running_console_are_right_and_say_what_is_left_out(
    qapp: QApplication, site: Site, log_guard: LogGuard
) -> None:
    login = {"SIARAN_PASSWORD": site.password("console")} if site.accounts is not None else {}
    url = site.server.url.replace("//", "//console@" if login else "//")
    async with site.tray() as tray, running_console(url, site.folder / "c", login) as app:
        await connected(tray, app)
        await open_every_page(app)
        with site.raw() as raw:
            registry = spoil(raw, KEYS.endpoints)
            channels = spoil(raw, KEYS.channels, "")
            series = spoil(raw, KEYS.shelf("series"))
            templates = spoil(raw, KEYS.shelf("templates"))
        pages = {
            Page.OUTLETS: (app.window.outlets.state, registry),
            Page.CHANNELS: (app.window.channels.state, channels),
            Page.SCHEDULED: (app.window.scheduled.state, series),
        }
        for page, (state, count) in pages.items():
            app.window.show_page(page)
            said = partial(says, state, count)
            await until(said)
            assert "Not up to date" not in state.text()
        assert [row.key for row in app.window.outlets.model.shown] == [OWN]
        bar = app.window.form.templates
        bar.about_to_open.emit()
        await until(lambda: bar.state.isVisible() == bool(templates))
        assert app.session.status.state is LinkState.CONNECTED


def says(state: PageState, count: int) -> bool:
    """Whether *state* speaks of so many entries, or of none."""
    return state.text().startswith(f"{count} ") if count else not state.text()


async def open_every_page(app: ConsoleApp) -> None:
    """Look at each page once."""
    for page in Page:
        app.window.show_page(page)
        await asyncio.sleep(0.05)


async def test_a_registry_that_is_too_long_is_cut_and_that_is_said(
    qapp: QApplication, open_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.redis_bus.documents.MAX_ENTRIES", 2_000)
    with open_site.raw() as raw:
        for number in range(60):
            fields = [(f"X/{number}-{place}", FOREIGN) for place in range(100)]
            raw.send("HSET", KEYS.endpoints, *(part for pair in fields for part in pair))
        for _ in range(60):
            assert raw.reply() == 100
    async with open_site.console() as office:
        seen = await office.outlets()
        assert seen.unreadable.cut
        assert 2_000 <= seen.unreadable.registry < 4_000
        assert "more than" in seen.unreadable.sentence


async def test_a_registry_of_megabytes_neither_ends_the_link_nor_hides_the_others(
    qapp: QApplication, guarded_site: Site
) -> None:
    """In one page they would be more than Redis keeps for a connection."""
    async with guarded_site.tray() as tray, guarded_site.console() as office:
        await connected(tray)
        link = office._connected_link()
        with guarded_site.raw() as raw:
            for number in range(90):
                large = b"x" * 1_000_000
                assert raw.say("HSET", KEYS.endpoints, f"LARGE/{number}", large) == 1
                assert raw.say("ZADD", KEYS.seen, 1, b"%d" % number + large) == 1
        seen = await office.outlets()
        assert seen.unreadable.registry == 90
        assert [row.key for row in seen.pcs] == [OWN]
        assert list(await everyone(link, ["*"])) == [OWN]
        assert office._link is link
        await emergency_arrives(office, tray, stays_s=0.2)
