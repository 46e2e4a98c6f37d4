"""How fast a message reached people: one curve a stage, readable at a glance.

Time runs on a logarithmic axis from a tenth of a second, because what matters at the beginning are
parts of a second and at the end hours. Each curve has its own stroke and its name at its end, so
that nobody needs the colours. ``sentence`` says the same in words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from admin_app.reach import SHARES, Reach
from shared.qt import theme
from shared.qt.words import number, span
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


class ReachChart(QWidget):
    """The curves of one message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: Sequence[Reach] = ()
        self._shown = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(96)
        self.setAccessibleName(self.tr("How fast it reached people"))

    def show_curves(self, curves: Sequence[Reach], shown: int) -> None:
        """Show *curves*, of which the displayed one is marked; *shown* PCs have displayed it."""
        self._curves, self._shown = curves, shown
        self.setAccessibleDescription(self.sentence())
        self.update()

    def sentence(self) -> str:
        """The times to half, most and nearly all, in words."""
        shown = self._of(Stage.DISPLAYED)
        if not self._shown:
            return self.tr("Nobody has shown it yet.")
        if shown is None or not shown.count:
            return self.tr("How fast it was shown is not known.")
        parts = [
            self.tr("{share} in {time}").format(share=name, time=span(time))
            for name, share in self._shares(shown.of)
            if (time := shown.time_to(share)) is not None
        ]
        if not parts:
            words = self.tr("Shown on {count} of {whole} PCs so far, less than half.")
            return words.format(count=number(shown.count), whole=number(shown.of))
        return self.tr("On the screen: {times}.").format(times=", ".join(parts))

    def _shares(self, whole: int) -> list[tuple[str, float]]:
        """The shares worth a word: of three PCs, 95 % and 99 % are all of them."""
        names = {0.5: self.tr("Half"), 1.0: self.tr("all")}
        found: dict[int, tuple[str, float]] = {}
        for share in SHARES:
            wanted = math.ceil(whole * share - 1e-9)
            exact = 1.0 if wanted == whole and share > SHARES[0] else share
            found[wanted] = (names.get(exact, f"{share:.0%}".replace("%", " %")), exact)
        return list(found.values())

    def sizeHint(self) -> QSize:
        """Wide rather than high."""
        return QSize(480, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes, curves, names and marks."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.scaled_font(self, theme.SMALL)
        painter.setFont(font)
        area, end = self._area(font), self._end_ms()
        self._paint_axes(painter, area, end, font)
        for curve in self._curves:
            self._paint_curve(painter, area, end, curve)
        self._paint_marks(painter, area, end)
        self._paint_names(painter, area, font)

    # --- inside ---

    def _of(self, stage: Stage) -> Reach | None:
        return next((curve for curve in self._curves if curve.stage is stage), None)

    def _end_ms(self) -> int:
        """The first tick that no curve goes beyond."""
        last = max(
            (curve.points[-1].elapsed_ms for curve in self._curves if curve.points), default=0
        )
        wanted = max(LEAST_END_MS, last)
        return next((tick for tick in TICKS_MS if tick >= wanted), wanted)

    def _area(self, font: QFont) -> QRectF:
        metrics = QFontMetrics(font)
        left = metrics.horizontalAdvance("100 %") + theme.UNIT
        right = max(metrics.horizontalAdvance(stage_name(stage)) for stage in Stage) + theme.UNIT
        return QRectF(self.rect()).adjusted(
            left, metrics.height() / 2, -right, -metrics.height() - theme.UNIT / 2
        )

    def _paint_axes(self, painter: QPainter, area: QRectF, end: int, font: QFont) -> None:
        metrics = QFontMetrics(font)
        faint = QColor(theme.quiet_colour())
        faint.setAlpha(70)
        for share in SHARE_LINES:
            y = _y(area, share)
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.quiet_colour())
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
            left = min(max(0.0, x - wide / 2), self.width() - wide)
            if left > taken:
                painter.setPen(theme.quiet_colour())
                box = QRectF(left, area.bottom() + 3, wide, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
                taken = left + wide + theme.UNIT

    def _paint_curve(self, painter: QPainter, area: QRectF, end: int, curve: Reach) -> None:
        stroke = _STROKES[curve.stage]
        pen = QPen(theme.pick(stroke.colours), stroke.width)
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
        shown = self._of(Stage.DISPLAYED)
        if shown is None:
            return
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Window), 1.5))
        painter.setBrush(theme.pick(_STROKES[Stage.DISPLAYED].colours))
        for share in SHARES:
            time = shown.time_to(share)
            if time is not None:
                painter.drawEllipse(QPointF(_x(area, time, end), _y(area, share)), 4.5, 4.5)

    def _paint_names(self, painter: QPainter, area: QRectF, font: QFont) -> None:
        """The name of each curve at its end, apart from one another."""
        height = QFontMetrics(font).height()
        ends = sorted(
            (_y(area, curve.share(curve.points[-1]) if curve.points else 0.0), curve.stage)
            for curve in self._curves
        )
        top = -float(height)
        lowest = self.height() - height * len(ends)
        for number_, (y, stage) in enumerate(ends):
            top = min(max(y - height / 2, top + height, 0.0), lowest + number_ * height)
            painter.setPen(theme.pick(_STROKES[stage].colours))
            box = QRectF(area.right() + theme.UNIT / 2, top, self.width(), height)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, stage_name(stage))


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
