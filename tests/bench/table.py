"""Figures as a plain table that can be pasted into a ticket."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

Series = Mapping[str, Sequence[float]]
"""What was measured, and each measurement of it in ms."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value that *share* of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(title: str, series: Series, *, high: float = 1.0) -> None:
    """Print medians in ms, the best, and the worst but for a share of 1 - *high*."""
    worst = "max" if high == 1.0 else f"p{high * 100:.0f}"
    print(f"\n{title}")
    print(f"  {'':<34}{'p50 ms':>9}{'min':>9}{worst:>9}{'n':>6}")
    for what, values in series.items():
        middle = statistics.median(values)
        figures = f"{middle:>9.1f}{min(values):>9.1f}{percentile(values, high):>9.1f}"
        print(f"  {what:<34}{figures}{len(values):>6}", flush=True)


def merged(rounds: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Several rounds of the same measurements as one series, in the order of the first."""
    return {what: [one[what] for one in rounds] for what in rounds[0]}
