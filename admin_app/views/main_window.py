"""The console's window: its pages, and how the link is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from admin_app.models import SentModel
from admin_app.views.channels_page import ChannelsPage
from admin_app.views.compose import ComposeForm
from admin_app.views.connection_page import ConnectionPage
from admin_app.views.outlets_page import OutletsPage
from admin_app.views.rail import Page, Rail
from admin_app.views.safety_line import SafetyLine
from admin_app.views.scheduled_page import ScheduledPage
from admin_app.views.sent_page import SentPage
from admin_app.views.settings_page import SettingsPage
from shared.bus import LinkState, LinkStatus
from shared.qt import theme
from shared.qt.icons import pixmap
from shared.qt.layouts import even_controls, page_head
from shared.qt.text import ElidedLabel
from shared.qt.words import localized

_SIGNS = {
    LinkState.CONNECTING: ("link-waiting", theme.WARNING),
    LinkState.CONNECTED: ("link-connected", theme.GOOD),
    LinkState.RECONNECTING: ("link-waiting", theme.WARNING),
    LinkState.REFUSED: ("link-refused", theme.BAD),
}


class LinkIndicator(QWidget):
    """Says in a sign and in words whether the console is connected, and offers a way out."""

    change_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel(self)
        self.words = ElidedLabel("", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.EDGE, theme.UNIT, theme.EDGE, theme.UNIT)
        row.setSpacing(theme.UNIT)
        row.addWidget(self._sign)
        row.addWidget(self.words, 1)
        self.change = QPushButton(self.tr("Connection …"), self)
        self.change.clicked.connect(self.change_wanted)
        row.addWidget(self.change)

    def set_status(self, status: LinkStatus) -> None:
        """Show *status*."""
        name, colours = _SIGNS[status.state]
        self._sign.setPixmap(pixmap(name, theme.pick(colours), 16, self.devicePixelRatioF()))
        self.words.set_line(self._words(status))
        self.change.setVisible(status.error is not None)

    def _words(self, status: LinkStatus) -> str:
        if status.state is LinkState.CONNECTED:
            return self.tr("Connected to {address}").format(address=status.address)
        if status.error is None:
            return self.tr("Connecting to {address} …").format(address=status.address)
        if status.state is LinkState.REFUSED:
            return localized(status.error)
        return self.tr("{reason} Trying again.").format(reason=localized(status.error))


class MainWindow(QMainWindow):
    """Shows; whatever is to be done is a signal."""

    close_wanted = Signal()
    page_shown = Signal(object)
    """The ``Page`` that can be seen now; None while the window is minimised or hidden: then nothing
    has to be kept up to date."""

    def __init__(self, sent: SentModel) -> None:
        super().__init__()
        self.rail = Rail(self)
        self.form = ComposeForm(self)
        self.sent = SentPage(sent, self)
        self.outlets = OutletsPage(self)
        self.channels = ChannelsPage(self)
        self.settings = SettingsPage(self)
        self.connection = ConnectionPage(self)
        self.scheduled = ScheduledPage(self)
        self.link = LinkIndicator(self)
        self.safety = SafetyLine(self)
        self._seen: Page | None = None
        self._stack = QStackedWidget(self)
        self.setWindowTitle(self.tr("Siaran console"))
        self.resize(1100, 720)
        self.setMinimumSize(640, 480)
        self._lay_out()
        even_controls(self)
        self.rail.wanted.connect(self._turn_to)

    @property
    def page(self) -> Page | None:
        """The page that is shown; None while the window asks for the connection."""
        widget = self._stack.currentWidget()
        return next((page for page, one in self._pages.items() if one is widget), None)

    @property
    def page_seen(self) -> Page | None:
        """The page that somebody can see; None while the window is minimised or hidden."""
        return self._seen

    def show_page(self, page: Page) -> None:
        """Go to *page*."""
        self.rail.show()
        self._foot.show()
        if self.rail.chosen() is page:
            self._turn_to(page)
        self.rail.choose(page)

    def ask_for_connection(self) -> None:
        """Show the page that asks where Redis is, and nothing else."""
        self.rail.hide()
        self._foot.hide()  # about the address that is about to be replaced
        self._stack.setCurrentWidget(self.connection)
        self.connection.address.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask for an orderly end; the program closes the window when it has tidied up."""
        event.ignore()
        self.close_wanted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """There is something to see again."""
        super().showEvent(event)
        self._tell(there=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees anything any more."""
        super().hideEvent(event)
        self._tell(there=False)

    def changeEvent(self, event: QEvent) -> None:
        """Minimised, or no longer so."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._tell(there=self.isVisible())

    def _tell(self, *, there: bool, anew: bool = False) -> None:
        """Say which page can be seen, if that is another, or *anew*."""
        seen = self.page if there and not self.isMinimized() else None
        if anew or seen is not self._seen:
            self._seen = seen
            self.page_shown.emit(seen)

    def _turn_to(self, page: Page) -> None:
        self._stack.setCurrentWidget(self._pages[page])
        if page is Page.COMPOSE:
            self.form.title.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self.rail.isAncestorOf(self.focusWidget() or self):
            self._starts[page].setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell(there=self.isVisible(), anew=True)

    def _lay_out(self) -> None:
        self._pages = {
            Page.COMPOSE: _page(self.tr("New message"), self.form, self.form.templates.button),
            Page.SENT: self.sent,
            Page.SCHEDULED: self.scheduled,
            Page.OUTLETS: self.outlets,
            Page.CHANNELS: self.channels,
            Page.SETTINGS: self.settings,
        }
        self._starts = {
            Page.SENT: self.sent.list,
            Page.SCHEDULED: self.scheduled.coming_table,
            Page.OUTLETS: self.outlets.table,
            Page.CHANNELS: self.channels.table,
            Page.SETTINGS: self.rail.buttons[Page.SETTINGS],
        }
        """Where the keyboard goes when a page is chosen by its key; Qt would take any button."""
        for widget in (*self._pages.values(), self.connection):
            self._stack.addWidget(widget)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(_line(QFrame.Shape.VLine))
        middle.addWidget(self._stack, 1)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        self._foot = QWidget(self)
        below = QVBoxLayout(self._foot)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(_line(QFrame.Shape.HLine))
        below.addWidget(self.safety)
        below.addWidget(self.link)
        column.addWidget(self._foot)
        self.setCentralWidget(centre)


def _page(title: str, content: QWidget, corner: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(theme.EDGE, theme.EDGE, theme.EDGE, theme.GROUP)
    column.setSpacing(theme.GROUP)
    column.addLayout(page_head(title, corner))
    column.addWidget(content, 1)
    return page


def _line(shape: QFrame.Shape) -> QFrame:
    line = QFrame()
    line.setFrameShape(shape)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
