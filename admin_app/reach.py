"""How fast a message reached people: a curve from counters, the same cost for 10 or 10,000 PCs.

Redis counts how many endpoints got so far within which stretch of time; the stretches grow with the
time that has passed, by a twelfth each. So a time read off here is right to about 5 %, which an eye
cannot see on a curve, and it stays known when the receipts are gone.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from shared.model import Ack
from shared.receipts import BUCKETS_PER_OCTAVE, FIRST_BUCKET_MS, Buckets, Counts, Stage

SHARES = (0.5, 0.95, 0.99)
"""Of the expected endpoints: how long it took until so many had it."""


@dataclass(frozen=True, slots=True)
class Point:
    """So many endpoints (outlets) had come so far *elapsed_ms* after it was sent (or due)."""

    elapsed_ms: int
    count: int


@dataclass(frozen=True, slots=True)
class Reach:
    """One stage over time. ``of``: how many endpoints are the whole."""

    stage: Stage
    points: tuple[Point, ...]
    of: int

    @property
    def count(self) -> int:
        """How many have come so far by now."""
        return self.points[-1].count if self.points else 0

    def share(self, point: Point) -> float:
        """What part of the whole *point* is, 0 to 1."""
        return point.count / self.of if self.of else 0.0

    def time_to(self, share: float) -> int | None:
        """When *share* of the whole had come so far, in ms; None: it has not happened yet."""
        wanted = max(1, math.ceil(self.of * share - 1e-9))
        if not self.of:
            return None
        before = Point(0, 0)
        for point in self.points:
            if point.count >= wanted:
                part = (wanted - before.count) / (point.count - before.count)
                return round(before.elapsed_ms + part * (point.elapsed_ms - before.elapsed_ms))
            before = point
        return None


def reach_of(counts: Counts, stage: Stage, ack: Ack = Ack.PC) -> Reach:
    """The curve of *stage*. The whole is who was expected, or whoever came, if those are more.

    Where one PC of each outlet is asked to acknowledge, those are outlets.
    """
    by_outlet = stage is Stage.ACKNOWLEDGED and ack is Ack.OUTLET
    buckets = counts.outlet_reach if by_outlet else counts.reach.get(stage, {})
    return Reach(stage, tuple(_points(buckets)), counts.share(stage, ack)[1])


def _points(buckets: Buckets) -> list[Point]:
    """Where each stretch begins and ends, with how many had come by then."""
    totals = itertools.accumulate(buckets.values(), initial=0)
    points: list[Point] = []
    for bucket, (before, after) in zip(buckets, itertools.pairwise(totals), strict=True):
        begin = Point(_edge(bucket) if bucket > _FIRST else 0, before)
        if not points or points[-1].elapsed_ms < begin.elapsed_ms:
            points.append(begin)
        points.append(Point(_edge(bucket + 1), after))
    return points


_FIRST = math.floor(BUCKETS_PER_OCTAVE * math.log2(FIRST_BUCKET_MS))


def _edge(bucket: int) -> int:
    return round(2 ** (bucket / BUCKETS_PER_OCTAVE))
