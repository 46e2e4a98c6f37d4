"""The curve of a message: what it says in words, and that it is painted where it says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from admin_app.reach import Reach, reach_of
from admin_app.views.reach_chart import ReachChart
from shared.qt import theme
from shared.receipts import Counts, Stage


def curves(expected: int, buckets: dict[int, int]) -> list[Reach]:
    """All stages with the same buckets (eighths of octaves of ms)."""
    count = sum(buckets.values())
    counts = Counts(expected, count, count, reach={Stage.DISPLAYED: buckets})
    return [reach_of(counts, stage) for stage in Stage]


@pytest.mark.parametrize(
    ("expected", "buckets", "words"),
    [
        (10_000, {}, "Nobody has shown it yet."),
        (10_000, {80: 4000}, "Shown on 4,000 of 10,000 PCs so far, less than half."),
        (10_000, {80: 6000}, "On the screen: half in 1.1 s."),
        (10_000, {72: 9400, 112: 590}, "On the screen: half in 0.5 s, 95 % in 17 s, 99 % in 18 s."),
        (3, {64: 3}, "On the screen: half in 0.3 s, all in 0.3 s."),
        (1, {64: 1}, "On the screen: all in 0.3 s."),
    ],
)
def test_the_times_that_matter_are_said_in_words(
    qapp: QApplication, expected: int, buckets: dict[int, int], words: str
) -> None:
    chart = ReachChart()
    chart.show_curves(curves(expected, buckets), sum(buckets.values()))
    assert chart.sentence() == words
    assert chart.accessibleDescription() == words
    chart.deleteLater()


def test_a_curve_without_times_says_that_they_are_not_known(qapp: QApplication) -> None:
    chart = ReachChart()
    chart.show_curves(curves(10, {}), 5)
    assert "not known" in chart.sentence()
    chart.deleteLater()


def test_the_curve_rises_from_left_to_right(qapp: QApplication) -> None:
    chart = ReachChart()
    chart.resize(500, 160)
    chart.show_curves(curves(100, {72: 50, 88: 50}), 100)  # at 0.5 and at 2 s of 0.1 to 10
    image = chart.grab().toImage()
    chart.deleteLater()
    blue = theme.pick(("#1A63D6", "#79AEFF"))

    def highest(area: QRect) -> int:
        """The topmost row of *area* that has the curve's colour."""
        for y in range(area.top(), area.bottom()):
            for x in range(area.left(), area.right()):
                if _alike(image.pixelColor(x, y), blue):
                    return y
        return area.bottom()

    left, middle, right = (highest(QRect(x, 0, 20, 160)) for x in (60, 220, 340))
    assert left > middle > right


def _alike(one: QColor, other: QColor) -> bool:
    return (
        max(
            abs(one.red() - other.red()),
            abs(one.green() - other.green()),
            abs(one.blue() - other.blue()),
        )
        < 24
    )
