"""What most messages do not need: when it is shown, until when, who answers and how, formatting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QDateTime, QEvent, QSignalBlocker, QSize, Qt, QTime, Signal
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from admin_app.draft import Every
from admin_app.views.fields import paint_released
from shared.codec import MAX_REPLY
from shared.model import MAX_REPLIES, Ack, Format
from shared.qt import theme
from shared.qt.icons import icon
from shared.qt.text import ElidedLabel, PlainLabel
from shared.qt.words import moment, zone_name

SOON_MIN = 15
"""Minutes ahead that the first offered time lies, on a full quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What the options say; times are ms by this PC's clock."""

    show_at: int | None = None
    expires_at: int | None = None
    ack: Ack = Ack.PC
    replies: tuple[str, ...] = ()
    format: Format = Format.PLAIN
    drill: bool = False


class When(QWidget):
    """A time that may be left open."""

    changed = Signal()

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted = QCheckBox(words, self)
        self.at = QDateTimeEdit(self)
        self.at.setCalendarPopup(True)
        self.at.setDisplayFormat(_format(self))
        self.at.setDateTime(soon_after(QDateTime.currentDateTime()))
        self.at.setMinimumHeight(4 * theme.UNIT)
        self.at.setAccessibleName(words)
        self.at.setEnabled(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        row.addWidget(self.wanted)
        row.addWidget(self.at)
        row.addWidget(PlainLabel(zone_name(), self))
        row.addStretch(1)
        self.wanted.toggled.connect(self._toggled)
        self.at.dateTimeChanged.connect(self.changed)

    def ms(self) -> int | None:
        """The time in ms, None if it is left open."""
        return self.at.dateTime().toMSecsSinceEpoch() if self.wanted.isChecked() else None

    def set_ms(self, at: int | None) -> None:
        """Show *at*."""
        with QSignalBlocker(self), QSignalBlocker(self.wanted):  # nor is another time offered
            if at is not None:
                self.at.setDateTime(QDateTime.fromMSecsSinceEpoch(at))
            self.wanted.setChecked(at is not None)
        self.at.setEnabled(at is not None)

    def _toggled(self, wanted: bool) -> None:  # Qt's signal
        self.at.setEnabled(wanted)
        if wanted and self.at.dateTime() <= QDateTime.currentDateTime():
            self.at.setDateTime(soon_after(QDateTime.currentDateTime()))
        self.changed.emit()


ARROW = 12
"""Device-independent pixels of the arrow of a line that opens."""


class Disclosure(QToolButton):
    """Opens and closes what is below it: the arrow says which, a pressed button says too much.

    The arrow is an icon of ours: Windows' styles draw theirs twice as large, against the text.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(ARROW, ARROW))
        self.toggled.connect(self.show_arrow)
        self.show_arrow()

    def show_arrow(self) -> None:
        """Show which way it is, in the colour of the text."""
        name = "opened" if self.isChecked() else "closed"
        self.setIcon(icon(name, self.palette().color(QPalette.ColorRole.ButtonText)))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system from light to dark and back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.show_arrow()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it as if it were not pressed."""
        del event
        paint_released(self)


class MoreOptions(QWidget):
    """A line that opens the options, and says in short which are used while it is closed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = Disclosure(self)
        self.toggle.setText(self.tr("M&ore: time, expiry, answers, formatting"))
        self.summary = ElidedLabel("", self)
        theme.set_text_colour(self.summary, theme.quiet_colour())
        self.panel = QWidget(self)
        self.show_at = When(self.tr("Show &it later, at"), self.panel)
        self.expires_at = When(self.tr("Not shown &after"), self.panel)
        self.ack = QComboBox(self.panel)
        self.replies = [QLineEdit(self.panel) for _ in range(MAX_REPLIES)]
        self.repeat = QComboBox(self.panel)
        self.markdown = QCheckBox(self.tr("**&Bold**, # headings, - lists and links"), self.panel)
        self.drill = QCheckBox(self.tr("Ma&rked TEST on every screen"), self.panel)
        self.drill.setToolTip(self.tr("The history tells drills apart from what was meant."))
        self._set_up()
        self._lay_out()
        self._connect()
        self._turn(opened=False)

    # --- for the form ---

    def extras(self) -> Extras:
        """What is set."""
        replies = [line.text().strip() for line in self.replies]
        return Extras(
            show_at=self.show_at.ms(),
            expires_at=self.expires_at.ms(),
            ack=Ack(self.ack.currentData()),
            replies=tuple(dict.fromkeys(reply for reply in replies if reply)),
            format=Format.MARKDOWN if self.markdown.isChecked() else Format.PLAIN,
            drill=self.drill.isChecked(),
        )

    def show_extras(self, extras: Extras) -> None:
        """Set everything as *extras* says."""
        with QSignalBlocker(self):
            self.show_at.set_ms(extras.show_at)
            self.expires_at.set_ms(extras.expires_at)
            self.ack.setCurrentIndex(self.ack.findData(extras.ack))
            replies: Sequence[str] = (*extras.replies, *[""] * MAX_REPLIES)
            for line, reply in zip(self.replies, replies, strict=False):
                line.setText(reply)
            self.markdown.setChecked(extras.format is Format.MARKDOWN)
            self.drill.setChecked(extras.drill)
        self._summarize()

    def every(self) -> Every | None:
        """How often it comes again; None: once."""
        data = self.repeat.currentData()  # Qt makes a plain text of an enumeration
        return None if data is None else Every(data)

    def set_every(self, every: Every | None) -> None:
        """Choose how often it comes again."""
        with QSignalBlocker(self):
            self.repeat.setCurrentIndex(self.repeat.findData(every))
        self._summarize()

    def open(self) -> None:
        """Show the options: something in them needs attention."""
        self.toggle.setChecked(True)

    # --- inside ---

    def _set_up(self) -> None:
        for ack, words in (
            (Ack.PC, self.tr("Every PC")),
            (Ack.OUTLET, self.tr("One PC of each outlet is enough")),
            (Ack.NONE, self.tr("Nobody has to")),
        ):
            self.ack.addItem(words, ack)
        for every, words in (
            (None, self.tr("Once")),
            (Every.DAY, self.tr("Every day")),
            (Every.WEEKDAY, self.tr("Monday to Friday")),
            (Every.WEEK, self.tr("Every week")),
            (Every.MONTH, self.tr("Every month")),
        ):
            self.repeat.addItem(words, every)
        self.repeat.setMinimumHeight(4 * theme.UNIT)
        self.repeat.setAccessibleName(self.tr("How often"))
        self.ack.setMinimumHeight(4 * theme.UNIT)
        self.ack.setAccessibleName(self.tr("Who acknowledges"))
        for number, line in enumerate(self.replies, 1):
            line.setMinimumHeight(4 * theme.UNIT)
            line.setMaxLength(MAX_REPLY)
            line.setPlaceholderText(self.tr("Answer {number}").format(number=number))
            line.setAccessibleName(self.tr("Answer {number}").format(number=number))

    def _lay_out(self) -> None:
        answers = QGridLayout()
        answers.setSpacing(theme.UNIT)
        for place, line in enumerate(self.replies):
            answers.addWidget(line, *divmod(place, 2))
        times = QVBoxLayout()  # beside each other they are wider than a small window
        times.setSpacing(theme.UNIT)
        times.addWidget(self.show_at)
        times.addWidget(self.expires_at)
        grid = QGridLayout(self.panel)
        grid.setContentsMargins(theme.EDGE, theme.UNIT, 0, 0)
        grid.setHorizontalSpacing(theme.GROUP)
        grid.setVerticalSpacing(theme.UNIT)
        grid.setColumnStretch(1, 1)
        names = (
            self.tr("Times"),
            self.tr("Repeat"),
            self.tr("Acknowledge"),
            self.tr("Answers"),
            self.tr("Formatting"),
            self.tr("Drill"),
        )
        for row, name in enumerate(names):
            label = PlainLabel(name, self.panel)
            label.setMinimumHeight(theme.CONTROL)  # beside the first of several lines
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(times, 0, 1)
        for row, box in enumerate((self.repeat, self.ack), 1):
            grid.addWidget(box, row, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addLayout(answers, 3, 1)
        grid.addWidget(self.markdown, 4, 1)
        grid.addWidget(self.drill, 5, 1)
        head = QHBoxLayout()
        head.setSpacing(theme.GROUP)
        head.addWidget(self.toggle)
        head.addWidget(self.summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.panel)

    def _connect(self) -> None:
        self.toggle.toggled.connect(lambda opened: self._turn(opened=opened))
        for when in (self.show_at, self.expires_at):
            when.changed.connect(self._edited)
        self.ack.currentIndexChanged.connect(self._edited)
        self.repeat.currentIndexChanged.connect(self._repeat_changed)
        self.markdown.toggled.connect(self._edited)
        self.drill.toggled.connect(self._edited)
        for line in self.replies:
            line.textChanged.connect(self._edited)

    def _repeat_changed(self) -> None:
        if self.every() is not None:
            self.show_at.wanted.setChecked(True)  # what recurs has a first time
        self._edited()

    def _edited(self) -> None:
        self._summarize()
        self.changed.emit()

    def _turn(self, *, opened: bool) -> None:
        self.panel.setVisible(opened)
        self._summarize()

    def _summarize(self) -> None:
        """Say what is used, so that nothing set and closed again is forgotten."""
        self.summary.set_line("" if self.panel.isVisibleTo(self) else " · ".join(self._used()))

    def _used(self) -> list[str]:
        extras, used = self.extras(), list[str]()
        if self.every() is not None:
            used.append(self.repeat.currentText())
        if extras.show_at is not None:
            used.append(self.tr("shown at {time}").format(time=moment(extras.show_at, zone=True)))
        if extras.expires_at is not None:
            used.append(self.tr("until {time}").format(time=moment(extras.expires_at, zone=True)))
        if extras.ack is not Ack.PC:
            used.append(self.tr("acknowledged by: {who}").format(who=self.ack.currentText()))
        if extras.replies:
            used.append(self.tr("answers: {list}").format(list=", ".join(extras.replies)))
        if extras.drill:
            used.append(self.tr("a drill"))
        if extras.format is Format.MARKDOWN:
            used.append(self.tr("formatted"))
        return used


def soon_after(now: QDateTime) -> QDateTime:
    """Return the next quarter of an hour. As a moment: in autumn clock times come twice."""
    soon = now.addSecs(60 * SOON_MIN)
    time = soon.time()
    since = QTime(0, time.minute() % SOON_MIN, time.second(), time.msec())
    return soon.addMSecs(-since.msecsSinceStartOfDay())


def _format(widget: QWidget) -> str:
    locale = widget.locale()
    short = locale.FormatType.ShortFormat
    return f"{locale.dateFormat(short)}  {locale.timeFormat(short)}"
