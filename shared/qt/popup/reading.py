"""Title, byline and text of a popup in one column, which scrolls when there is little room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shared.qt import theme
from shared.qt.popup.content import PopupContent
from shared.qt.rich_text import MessageText
from shared.qt.text import WrappedLabel, breakable
from shared.text import safe_line

_ALWAYS = Qt.ScrollBarPolicy.ScrollBarAlwaysOn


class Reading(QScrollArea):
    """What there is to read. ``body`` is the message's text, ``title`` and ``byline`` labels."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the text in it takes the keyboard
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.scrolls = False
        self._tail: QWidget | None = None
        self._sheet = QWidget(self)
        self._sheet.setBackgroundRole(QPalette.ColorRole.Base)
        self.news = self._label(theme.SMALL, bold=True)
        self.title = self._label(theme.HEADING, bold=True)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.byline = self._label(theme.SMALL)
        self.unverified = self._label(theme.SMALL, bold=True)
        self.claim = self._label(theme.SMALL)
        self.body = MessageText(self._sheet)
        self.body.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._column = QVBoxLayout(self._sheet)
        self._column.setContentsMargins(theme.EDGE, theme.GROUP, theme.EDGE, theme.GROUP)
        self._column.setSpacing(theme.UNIT)
        for part in (self.news, self.title, self.byline, self.unverified, self.claim):
            self._column.addWidget(part)
        self._column.addSpacing(theme.UNIT)
        self._column.addWidget(self.body)
        self._column.addStretch(1)
        self.setWidget(self._sheet)
        self.body.setTextInteractionFlags(
            self.body.textInteractionFlags() | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.body.cursorPositionChanged.connect(self._follow_cursor)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def show_content(self, content: PopupContent, scale: float = 1.0) -> None:
        """Show *content*, its letters *scale* times as large as usual."""
        for label, factor in (
            (self.news, theme.SMALL),
            (self.title, theme.HEADING),
            (self.byline, theme.SMALL),
            (self.unverified, theme.SMALL),
            (self.claim, theme.SMALL),
        ):
            bold = label not in (self.byline, self.claim)
            label.setFont(theme.scaled_font(label, factor * scale, bold=bold))
        self.news.setText(safe_line(content.news))
        self.news.setVisible(bool(content.news))
        self.title.setText(breakable(safe_line(content.title)))
        self.title.setAccessibleName(safe_line(content.title))
        self.byline.setText(breakable(safe_line(content.byline)))
        self.unverified.setText(self.tr("Unverified: it is not known who sent this."))
        self.unverified.setVisible(not content.verified)
        self.claim.setText(breakable(safe_line(content.claim)))
        self.claim.setVisible(bool(content.claim))
        self.body.setFont(theme.scaled_font(self.body, theme.READING * scale))
        self.body.show_text(content.body, content.format)
        self.body.setAccessibleName(self.tr("Message"))
        theme.set_text_colour(self.news, theme.level_colour(content.level))
        for quiet in (self.byline, self.claim):
            theme.set_text_colour(quiet, theme.quiet_colour())
        theme.set_text_colour(self.unverified, theme.pick(theme.WARNING))
        self.verticalScrollBar().setValue(0)

    def set_edge(self, extra: int) -> None:
        """Leave *extra* pixels more free on either side."""
        edge = theme.EDGE + extra
        self._column.setContentsMargins(edge, theme.GROUP, edge, theme.GROUP)

    def take_in(self, tail: QWidget | None) -> None:
        """Let *tail*, the buttons, scroll along with the text where the screen is too small."""
        if tail is self._tail:
            return
        self._tail = tail
        if tail is not None:
            self._column.addWidget(tail)
            tail.show()

    def height_for(self, width: int) -> int:
        """Pixels that everything needs at *width*, without scrolling."""
        margins = self._column.contentsMargins()
        self.body.setFixedHeight(self.body.height_for(width - margins.left() - margins.right()))
        return self._column.totalHeightForWidth(width)

    def sizeHint(self) -> QSize:
        """Any size will do; the popup decides."""
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Three lines are always visible."""
        return QSize(0, 3 * self.body.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the column out anew."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Make the column as wide as can be seen and as high as it has to be.

        Whether there is a scroll bar is decided here: left to itself it stays once it was there,
        because the narrower text needs the room that it takes.
        """
        fits = self.height_for(self.width()) <= self.height()
        self.scrolls = not fits
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else _ALWAYS
        self.setVerticalScrollBarPolicy(policy)
        room = self.viewport().size()
        self._sheet.resize(room.width(), max(room.height(), self.height_for(room.width())))

    def _follow_cursor(self) -> None:
        """Keep what the keyboard is at in sight."""
        if self.body.hasFocus():
            at = self.body.mapTo(self._sheet, self.body.cursorRect().center())
            self.ensureVisible(at.x(), at.y())

    def _label(self, factor: float, *, bold: bool = False) -> WrappedLabel:
        label = WrappedLabel("", self._sheet)
        label.setFont(theme.scaled_font(label, factor, bold=bold))
        return label
