"""The kernel's own announcements, in a network of the test's own; and the two clocks."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("Linux only", allow_module_level=True)

from shared.system_events.netlink import NetworkWatch
from shared.system_events.sleep_clocks import SleepClocks, slept_s
from tests.conftest import until

ROOT = Path(__file__).resolve().parents[2]
INSIDE = """
import asyncio, subprocess
from shared.system_events import watch_system

async def main():
    nowhere = dict.fromkeys(("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS"), "unix:path=/-")
    async with watch_system(nowhere) as system, asyncio.timeout(60):
        for action in ("add", "del"):
            changed = asyncio.Event()
            system.network_changed.connect(changed.set)
            subprocess.run(["ip", "address", action, "10.1.2.3/24", "dev", "lo"], check=True)
            await changed.wait()
            print(action)

asyncio.run(main())
"""


def _may_unshare() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not _may_unshare(), reason="needs a network namespace and ip")
def test_an_address_that_comes_and_goes_is_announced() -> None:
    command = ["unshare", "-rn", sys.executable, "-c", INSIDE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.stderr == ""
    assert done.stdout.split() == ["add", "del"]


async def test_a_network_watch_may_be_closed_twice() -> None:
    watch = NetworkWatch(lambda: None)
    watch.close()
    watch.close()


def test_a_pc_that_is_awake_has_not_slept() -> None:
    assert slept_s() >= -0.01
    assert not SleepClocks().has_slept()


def test_only_a_sleep_since_the_last_look_counts() -> None:
    asleep = 100.0
    clocks = SleepClocks(lambda: asleep)
    assert not clocks.has_slept()
    asleep += 0.5
    assert not clocks.has_slept()
    asleep += 3600.0
    assert clocks.has_slept()
    assert not clocks.has_slept()


async def test_a_sleep_is_announced_once() -> None:
    asleep, heard, looks = 0.0, [], 0

    def slept() -> float:
        nonlocal looks
        looks += 1
        return asleep

    clocks = SleepClocks(slept)
    task = asyncio.create_task(clocks.run(lambda: heard.append(1), every_s=0.01))
    await until(lambda: looks > 3)
    assert heard == []
    asleep = 60.0
    await until(lambda: heard)
    looks = 0
    await until(lambda: looks > 3)
    assert heard == [1]
    task.cancel()
    await asyncio.wait([task])
