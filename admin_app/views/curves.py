"""The curves of one message, painted on a window or on paper.

Time runs on a logarithmic axis from a tenth of a second, because what matters at the beginning are
parts of a second and at the end hours. Each curve has its own stroke and its name at its end, so
that nobody needs the colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from admin_app.reach import SHARES, Reach
from shared.qt import theme
from shared.qt.words import span
from shared.receipts import Stage

FROM_MS = 100
TICKS_MS = (
    100,
    1000,
    10_000,
    60_000,
    600_000,
    3_600_000,
    6 * 3_600_000,
    86_400_000,
    7 * 86_400_000,
)
LEAST_END_MS = 10_000
"""The axis is never shorter, or a quick message would look like a slow one."""
SHARE_LINES = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class _Stroke:
    """How one stage is drawn."""

    colours: tuple[str, str]
    width: float
    pattern: tuple[float, ...]


_STROKES = {
    Stage.RECEIVED: _Stroke(theme.QUIET, 1.5, (2, 2)),
    Stage.DISPLAYED: _Stroke(("#1A63D6", "#79AEFF"), 2.5, ()),
    Stage.ACKNOWLEDGED: _Stroke(theme.GOOD, 2.0, (6, 2)),
}


@dataclass(frozen=True, slots=True)
class Curves:
    """What is to be painted. ``ground``: the colour that it stands on."""

    reaches: Sequence[Reach]
    font: QFont
    dark: bool
    ground: QColor

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Paint axes, curves, names and marks into *rect*."""
        painter.save()
        painter.translate(rect.topLeft())
        rect = QRectF(0, 0, rect.width(), rect.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font)
        area, end = self._area(rect), self._end_ms()
        self._paint_axes(painter, rect, area, end)
        for curve in self.reaches:
            self._paint_curve(painter, area, end, curve)
        self._paint_marks(painter, area, end)
        self._paint_names(painter, rect, area)
        painter.restore()

    def _pick(self, pair: tuple[str, str]) -> QColor:
        return QColor(pair[1] if self.dark else pair[0])

    def _end_ms(self) -> int:
        """The first tick that no curve goes beyond."""
        last = max(
            (curve.points[-1].elapsed_ms for curve in self.reaches if curve.points), default=0
        )
        wanted = max(LEAST_END_MS, last)
        return next((tick for tick in TICKS_MS if tick >= wanted), wanted)

    def _area(self, rect: QRectF) -> QRectF:
        metrics = QFontMetricsF(self.font)
        left = metrics.horizontalAdvance("100 %") + theme.UNIT
        right = max(metrics.horizontalAdvance(stage_name(stage)) for stage in Stage) + theme.UNIT
        return rect.adjusted(left, metrics.height() / 2, -right, -metrics.height() - theme.UNIT / 2)

    def _paint_axes(self, painter: QPainter, rect: QRectF, area: QRectF, end: int) -> None:
        metrics, quiet = QFontMetricsF(self.font), self._pick(theme.QUIET)
        faint = QColor(quiet)
        faint.setAlpha(70)
        for share in SHARE_LINES:
            y = _y(area, share)
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(quiet)
            box = QRectF(
                0, y - metrics.height() / 2, area.left() - theme.UNIT / 2, metrics.height()
            )
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                f"{round(share * 100)} %",
            )
        taken = -1.0
        for tick in (tick for tick in TICKS_MS if tick <= end):
            x, words = _x(area, tick, end), span(tick)
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() + 3))
            wide = metrics.horizontalAdvance(words) + 2
            left = min(max(0.0, x - wide / 2), rect.width() - wide)
            if left > taken:
                painter.setPen(quiet)
                box = QRectF(left, area.bottom() + 3, wide, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
                taken = left + wide + theme.UNIT

    def _paint_curve(self, painter: QPainter, area: QRectF, end: int, curve: Reach) -> None:
        stroke = _STROKES[curve.stage]
        pen = QPen(self._pick(stroke.colours), stroke.width)
        if stroke.pattern:
            pen.setDashPattern(list(stroke.pattern))
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = [QPointF(area.left(), area.bottom())]
        for point in curve.points:
            line.append(QPointF(_x(area, point.elapsed_ms, end), _y(area, curve.share(point))))
        line.append(QPointF(area.right(), line[-1].y()))
        painter.drawPolyline(line)

    def _paint_marks(self, painter: QPainter, area: QRectF, end: int) -> None:
        """Dots where half, 95 and 99 % had it on the screen."""
        shown = of_stage(self.reaches, Stage.DISPLAYED)
        if shown is None:
            return
        painter.setPen(QPen(self.ground, 1.5))
        painter.setBrush(self._pick(_STROKES[Stage.DISPLAYED].colours))
        for share in SHARES:
            time = shown.time_to(share)
            if time is not None:
                painter.drawEllipse(QPointF(_x(area, time, end), _y(area, share)), 4.5, 4.5)

    def _paint_names(self, painter: QPainter, rect: QRectF, area: QRectF) -> None:
        """The name of each curve at its end, apart from one another."""
        height = QFontMetricsF(self.font).height()
        ends = sorted(
            (_y(area, curve.share(curve.points[-1]) if curve.points else 0.0), curve.stage)
            for curve in self.reaches
        )
        top = -float(height)
        lowest = rect.bottom() - height * len(ends)
        for number_, (y, stage) in enumerate(ends):
            top = min(max(y - height / 2, top + height, 0.0), lowest + number_ * height)
            painter.setPen(self._pick(_STROKES[stage].colours))
            box = QRectF(area.right() + theme.UNIT / 2, top, rect.width(), height)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, stage_name(stage))


def of_stage(reaches: Sequence[Reach], stage: Stage) -> Reach | None:
    """The curve of *stage*, if there is one."""
    return next((one for one in reaches if one.stage is stage), None)


def stage_name(stage: Stage) -> str:
    """What a stage is called."""
    return {
        Stage.RECEIVED: QCoreApplication.translate("stages", "Received"),
        Stage.DISPLAYED: QCoreApplication.translate("stages", "Shown"),
        Stage.ACKNOWLEDGED: QCoreApplication.translate("stages", "Acknowledged"),
    }[stage]


def _x(area: QRectF, ms: float, end: int) -> float:
    part = math.log(max(ms, FROM_MS) / FROM_MS) / math.log(end / FROM_MS)
    return area.left() + area.width() * min(part, 1.0)


def _y(area: QRectF, share: float) -> float:
    return area.bottom() - area.height() * min(share, 1.0)
