"""How fast a message reached people: its curves, and the same in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from admin_app.reach import SHARES, Reach
from admin_app.views.curves import Curves, of_stage
from shared.qt import theme
from shared.qt.words import number, span
from shared.receipts import Stage


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
        return reach_sentence(self._curves, self._shown)

    def sizeHint(self) -> QSize:
        """Wide rather than high."""
        return QSize(480, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the curves as the window looks."""
        del event
        ground = self.palette().color(QPalette.ColorRole.Window)
        font = theme.scaled_font(self, theme.SMALL)
        Curves(self._curves, font, theme.is_dark(), ground).paint(
            QPainter(self), QRectF(self.rect())
        )


def reach_sentence(curves: Sequence[Reach], shown: int) -> str:
    """The times to half, most and nearly all, in words; *shown* PCs have displayed it."""
    curve = of_stage(curves, Stage.DISPLAYED)
    if not shown:
        return QCoreApplication.translate("reach", "Nobody has shown it yet.")
    if curve is None or not curve.count:
        return QCoreApplication.translate("reach", "How fast it was shown is not known.")
    parts = [
        QCoreApplication.translate("reach", "{share} in {time}").format(share=name, time=span(time))
        for name, share in _shares(curve.of)
        if (time := curve.time_to(share)) is not None
    ]
    if not parts:
        words = QCoreApplication.translate(
            "reach", "Shown on {count} of {whole} PCs so far, less than half."
        )
        return words.format(count=number(curve.count), whole=number(curve.of))
    words = QCoreApplication.translate("reach", "On the screen: {times}.")
    return words.format(times=", ".join(parts))


def _shares(whole: int) -> list[tuple[str, float]]:
    """The shares worth a word: of three PCs, 95 % and 99 % are all of them."""
    names = {
        0.5: QCoreApplication.translate("reach", "half"),
        1.0: QCoreApplication.translate("reach", "all"),
    }
    found: dict[int, tuple[str, float]] = {}
    for share in SHARES:
        wanted = math.ceil(whole * share - 1e-9)
        exact = 1.0 if wanted == whole and share > SHARES[0] else share
        found[wanted] = (names.get(exact, f"{share:.0%}".replace("%", " %")), exact)
    return list(found.values())
