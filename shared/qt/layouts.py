"""Arrangements that several pages share."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from shared.qt import theme
from shared.qt.text import PlainLabel

WIDEST = 640
"""Device-independent pixels of a column of text and fields; longer lines are hard to read."""


class ColumnArea(QScrollArea):
    """One column in the middle of a page, or at its left, that scrolls when it is too high.

    QScrollArea's own resizing asks for the height at the least width, which with wrapped texts
    leaves a long empty end; here the column is as high as it has to be at its present width.
    """

    def __init__(
        self, column: QWidget, parent: QWidget | None = None, *, centred: bool = True
    ) -> None:
        super().__init__(parent)
        column.setMaximumWidth(WIDEST)
        self._holder = QWidget(self)
        self._across = QHBoxLayout(self._holder)
        self._across.setContentsMargins(0, 0, 0, 0)
        if centred:
            self._across.addStretch(1)
        self._across.addWidget(column, 100)
        self._across.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes to what is in it, and it follows
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._holder)
        self._holder.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the column to the new width."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the column when its content has changed."""
        if watched is self._holder and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        room = self.viewport().size()
        needed = self._across.totalHeightForWidth(room.width())
        self._holder.resize(room.width(), max(room.height(), needed))


class FormArea(QScrollArea):
    """A form that scrolls up and down when it is too high, and is never narrower than it has to be.

    QScrollArea itself takes any width and cuts off what is too wide.
    """

    def __init__(self, form: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes to what is in it, and it follows
        self.setWidget(form)
        form.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        """As wide as the form has to be, and room for the bar beside it."""
        least = super().minimumSizeHint()
        wide = self.widget().minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(wide, least.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the form when it needs another width."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def page_head(title: str, *corner: QWidget) -> QHBoxLayout:
    """A page's name, and at the right end what belongs to the whole page.

    Always of one height, so that nothing jumps from page to page.
    """
    heading = PlainLabel(title)
    heading.setFont(theme.scaled_font(heading, theme.HEADING, bold=True))
    heading.setMinimumHeight(theme.CONTROL)
    row = QHBoxLayout()
    row.setSpacing(theme.UNIT)
    row.addWidget(heading, 1)
    for widget in corner:
        row.addWidget(widget)
    return row


def even_controls(root: QWidget) -> None:
    """Make all fields and buttons in *root* at least equally high, with air beside the text."""
    for kind in (QLineEdit, QComboBox, QPushButton, QAbstractSpinBox):
        for control in root.findChildren(kind):
            if isinstance(control.parentWidget(), QComboBox | QAbstractSpinBox):
                continue
            control.setMinimumHeight(max(control.minimumHeight(), theme.CONTROL))
            if isinstance(control, QLineEdit):
                control.setTextMargins(theme.UNIT // 2, 0, theme.UNIT // 2, 0)


def soften_selection(view: QAbstractItemView) -> None:
    """Let the ground of chosen rows be soft: on the accent itself no level's colour can be seen."""
    system = QApplication.palette(view)
    base, accent = (
        system.color(role) for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Highlight)
    )
    soft = QColor(
        (4 * base.red() + accent.red()) // 5,
        (4 * base.green() + accent.green()) // 5,
        (4 * base.blue() + accent.blue()) // 5,
    )
    text = system.color(QPalette.ColorRole.Text)
    palette = view.palette()
    if (soft, text) != (palette.highlight().color(), palette.highlightedText().color()):
        palette.setColor(QPalette.ColorRole.Highlight, soft)
        palette.setColor(QPalette.ColorRole.HighlightedText, text)
        view.setPalette(palette)


def paint_hint(view: QAbstractScrollArea, text: str) -> None:
    """Paint *text* in the middle of a list or table that has nothing else to show."""
    painter = QPainter(view.viewport())
    painter.setPen(theme.quiet_colour())
    painter.drawText(
        view.viewport().rect().adjusted(theme.EDGE, 0, -theme.EDGE, 0),
        Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
        text,
    )


def paint_soft_ground(widget: QWidget) -> None:
    """Paint a soft ground with a bar at the left: for a line in a page that must not be missed."""
    painter = QPainter(widget)
    accent = widget.palette().color(QPalette.ColorRole.Highlight)
    painter.fillRect(0, 0, 3, widget.height(), accent)
    accent.setAlpha(28)
    painter.fillRect(widget.rect(), accent)
