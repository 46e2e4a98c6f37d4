"""Nothing lost, nothing twice, after what takes long: silent links, frozen servers, sleep, a burst.

All of them run at the same time, as they mostly wait.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration import faults
from tests.integration.fault_links import Cable, Loopback, PulledWire, Wire, laid
from tests.integration.faults import Outcome, Size, whole
from tests.redis_server import server_program

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("redis_server")]
ALL_WITHIN_S = 150.0
Outcomes = dict[str, Outcome | BaseException]


def losing(number: int) -> Cable:
    """What loses packets without a word; Windows' programs run in no network of their own."""
    return Loopback(number) if sys.platform == "win32" else Wire(number)


WIRES: dict[str, Cable] = {
    "packets vanish": losing(1),
    "the PC's TCP gives up": Wire(2),
    "the keep-alive expires while idle": losing(3),
    "the cable is pulled": PulledWire(4),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What came of every fault."""
    if server_program() is None:
        return {}
    folder, size = tmp_path_factory.mktemp("faults"), Size()
    with ExitStack() as stack:
        wires = {name: one for name, one in WIRES.items() if stack.enter_context(laid(one))}
        plays = {
            "Redis freezes": faults.run(faults.redis_frozen, folder / "frozen", size),
            "a thousand come in a second": faults.run(faults.burst, folder / "burst", size),
            "the PC sleeps": faults.run(faults.suspended, folder / "asleep", size),
            "the link stalls": faults.run_by_proxy(folder / "proxy", size),
            **{name: _by_wire(name, one, folder) for name, one in wires.items()},
        }
        return asyncio.run(_together(plays))


def _by_wire(name: str, wire: Cable, folder: Path) -> Coroutine[Any, Any, Outcome]:
    idle = name == "the keep-alive expires while idle"
    if name == "the PC's TCP gives up" and isinstance(wire, Wire):
        wire.give_up_soon()
    fault = faults.expires_while_idle(wire) if idle else faults.half_open(wire)
    return faults.run(fault, folder / wire.host, Size(), wire=wire)


async def _together(plays: dict[str, Coroutine[Any, Any, Outcome]]) -> Outcomes:
    async with asyncio.timeout(ALL_WITHIN_S):
        results = await asyncio.gather(*plays.values(), return_exceptions=True)
    return dict(zip(plays, results, strict=True))


NAMES = (
    "Redis freezes",
    "a thousand come in a second",
    "the PC sleeps",
    "the link stalls",
    *WIRES,
)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_or_shown_twice_when(name: str, outcomes: Outcomes) -> None:
    if name in WIRES and name not in outcomes:
        pytest.skip("this account may make no network or rules: PACKETS THAT VANISH NOT TESTED")
    outcome = outcomes[name]
    if isinstance(outcome, BaseException):
        raise outcome
    whole(outcome)
