"""The form in which a message is written."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from admin_app.audience import Audience
from admin_app.draft import Draft
from admin_app.templates import Template, unfilled
from admin_app.views.channel_picker import ChannelPicker
from admin_app.views.fields import Field, LevelChoice, MessageEdit, Notice
from admin_app.views.more_options import Extras, MoreOptions
from admin_app.views.task_line import TaskLine
from admin_app.views.template_bar import TemplateBar
from shared.errors import Problem
from shared.model import MAX_BODY, MAX_TITLE
from shared.qt import theme
from shared.qt.icons import icon
from shared.qt.layouts import FormArea
from shared.qt.popup import Preview
from shared.qt.text import ElidedLabel, PlainLabel

PREVIEW_FROM = 820
"""Device-independent pixels of the page's width from which there is room for the preview."""
TASK = ("every", "replaces", "series", "series_before")
"""What a draft is for, whatever it says."""
COUNT_TITLE_FROM = 150
"""Characters from which the title's length is worth a remark."""


class ComposeForm(QWidget):
    """Channel, title, message, level and Send. Emits what the admin wants; decides nothing."""

    send_wanted = Signal()
    edited = Signal()
    cleared = Signal()
    begun = Signal()
    """Something that was sent before is about to be written into it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = TaskLine(self)
        self.templates = TemplateBar(self)
        self.channels = ChannelPicker(self)
        self.title = QLineEdit(self)
        self.body = MessageEdit(self)
        self.level = LevelChoice(self)
        self.more = MoreOptions(self)
        self.preview = Preview(self)
        self.try_here = QPushButton(self.tr("Try it on this PC"), self)
        self.send = QPushButton(self.tr("Send"), self)
        self.undo = QPushButton(self.tr("Undo (Esc)"), self)
        self.recall = QPushButton(self.tr("Recall it"), self)
        self.follow = QPushButton(self.tr("See who has it"), self)
        self.keys = PlainLabel(self.tr("Ctrl+Enter"), self)
        self.notice = Notice(self)
        self.audience = PlainLabel("", self)
        self._fields = {
            "channels": Field(self.channels, self),
            "title": Field(self.title, self),
            "body": Field(self.body, self),
        }
        more = Field(self.more, self)
        self._fields |= {"show_at": more, "expires_at": more, "replies": more}
        self._rest = Draft()
        self._set_up()
        self._lay_out()
        self._connect()
        self.set_channels({})
        self._count()

    @property
    def channel(self) -> QComboBox:
        """The box with the channels."""
        return self.channels.box

    # --- for the window ---

    def draft(self) -> Draft:
        """What the form holds, under the id it had while it says the same."""
        extras = self.more.extras()
        now = Draft(
            channels=self.channels.chosen(),
            title=self.title.text(),
            body=self.body.toPlainText(),
            level=self.level.chosen(),
            format=extras.format,
            drill=extras.drill,
            ack=extras.ack,
            replies=list(extras.replies),
            show_at=extras.show_at,
            expires_at=extras.expires_at,
            replaces=self._rest.replaces,
            fill=self.unfilled(),
            every=self.more.every(),
            series=self._rest.series,
            series_before=self._rest.series_before,
        )
        self._rest = self._rest.changed(now)
        return self._rest

    def show_draft(self, draft: Draft) -> None:
        """Put *draft* into the form."""
        self._rest = draft
        with QSignalBlocker(self):
            self.channels.choose(draft.channels)
            self.title.setText(draft.title)
            self.body.setPlainText(draft.body)
            self.level.choose(draft.level)
            self.more.show_extras(extras_of(draft))
            self.more.set_every(draft.every)
        if draft.fill:
            self.templates.fill.ask(draft.fill, {})
        self._count()

    def unfilled(self) -> list[str]:
        """Placeholders that are asked for and still stand in the texts."""
        there = unfilled(f"{self.title.text()}\n{self.body.toPlainText()}")
        return [name for name in self.templates.fill.missing() if name in there]

    def begin_series(self, series_id: str) -> None:
        """What the form holds is to be this series, however often it is sent until it is."""
        self._rest = msgspec.structs.replace(self._rest, series=series_id)

    def clear_for_next(self) -> None:
        """Empty the texts after a message has left; channel and level stay as they were."""
        self.show_draft(Draft(channels=self.draft().channels))
        self.more.toggle.setChecked(False)
        self.task.say("")
        self.cleared.emit()
        self.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def left(self, draft: Draft) -> None:
        """*draft* is sent: make room for the next, but lose nothing that was written meanwhile."""
        now = self.draft()
        if now == draft:
            self.clear_for_next()
        elif now.place == draft.place:
            begun = {"replaces": None, "series": "", "series_before": None}
            self.show_draft(msgspec.structs.replace(now, **begun))
            self.task.say("")

    def show_template(self, template: Template) -> None:
        """Begin with *template*."""
        now = self.draft()
        offered = template.channels if now.replaces is None else []  # that has to go where it went
        rest = {name: getattr(now, name) for name in TASK}
        self.show_draft(template.draft(channels=offered or now.channels, **rest))
        self.edited.emit()

    def show_texts(self, template: Template) -> None:
        """Put the texts of *template* into the form, and leave the rest."""
        self.title.setText(template.title)
        self.body.setPlainText(template.body)

    def set_channels(self, channels: Mapping[str, str]) -> None:
        """Offer *All channels* and then *channels* (name to label), keeping the choice."""
        self.channels.set_channels(channels)

    def show_audience(self, audience: Audience | None, *, full: bool = False) -> None:
        """Say whom the message will reach; None: it is not known. *full*: PCs cannot report, so
        who is connected is not known.
        """
        words, pair = "", theme.QUIET
        if audience is not None and not audience.expected:
            words, pair = self.tr("No PC follows it yet"), theme.WARNING
        elif audience is not None:
            words = self.tr("%Ln PC(s)", "", audience.expected)
            silent = audience.silent
            if full:
                words += ", " + self.tr("not known how many are connected")
            elif silent:
                words += ", " + self.tr("%Ln not connected", "", silent)
            else:
                words += ", " + self.tr("all connected")
        self.audience.setText(words)
        theme.set_text_colour(self.audience, theme.pick(pair))

    def show_problems(self, problems: list[Problem]) -> None:
        """Name each problem beside its field and put the cursor into the first."""
        known = [problem for problem in problems if problem.field in self._fields]
        for field in self._fields.values():
            field.set_problem("")
        for problem in reversed(known):
            self._fields[problem.field].set_problem(problem.sentence)
        if len(known) < len(problems):
            others = [problem.sentence for problem in problems if problem not in known]
            self.notice.say(others[0], bad=True)
        if known:
            first = self._fields[known[0].field].editor
            if first is self.more:
                self.more.open()
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def problem_of(self, field: str) -> str:
        """What is said to be wrong with *field*."""
        return self._fields[field].problem.text()

    def set_sending(self, *, sending: bool) -> None:
        """Let nobody press Send twice while a message is on its way."""
        had_keyboard = self.send.hasFocus()
        self.send.setEnabled(not sending)
        if sending and had_keyboard:  # or Qt gives it to whatever comes next in the window
            self.body.setFocus(Qt.FocusReason.OtherFocusReason)
        self.send.setText(self.tr("Sending …") if sending else self.tr("Send"))
        self.undo.hide()
        self._offer(followed=False)
        self.keys.setVisible(not sending)

    def offer_recall(self) -> None:
        """What has been sent can be followed, and still be taken back from the screens."""
        self._offer(followed=True)

    def _offer(self, *, followed: bool) -> None:
        for button in (self.recall, self.follow):
            button.setVisible(followed)
        self.keys.setVisible(not followed)

    def show_hold(self, seconds: int) -> None:
        """Say that the message leaves in *seconds*, and offer to take it back."""
        self.notice.say(self.tr("The message leaves in {seconds} s.").format(seconds=seconds))
        if self.undo.isHidden():
            self.undo.show()
            self.undo.setFocus(Qt.FocusReason.OtherFocusReason)

    def end_hold(self) -> None:
        """It is leaving now."""
        if self.undo.hasFocus():
            self.body.setFocus(Qt.FocusReason.OtherFocusReason)
        self.undo.hide()

    # --- inside ---

    def _set_up(self) -> None:
        self.title.setAccessibleName(self.tr("Title"))
        self.body.setAccessibleName(self.tr("Message"))
        self.title.setPlaceholderText(self.tr("What it is about, in a few words"))
        self.body.setPlaceholderText(self.tr("What the outlets have to know or do"))
        self.send.setIcon(icon("send", self.palette().buttonText().color()))
        self.send.setToolTip(self.tr("Ctrl+Enter"))
        self.keys.setFont(theme.scaled_font(self.keys, theme.SMALL))
        theme.set_text_colour(self.keys, theme.quiet_colour())
        self.send.setMinimumSize(16 * theme.UNIT, 5 * theme.UNIT)
        self.send.setDefault(True)
        self.undo.setMinimumSize(12 * theme.UNIT, 5 * theme.UNIT)
        self.undo.setToolTip(self.tr("Nothing has left yet: the message stays in the form."))
        self.recall.setMinimumSize(12 * theme.UNIT, 5 * theme.UNIT)
        self.recall.setToolTip(
            self.tr("Closes it on every screen; PCs that have not shown it never will.")
        )
        self.follow.setMinimumSize(12 * theme.UNIT, 5 * theme.UNIT)
        self.undo.hide()
        self._offer(followed=False)
        self.title.setMinimumHeight(4 * theme.UNIT)

    def _lay_out(self) -> None:
        self._beside = self._make_side()
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GROUP)
        grid.setVerticalSpacing(theme.UNIT)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.tr("&Channel"), self.channels, self._fields["channels"]),
            (self.tr("&Title"), self.title, self._fields["title"]),
            (self.tr("&Message"), self.body, self._fields["body"]),
            (self.tr("&Level"), self.level, self.level),
            ("", self.more, self._fields["show_at"]),
        )
        for row, (name, buddy, widget) in enumerate(rows):
            label = PlainLabel(name, self)
            label.setBuddy(buddy)
            label.setMinimumHeight(4 * theme.UNIT)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(widget, row, 1, 1, 1 if row == 0 else 2)
        self.audience.setMinimumHeight(4 * theme.UNIT)
        grid.addWidget(self.audience, 0, 2, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(2, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(theme.UNIT)
        bottom.addWidget(self.notice, 1)
        bottom.addWidget(self.undo)
        bottom.addWidget(self.recall)
        bottom.addWidget(self.follow)
        bottom.addWidget(self.keys)
        bottom.addWidget(self.send)
        sheet = QWidget(self)
        above = QVBoxLayout(sheet)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(theme.GROUP)
        above.addWidget(self.task)
        above.addWidget(self.templates)
        above.addLayout(grid, 1)
        self._area = area = FormArea(sheet, self)
        middle = QHBoxLayout()
        middle.setSpacing(theme.EDGE)
        middle.addWidget(area, 3)
        middle.addWidget(self._beside, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GROUP)
        column.addLayout(middle, 1)
        column.addLayout(bottom)

    def _make_side(self) -> QWidget:
        """What the till will see, where there is room for it."""
        side = QWidget(self)
        heading = ElidedLabel(self.tr("As the till will see it"), side)
        heading.setFont(theme.scaled_font(heading, theme.SMALL))
        theme.set_text_colour(heading, theme.quiet_colour())
        self.try_here.setMinimumHeight(4 * theme.UNIT)
        self.try_here.setToolTip(self.tr("Opens the popup here, and sends nothing."))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        top = QHBoxLayout()
        top.addWidget(heading, 1)
        top.addWidget(self.try_here)
        column.addLayout(top)
        column.addWidget(self.preview, 1)
        return side

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the preview out where it would take the form's room."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        needed = self._area.minimumSizeHint().width() + theme.EDGE
        needed += self._beside.minimumSizeHint().width()
        self._beside.setVisible(self.width() >= max(needed, PREVIEW_FROM))

    def _connect(self) -> None:
        self.send.clicked.connect(self.send_wanted)
        self.body.send_wanted.connect(self.send_wanted)
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.send_wanted)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.undo)
        escape.setContext(Qt.ShortcutContext.WindowShortcut)
        escape.activated.connect(self.undo.click)
        self.title.textChanged.connect(self._changed)
        self.body.textChanged.connect(self._changed)
        self.channels.changed.connect(self._changed)
        self.level.changed.connect(self._changed)
        self.more.changed.connect(self._changed)
        self.more.toggle.toggled.connect(self._make_room)

    def _changed(self) -> None:
        self._offer(followed=False)
        self._count()
        self.edited.emit()

    def _count(self) -> None:
        for name, text, limit, seldom in (
            ("title", self.title.text(), MAX_TITLE, True),
            ("body", self.body.toPlainText(), MAX_BODY, False),
        ):
            length = len(text)
            locale = self.locale()
            remark = self.tr("{count} of {limit} characters").format(
                count=locale.toString(length), limit=locale.toString(limit)
            )
            if seldom and length < COUNT_TITLE_FROM:
                remark = ""
            self._fields[name].set_remark(remark, wrong=length > limit)


def extras_of(draft: Draft) -> Extras:
    """What the options show for *draft*."""
    return Extras(
        show_at=draft.show_at,
        expires_at=draft.expires_at,
        ack=draft.ack,
        replies=tuple(draft.replies),
        format=draft.format,
        drill=draft.drill,
    )
