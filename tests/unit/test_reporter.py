"""Whom a tray asks, and how much at a time."""

from __future__ import annotations

from pathlib import Path

from shared.clock import RedisClock
from shared.model import Endpoint
from shared.receipts import Answer
from tests.fakes import FakeServer, FakeTrayBus
from tray_client.inbox import Inbox
from tray_client.reporter import BATCH, Reporter
from tray_client.witness import Witness


async def test_with_each_heartbeat_others_are_asked_about_until_all_were(tmp_path: Path) -> None:
    learned: list[Answer] = []
    inbox = Inbox(tmp_path)
    witness = Witness(inbox, RedisClock(), heartbeat_s=60)
    reporter = Reporter(
        inbox, learned.append, witness, now=lambda: 0, uniform=lambda low, high: low
    )
    waiting = {f"m{number:03}" for number in range(2 * BATCH + 7)}
    rounds: list[list[str]] = []
    async with FakeTrayBus(FakeServer()).open(["*"], Endpoint("JKT-014", "till-1")) as link:
        for _ in range(4):
            learned.clear()
            reporter.ask_some(waiting)
            await reporter.settle(link)
            rounds.append([answer.message_id for answer in learned])
        reporter.ask_some(())
        learned.clear()
        reporter.ask_some({"m000"})
        await reporter.settle(link)
    inbox.close()
    assert all(len(asked) == BATCH == len(set(asked)) for asked in rounds)
    assert set().union(*rounds[:3]) == waiting
    assert [answer.message_id for answer in learned] == ["m000"]
