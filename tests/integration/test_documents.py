"""What consoles share, on a real server: nobody overwrites another's change unseen."""

from __future__ import annotations

import pytest

from admin_app.channels import change, relabelled, retired
from shared.bus import ConsoleLink, Shelf
from shared.errors import ChangedMeanwhile
from shared.keys import Keys
from shared.redis_bus import RedisAddress, RedisConsoleBus
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


def bus_of(server: RedisServer) -> RedisConsoleBus:
    return RedisConsoleBus(RedisAddress.from_url(server.url), Keys())


async def test_a_document_is_written_only_over_what_was_read(redis_server: RedisServer) -> None:
    async with bus_of(redis_server).open() as mine, bus_of(redis_server).open() as theirs:
        await mine.write_document(Shelf.TEMPLATES, "x", None, b"one")
        with pytest.raises(ChangedMeanwhile):
            await theirs.write_document(Shelf.TEMPLATES, "x", None, b"two")
        await theirs.write_document(Shelf.TEMPLATES, "x", b"one", b"two")
        for after in (b"three", None):
            with pytest.raises(ChangedMeanwhile):
                await mine.write_document(Shelf.TEMPLATES, "x", b"one", after)
        assert await mine.documents(Shelf.TEMPLATES) == {"x": b"two"}
        assert await mine.documents(Shelf.SERIES) == {}
        await mine.write_document(Shelf.TEMPLATES, "x", b"two", None)
        assert await mine.documents(Shelf.TEMPLATES) == {}
        with pytest.raises(ChangedMeanwhile):
            await theirs.write_document(Shelf.TEMPLATES, "x", b"two", b"three")


async def test_a_save_whose_reply_was_lost_may_be_tried_again(redis_server: RedisServer) -> None:
    async with bus_of(redis_server).open() as link:
        for _ in range(2):
            await link.write_document(Shelf.SERIES, "x", None, b"one")
        for _ in range(2):
            await link.write_document(Shelf.SERIES, "x", b"one", b"")
        for _ in range(2):
            await link.write_document(Shelf.SERIES, "x", b"", None)
        assert await link.documents(Shelf.SERIES) == {}


async def test_channels_changed_by_two_consoles_at_once(redis_server: RedisServer) -> None:
    async with bus_of(redis_server).open() as link:
        await change(link, lambda now: relabelled(now, "Channel 1", "West"))
        await change(link, lambda now: relabelled(now, "Channel 2", "East"))
        with pytest.raises(ChangedMeanwhile):
            await change(_Slow(link), lambda now: retired(now, "Channel 1"))
        found = {info.name: info for info in await link.channels()}
        assert found["Channel 1"].label == "Meanwhile"
        assert not found["Channel 1"].retired
        assert found["Channel 2"].label == "East"


def _Slow(link: ConsoleLink) -> ConsoleLink:
    """A console that another one overtakes between reading and writing."""

    class Slow:
        read = False

        async def channels(self) -> object:
            found = await link.channels()
            if not self.read:
                self.read = True
                await change(link, lambda now: relabelled(now, "Channel 1", "Meanwhile"))
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(link, name)

    return Slow()  # type: ignore[return-value]
