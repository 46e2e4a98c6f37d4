"""When a tray does without the answers channel."""

from __future__ import annotations

import pytest

from shared.redis_bus.tray_link import CUTS_WITHIN_MS, RECENT_MS, Cuts


class Clock:
    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


@pytest.mark.parametrize(
    ("pauses_ms", "too_many"),
    [
        ([], False),
        ([0], True),
        ([CUTS_WITHIN_MS], True),
        ([CUTS_WITHIN_MS + 1], False),
        ([CUTS_WITHIN_MS + 1, CUTS_WITHIN_MS + 1], False),
        ([CUTS_WITHIN_MS + 1, 5], True),
        ([5, 10 * CUTS_WITHIN_MS], True),  # until the next start
    ],
)
def test_two_cuts_within_ten_minutes_are_too_many(pauses_ms: list[int], too_many: bool) -> None:
    clock = Clock()
    cuts = Cuts(clock)
    cuts.count()
    for pause_ms in pauses_ms:
        clock.ms += pause_ms
        cuts.count()
    assert cuts.too_many is too_many


def test_who_has_not_heard_anything_for_long_has_slept() -> None:
    clock = Clock()
    cuts = Cuts(clock)
    assert not cuts.heard_lately
    cuts.heard()
    clock.ms += RECENT_MS
    assert cuts.heard_lately
    clock.ms += 1
    assert not cuts.heard_lately
