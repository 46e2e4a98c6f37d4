"""A roll-out takes weeks: programs and accounts of an earlier version beside those of today.

Each combination of console, tray and accounts is tried: a signed message is shown once, answered,
and counted. The order of upgrade and what each step costs are in ``packaging/README.md``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from admin_app.draft import Every
from admin_app.series import Series, nominal_time, occurrences
from admin_app.shelf import Stored, put
from admin_app.templates import Template
from admin_app.upcoming import read_upcoming
from admin_app.zones import wall_time
from shared.bus import Shelf
from shared.keys import Keys
from shared.model import DAY_MS
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.signing_key import create_key_file
from tests.conftest import until, until_await
from tests.fakes import envelope_of, make_message
from tests.integration.attacks.guarded import Raw, ShippedRedis
from tests.integration.earlier_version import ROOT, Version, earlier_source
from tests.integration.fault_tools import TrayProcess
from tests.redis_server import RedisServer, is_redis_6, need_server

TODAY = Version(ROOT)
LOG = "{siaran}:log:Channel%201"
TOPIC = "{siaran}:ch:Channel%201"
LARGEST = f"{2**64 - 1}-{2**64 - 1}"


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Version:
    """The earlier version."""
    need_server()
    return earlier_source(tmp_path_factory.mktemp("earlier"))


@dataclass
class Shop:
    """A server with accounts, head office's key, and one PC."""

    server: ShippedRedis
    accounts: Path
    folder: Path

    def __post_init__(self) -> None:
        self.key = self.folder / "hq.key"
        self.trusted = json.dumps({"hq": {"public": create_key_file(self.key, "hq")}})

    def send(self, console: Version, *options: str) -> str:
        """Send a signed message that asks; return its id."""
        words = ("--channel", "Channel 1", "--message", "Body", *options)
        title = () if "--title" in options else ("--title", "Fire drill")
        sent = console.console("send", *title, *words, environ=self._head_office())
        return str(sent["id"])

    def acknowledged(self, console: Version, message_id: str) -> tuple[int, int, int]:
        """How many received, displayed and acknowledged it, as *console* reports."""
        told = console.console("report", message_id, environ=self._head_office())
        return told["received"], told["displayed"], told["acknowledged"]

    def endpoints(self, console: Version) -> list[dict[str, object]]:
        """What *console* lists."""
        listed = console.console("endpoints", environ=self._head_office())
        return list(listed["endpoints"] if isinstance(listed, dict) else listed)

    def raw(self, account: str) -> Raw:
        """A connection with the login of *account*."""
        return Raw(self.server.port, (account, self._password(account)))

    @asynccontextmanager
    async def tray(self, version: Version) -> AsyncIterator[TrayProcess]:
        """One life of the PC's tray, whose data stay."""
        environ = {
            "SIARAN_USERNAME": "outlet",
            "SIARAN_PASSWORD": self._password("outlet"),
            "SIARAN_TRUSTED_KEYS": self.trusted,
        }
        place = self.folder / "till"
        tray = TrayProcess(
            self.server.url, place, root=version.root, environ=environ, heartbeat_s=15
        )
        try:
            await tray.start()
            yield tray
            await tray.stop()
        finally:
            tray.kill()

    def _head_office(self) -> dict[str, str]:
        return {
            "SIARAN_REDIS_URL": self.server.url,
            "SIARAN_USERNAME": "console",
            "SIARAN_PASSWORD": self._password("console"),
            "SIARAN_SIGNING_KEY_FILE": str(self.key),
        }

    def _password(self, account: str) -> str:
        return (self.accounts / "passwords" / account).read_text(encoding="ascii").strip()


def six() -> list[str]:
    """What ``accounts.py make`` wants to know of this server."""
    return ["--redis-6"] if is_redis_6() else []


def open_shop(folder: Path, *accounts: Version) -> Iterator[Shop]:
    """A server with the accounts of a version, or of one after the other."""
    place, users = folder / "redis", folder / "accounts"
    place.mkdir()
    for version in accounts:
        version.accounts(users, "make", *six())
    server = ShippedRedis(place, users / "users.acl")
    server.start()
    try:
        yield Shop(server, users, folder)
    finally:
        server.stop()


@pytest.fixture(params=["new accounts", "old accounts"])
def shop(request: pytest.FixtureRequest, earlier: Version, tmp_path: Path) -> Iterator[Shop]:
    """A shop with the accounts of each version."""
    renewed = [TODAY] if request.param == "new accounts" else []
    yield from open_shop(tmp_path, earlier, *renewed)


@pytest.mark.parametrize(
    ("console", "tray"),
    list(itertools.product(["old", "new"], repeat=2)),
    ids=["old console, old tray", "old console, new tray", "new console, old tray", "both new"],
)
async def test_a_message_is_shown_once_answered_and_counted(
    shop: Shop, earlier: Version, console: str, tray: str
) -> None:
    versions = {"old": earlier, "new": TODAY}
    office, till = versions[console], versions[tray]
    async with shop.tray(till) as pc:
        message_id = await asyncio.to_thread(shop.send, office, "--level", "urgent")
        await until(lambda: message_id in pc.screen.answered())
        for reader in (office, earlier, TODAY):

            async def counted(reader: Version = reader) -> bool:
                told = await asyncio.to_thread(shop.acknowledged, reader, message_id)
                return told == (1, 1, 1)

            await until_await(counted)
    missed = await asyncio.to_thread(shop.send, office, "--title", "Missed")
    async with shop.tray(till) as pc:
        await until(lambda: missed in pc.screen.answered())
        assert pc.screen.twice() == []
        assert len(pc.screen.painted_at()) == 2
        assert unknown_complaints(pc, till) == []


KNOWN_OF_EARLIER = re.compile(
    r"Exception in thread completions:\nTraceback .*\n(?: .*\n)+\w*Error: \[WinError \d+\].*\n?"
)
"""How the earlier tray's thread for Windows' completions ends whenever its loop has stopped."""


def unknown_complaints(tray: TrayProcess, version: Version) -> list[str]:
    """The tray's complaints, without what is known of the earlier version, on Windows alone."""
    complaints = tray.complaints()
    if version is TODAY or sys.platform != "win32":
        return complaints
    return KNOWN_OF_EARLIER.sub("", "\n".join(complaints)).splitlines()


@pytest.fixture
def old_shop(earlier: Version, tmp_path: Path) -> Iterator[Shop]:
    """A shop with the earlier accounts."""
    yield from open_shop(tmp_path, earlier)


async def test_the_first_step_of_an_upgrade_gives_rights_and_keeps_passwords(
    old_shop: Shop,
) -> None:
    """With earlier accounts an impossible id is not mended; that is all that they cost."""
    shop = old_shop
    async with shop.tray(TODAY) as pc:
        with shop.raw("console") as raw:
            raw.say("XADD", LOG, LARGEST, "e", "{}", "p", "0-0")
        with pytest.raises(AssertionError, match="lacks a permission"):
            await asyncio.to_thread(shop.send, TODAY)
        TODAY.accounts(shop.accounts, "make", *six())
        with shop.raw("operator") as operator:
            assert operator.say("ACL", "LOAD") == b"OK"
        sent = await asyncio.to_thread(shop.send, TODAY, "--level", "emergency")
        await until(lambda: sent in pc.screen.answered())


# --- what an earlier version left ----------------------------------------------------------------


@pytest.fixture
def new_shop(earlier: Version, tmp_path: Path) -> Iterator[Shop]:
    """A shop with today's accounts, made over earlier ones."""
    yield from open_shop(tmp_path, earlier, TODAY)


async def test_an_inbox_of_the_earlier_tray_is_taken_over(new_shop: Shop, earlier: Version) -> None:
    shop = new_shop
    async with shop.tray(earlier) as pc:
        answered = await asyncio.to_thread(shop.send, earlier, "--title", "Answered")
        await until(lambda: answered in pc.screen.answered())
        with pc.left_alone():
            waiting = await asyncio.to_thread(shop.send, TODAY, "--level", "urgent")
            await until(lambda: waiting in pc.screen.painted_at())
            await pc.stop()
    async with shop.tray(TODAY) as pc:
        await until(lambda: waiting in pc.screen.answered())
        fresh = await asyncio.to_thread(shop.send, TODAY, "--title", "Fresh")
        await until(lambda: fresh in pc.screen.answered())
        assert sum(event.about == answered for event in pc.screen.look()) == 2  # painted, answered
        [endpoint] = await asyncio.to_thread(shop.endpoints, TODAY)
        assert endpoint["endpoint"] == "JKT-001/till-1"
        for message_id in (answered, waiting, fresh):

            async def counted(about: str = message_id) -> bool:
                return await asyncio.to_thread(shop.acknowledged, TODAY, about) == (1, 1, 1)

            await until_await(counted)


@pytest.mark.parametrize("signed", [True, False], ids=["log entry", "frame"])
async def test_what_made_an_earlier_tray_deaf_is_healed_by_todays(
    new_shop: Shop, earlier: Version, signed: bool
) -> None:
    """An entry with the largest id, or a frame where nothing is signed, and its cursor is there."""
    shop = new_shop
    if not signed:
        shop.trusted = ""
    async with shop.tray(earlier) as pc:
        with shop.raw("console") as raw:
            if signed:
                raw.say("XADD", LOG, LARGEST, "e", "{}", "p", "0-0")
                raw.say("PUBLISH", TOPIC, f"0-0 {LARGEST} {{}}")
            else:
                message = make_message(title="Forged", sent_at=0)
                raw.say("PUBLISH", TOPIC, f"0-0 {LARGEST} ".encode() + envelope_of(message))
        await until(lambda: cursor(pc) == LARGEST)
    missed = await asyncio.to_thread(shop.send, TODAY, "--level", "emergency")
    async with shop.tray(TODAY) as pc:
        await until(lambda: missed in pc.screen.answered())
        fresh = await asyncio.to_thread(shop.send, TODAY, "--level", "emergency")
        await until(lambda: fresh in pc.screen.answered())
        assert cursor(pc) != LARGEST


def cursor(tray: TrayProcess) -> str:
    """Where a tray's inbox says that it is in the channel's log."""
    with sqlite3.connect(f"file:{tray.data / 'inbox.db'}?mode=ro", uri=True) as db:
        row = db.execute("SELECT id FROM cursors WHERE channel = 'Channel 1'").fetchone()
    db.close()
    return str(row[0]) if row else ""


async def test_after_a_rollback_with_the_inbox_put_away_nothing_is_asked_or_lost(
    new_shop: Shop, earlier: Version
) -> None:
    """An earlier tray does not open a newer one's inbox, and shows nothing until that is gone."""
    shop = new_shop
    async with shop.tray(TODAY) as pc:
        answered = await asyncio.to_thread(shop.send, TODAY, "--title", "Answered")
        await until(lambda: answered in pc.screen.answered())

        async def counted() -> bool:
            return await asyncio.to_thread(shop.acknowledged, TODAY, answered) == (1, 1, 1)

        await until_await(counted)
    missed = await asyncio.to_thread(shop.send, TODAY, "--title", "Missed")
    for file in pc.data.glob("inbox.db*"):
        file.rename(file.with_name(f"newer-{file.name}"))
    async with shop.tray(earlier) as pc:
        fresh = await asyncio.to_thread(shop.send, TODAY, "--title", "Fresh")
        await until(lambda: {missed, fresh} <= pc.screen.answered())
        assert sum(event.about == answered for event in pc.screen.look()) == 2  # painted, answered


# --- series --------------------------------------------------------------------------------------

WITH_SERIES = """
import asyncio, json, sys
from admin_app.ahead import delete_series, read_series, send_ahead
from admin_app.sending import Sender
from shared.keys import Keys
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.settings import Settings

async def main():
    sender, sent = Sender(Settings()), 0
    async with RedisConsoleBus(RedisAddress(port=int(sys.argv[1])), Keys()).open() as link:
        now = await link.time_ms()
        for one in await read_series(link):
            if sys.argv[2] == "end":
                await delete_series(link, sender, one)
            else:
                sent += await send_ahead(link, sender, one, now)
    print(json.dumps(sent))

asyncio.run(main())
"""


async def run_series(version: Version, server: RedisServer, what: str) -> int:
    """Let a console of *version* send every series ahead, or end it; return how many it sent."""
    done = await asyncio.to_thread(version.python, WITH_SERIES, str(server.port), what)
    return int(json.loads(done))


@pytest.mark.parametrize("first", ["old", "new"])
async def test_a_series_in_a_zone_is_one_message_a_day_beside_an_earlier_console(
    earlier: Version, redis_server: RedisServer, first: str
) -> None:
    """The earlier one knows the offset alone, here an hour from what the zone's clocks show."""
    bus, channels = RedisConsoleBus(RedisAddress(port=redis_server.port), Keys()), ["Channel 1"]
    async with bus.open() as link:
        now = await link.time_ms()
        zone = ZoneInfo("Europe/Berlin")
        offset = wall_time(now, zone).utcoffset() or timedelta(0)
        one = Series(
            content=Template(name="Opening", title="Opening", body="B", channels=channels),
            every=Every.DAY,
            at=f"{wall_time(now, zone) + timedelta(hours=12):%H:%M}",
            zone="Europe/Berlin",
            offset_minutes=round(offset.total_seconds() / 60) + 60,
        )
        await put(link, Shelf.SERIES, Stored("", one))
        order = [earlier, TODAY] if first == "old" else [TODAY, earlier]
        sent = [await run_series(version, redis_server, "send") for version in order]
        coming = await read_upcoming(link, channels, now - 7 * DAY_MS, now)
        times = list(occurrences(one, now, now + 7 * DAY_MS))[: len(coming)]
        assert sent == [len(coming), 0]
        assert len(coming) in (6, 7)
        shown = [nominal_time(one, at) for at in times] if first == "old" else times
        assert [message.show_at for message in coming] == shown
        await run_series(order[1], redis_server, "end")
        assert await read_upcoming(link, channels, now - 7 * DAY_MS, now) == []
