"""A change of settings is taken over when it is whole, and soon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.settings import Layer, Loaded, Source, resolve
from shared.settings_watch import SettingsWatch
from tests.conftest import LogGuard, until

KEYS = {"hq": {"public": "QUJD"}}


def policy(**values: object) -> Loaded:
    """Settings of one policy."""
    return resolve([Layer(Source.POLICY, "policy", values)])


OLD = policy(trusted_keys=KEYS)
NEW = policy(trusted_keys=KEYS, pc="new")
NOTHING = policy()


class Readings:
    """What is read, one after the other; the last one stays."""

    def __init__(self, *readings: Loaded | Exception) -> None:
        self.left = list(readings)
        self.count = 0

    def __call__(self) -> Loaded:
        """Read once."""
        self.count += 1
        found = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if isinstance(found, Exception):
            raise found
        return found


@pytest.mark.parametrize(
    "between",
    [
        [NOTHING],
        [NOTHING, policy(pc="half")],
        [NOTHING, OLD, NOTHING],
        [resolve([Layer(Source.POLICY, "policy", {}, broken=True)])],
    ],
    ids=["removed first", "in two steps", "several times", "half a file"],
)
async def test_what_is_read_between_two_policies_is_not_taken_over(between: list[Loaded]) -> None:
    assert await SettingsWatch(Readings(OLD, *between, NEW), 0.001).changed(OLD) is NEW


async def test_what_comes_back_was_no_change() -> None:
    readings = Readings(OLD, NOTHING, OLD)
    change = asyncio.create_task(SettingsWatch(readings, 0.001).changed(OLD))
    await until(lambda: readings.count > 10)
    assert not change.done()
    change.cancel()


async def test_what_was_saved_here_is_taken_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = SettingsWatch(Readings(NEW), 3600)
    watch.look_now()
    async with asyncio.timeout(1):
        assert await watch.changed(OLD) is NEW


async def test_a_reading_that_fails_is_no_change(log_guard: LogGuard) -> None:
    log_guard.expect("could not be read again")
    readings = Readings(OLD, ValueError(), NEW, ValueError(), NEW)
    assert await SettingsWatch(readings, 0.001).changed(OLD) is NEW


async def test_a_secret_that_was_written_again_is_a_change(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("old")
    loaded = policy(password_file=str(secret))
    read: Callable[[], Loaded] = lambda: loaded  # noqa: E731
    change = asyncio.create_task(SettingsWatch(read, 0.001).changed(loaded))
    await asyncio.sleep(0.01)
    secret.write_text("newer")
    async with asyncio.timeout(5):
        assert await change is loaded
