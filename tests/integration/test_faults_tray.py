"""Nothing lost, nothing twice, when it is the tray or its PC that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import LogGuard
from tests.integration import faults
from tests.integration.faults import YEAR_MS, Fault, Size, whole
from tests.integration.watched_tray import Plan

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("redis_server")]
CONSOLE_RECONNECTS = "reconnecting: "


@pytest.mark.parametrize("fault", [faults.off_for_the_first_half, faults.popup_left_open])
async def test_what_was_sent_without_anybody_there_is_shown_afterwards(
    fault: Fault, tmp_path: Path
) -> None:
    whole(await faults.run(fault, tmp_path / "stage", Size()))


@pytest.mark.parametrize("step", ["storing", "stored", "painted", "clicked", "answered"])
async def test_a_tray_killed_between_any_two_steps_loses_nothing(tmp_path: Path, step: str) -> None:
    whole(await faults.run(faults.killed(step), tmp_path / "stage", Size()))


async def test_a_clock_that_is_a_year_off_changes_nothing(tmp_path: Path) -> None:
    """It is fast at first, and slow after a restart."""
    plan = Plan(clock_ms=YEAR_MS)
    whole(await faults.run(faults.clock_jumps, tmp_path / "stage", Size(), plan=plan))


async def test_a_fast_clock_gives_nothing_up_while_redis_cannot_be_asked(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    """The PC starts a year fast and offline: what waits has not expired, whatever it looks like."""
    log_guard.expect(CONSOLE_RECONNECTS)
    whole(await faults.run(faults.clock_jumps_without_redis, tmp_path / "stage", Size()))
