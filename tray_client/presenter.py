"""Keeps the screen as the session wants it: the head of the queue in the one popup, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from shared.model import LOUD_LEVELS
from shared.qt.popup import Popup, PopupContent, PopupRules, Stage
from shared.qt.words import channel_name, level_name, moment
from tray_client.claim_words import answered_sentence, claim_sentence
from tray_client.popup_queue import Digest
from tray_client.proof_words import proof_words
from tray_client.records import InboxMessage, State
from tray_client.session import TraySession

Head = InboxMessage | Digest


class Presenter(QObject):
    """Opens, changes and closes the popup."""

    inbox_wanted = Signal()

    def __init__(self, session: TraySession, rules: PopupRules) -> None:
        super().__init__()
        self._session = session
        self._rules = rules
        self._head: Head | None = None
        self._stage: Stage | None = None
        self._parting: Stage | None = None
        self._ended: InboxMessage | None = None
        self.on_painted: Callable[[Popup], None] | None = None
        session.queue_changed.connect(self.refresh)
        session.taken_off.connect(self._taken_off)

    @property
    def popup(self) -> Popup | None:
        """The popup on the screen."""
        return None if self._stage is None else self._stage.popup

    @property
    def parting(self) -> Popup | None:
        """A popup that only says why it goes."""
        return None if self._parting is None else self._parting.popup

    def refresh(self) -> None:
        """Bring the screen up to date."""
        head = self._session.head()
        if head != self._head:
            self._change(head)
        if head is None:
            return
        if self._stage is None and not self._waits_for_parting(head):
            self._open(head)
        if self._stage is not None:
            self._stage.set_place(*self._session.place())

    def bring_forward(self) -> bool:
        """Give the open popup the keyboard; False when there is none."""
        if self._stage is None:
            return False
        self._stage.take_keyboard()
        return True

    def close(self) -> None:
        """Take the popup off the screen; its message stays unanswered."""
        self._session.queue_changed.disconnect(self.refresh)
        self._session.taken_off.disconnect(self._taken_off)
        self._close()
        self._end_parting()

    def rang(self) -> None:
        """The open popup is heard: it comes before whatever has been put over it."""
        if self._stage is not None:
            self._stage.raise_()

    # --- from one message to the next ---

    def _change(self, head: Head | None) -> None:
        """Another head; the same popup shows it if it is the same message, or takes its place."""
        before, self._head = self._head, head
        ended, self._ended = self._ended, None
        if self._stage is not None and _continues(before, head):
            assert head is not None
            self._stage.replace(self._content(head, again=True))
        elif self._stage is not None and ended is not None:
            self._part(self._stage, self._why(ended))
        else:
            self._close()

    def _open(self, head: Head) -> None:
        self._end_parting()
        stage = Stage(self._content(head), self._rules)
        stage.painted.connect(self._painted)
        stage.acknowledged.connect(self._acknowledge)
        stage.replied.connect(self._session.answer)
        stage.postponed.connect(self._session.snooze)
        stage.acted.connect(self._open_inbox)
        self._stage = stage
        stage.show()

    def _close(self) -> None:
        if self._stage is not None:
            self._stage.withdraw()
            self._stage = None

    def _taken_off(self, message: InboxMessage) -> None:
        """Remember how the open message ended, until it is known what takes its place."""
        if self.popup is not None and self.popup.content.id == message.id and self._why(message):
            self._ended = message

    def _part(self, stage: Stage, words: str) -> None:
        """Say why the popup goes."""
        self._end_parting()
        self._parting, self._stage = stage, None
        stage.part_with(words)
        stage.gone.connect(self._parted)

    def _waits_for_parting(self, head: Head) -> bool:
        """A quiet message lets people read why the one before it goes."""
        return self._parting is not None and head.level not in LOUD_LEVELS

    def _parted(self) -> None:
        self._end_parting()
        self.refresh()

    def _end_parting(self) -> None:
        if self._parting is not None:
            self._parting.withdraw()
            self._parting = None

    # --- what people do ---

    def _acknowledge(self, head_id: str) -> None:
        if isinstance(self._head, Digest):
            self._session.dismiss_digest(head_id)
        else:
            self._session.acknowledge(head_id)

    def _open_inbox(self, digest_id: str) -> None:
        self._session.dismiss_digest(digest_id)
        self.inbox_wanted.emit()

    def _painted(self, message_id: str) -> None:
        if not isinstance(self._head, Digest):
            self._session.displayed(message_id)
        if self.on_painted is not None and self.popup is not None:
            self.on_painted(self.popup)

    # --- words ---

    def _why(self, message: InboxMessage) -> str:
        if message.state in (State.ANSWERED, State.ACKNOWLEDGED):
            return answered_sentence(message.answered_by, message.answered_user, message.reply)
        return {
            State.RECALLED: self.tr("Head office has taken this message back."),
            State.EXPIRED: self.tr("This message is no longer of use."),
        }.get(message.state, "")

    def _content(self, head: Head, *, again: bool = False) -> PopupContent:
        later = self._session.rules.snoozes(head)
        if isinstance(head, Digest):
            return self._digest(head, later)
        news = ""
        if head.reminded_at:
            news = self.tr("Reminder: head office asks for an answer.")
        elif head.replaces and again and not head.answered_by:
            news = self.tr("Head office has changed this message.")
        content = content_of(head, later, news)
        return self._with_claim(content, head) if head.answered_by else content

    def _with_claim(self, content: PopupContent, message: InboxMessage) -> PopupContent:
        answered = self._session.answered_for_outlet(message)
        who = (message.answered_by, message.answered_user, message.reply)
        content = replace(content, claim=claim_sentence(*who, for_outlet=answered))
        return replace(content, answered=True, replies=(), later=()) if answered else content

    def _digest(self, digest: Digest, later: tuple[int, ...]) -> PopupContent:
        since = moment(digest.oldest_at)
        missed = self.tr("You missed %Ln message(s)", "", digest.count)
        flood = self.tr("%Ln more message(s)", "", digest.count)
        away = self.tr("They came while this PC was off or not connected. The inbox has them.")
        many = self.tr("Many messages came at once. The inbox has them.")
        return PopupContent(
            id=digest.id,
            level=digest.level,
            level_name=level_name(digest.level),
            source=self.tr("Inbox"),
            title=flood if digest.flood else missed,
            body=many if digest.flood else away,
            byline=self.tr("The oldest is from {time}").format(time=since),
            verified=True,
            action=self.tr("Open the inbox"),
            later=later,
        )


def _continues(before: Head | None, head: Head | None) -> bool:
    """Whether *head* is what *before* has become: changed, asked again, or put in its place."""
    if before is None or head is None or isinstance(before, Digest) is not isinstance(head, Digest):
        return False
    if isinstance(head, Digest) or isinstance(before, Digest):
        return head.id == before.id and head.level is before.level
    return before.id in (head.id, head.replaces) and not _louder(head, before)


def _louder(head: Head, before: Head) -> bool:
    """Whether it needs other windows than before: an emergency is on every screen."""
    return head.level is not before.level and bool(LOUD_LEVELS & {head.level, before.level})


def content_of(message: InboxMessage, later: tuple[int, ...] = (), news: str = "") -> PopupContent:
    """What the popup of *message* says, in the person's language."""
    time = moment(message.sent_at, zone=True)
    byline = f"{message.sender}, {time}" if message.sender else time
    return PopupContent(
        id=message.id,
        level=message.level,
        level_name=level_name(message.level),
        source=channel_name(message.channel),
        title=message.title,
        body=message.body,
        byline=" · ".join(part for part in (byline, proof_words(message.proof)) if part),
        verified=message.verified,
        format=message.format,
        replies=message.replies,
        later=later,
        news=news,
    )
