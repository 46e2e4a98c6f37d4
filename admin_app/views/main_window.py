"""The console's window: the form, what was sent, and how the link is."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from admin_app.models import SentModel
from admin_app.views.compose import ComposeForm
from admin_app.views.sent_list import SentList
from shared.bus import LinkState, LinkStatus
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.text import ElidedLabel, PlainLabel

_SIGNS = {
    LinkState.CONNECTING: ("link-waiting", theme.WARNING),
    LinkState.CONNECTED: ("link-connected", theme.GOOD),
    LinkState.RECONNECTING: ("link-waiting", theme.WARNING),
    LinkState.REFUSED: ("link-refused", theme.BAD),
}


class LinkIndicator(QWidget):
    """Says in a sign and in words whether the console is connected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel(self)
        self.words = ElidedLabel("", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.EDGE, theme.UNIT, theme.EDGE, theme.UNIT)
        row.setSpacing(theme.UNIT)
        row.addWidget(self._sign)
        row.addWidget(self.words, 1)

    def set_status(self, status: LinkStatus) -> None:
        """Show *status*."""
        name, colours = _SIGNS[status.state]
        self._sign.setPixmap(pixmap(name, theme.pick(colours), 16, self.devicePixelRatioF()))
        self.words.set_line(self._words(status))

    def _words(self, status: LinkStatus) -> str:
        if status.state is LinkState.CONNECTED:
            return self.tr("Connected to {address}").format(address=status.address)
        if status.error is None:
            return self.tr("Connecting to {address} …").format(address=status.address)
        if status.state is LinkState.REFUSED:
            return str(status.error)
        return self.tr("{reason} Trying again.").format(reason=status.error)


class MainWindow(QMainWindow):
    """Shows; whatever is to be done is a signal."""

    close_wanted = Signal()

    def __init__(self, sent: SentModel) -> None:
        super().__init__()
        self.form = ComposeForm(self)
        self.sent_list = SentList(sent, self)
        self.link = LinkIndicator(self)
        self.setWindowTitle(self.tr("Siaran console"))
        self.resize(860, 720)
        self.setMinimumSize(560, 480)
        self._lay_out()

    def restore(self, geometry: bytes) -> None:
        """Come back where the window was."""
        self.restoreGeometry(QByteArray(geometry))

    def geometry_state(self) -> bytes:
        """Where the window is."""
        return bytes(self.saveGeometry().data())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask for an orderly end; the program closes the window when it has tidied up."""
        event.ignore()
        self.close_wanted.emit()

    def _lay_out(self) -> None:
        top = QWidget(self)
        above = QVBoxLayout(top)
        above.setContentsMargins(theme.EDGE, theme.EDGE, theme.EDGE, theme.GROUP)
        above.addWidget(self.form)
        bottom = QWidget(self)
        below = QVBoxLayout(bottom)
        below.setContentsMargins(theme.EDGE, theme.GROUP, theme.EDGE, 0)
        below.setSpacing(theme.UNIT)
        heading = PlainLabel(self.tr("Sent"), bottom)
        heading.setFont(theme.scaled_font(heading, theme.HEADING, bold=True))
        below.addWidget(heading)
        below.addWidget(self.sent_list, 1)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(top)
        splitter.addWidget(bottom)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(splitter, 1)
        column.addWidget(line)
        column.addWidget(self.link)
        self.setCentralWidget(centre)
