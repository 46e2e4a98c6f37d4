"""Keeps the screen as the session wants it: the head of the queue in the one popup, or none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from shared.qt.words import channel_name, level_name, moment
from tray_client.popup import GUARD_MS, Popup, PopupContent
from tray_client.popup_queue import Digest
from tray_client.records import InboxMessage
from tray_client.session import TraySession


class Presenter(QObject):
    """Opens, swaps and closes the popup."""

    inbox_wanted = Signal()

    def __init__(self, session: TraySession, *, guard_ms: int = GUARD_MS) -> None:
        super().__init__()
        self._session = session
        self._guard_ms = guard_ms
        self._head: InboxMessage | Digest | None = None
        self.popup: Popup | None = None
        self.on_painted: Callable[[Popup], None] | None = None
        session.queue_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Bring the screen up to date."""
        head = self._session.head()
        if head != self._head:
            self._close()
            self._head = head
        if head is None:
            return
        if self.popup is None:
            self._open(head)
        assert self.popup is not None
        self.popup.set_place(*self._session.place())

    def bring_forward(self) -> bool:
        """Give the open popup the keyboard; False when there is none."""
        if self.popup is None:
            return False
        self.popup.take_keyboard()
        return True

    def close(self) -> None:
        """Take the popup off the screen; its message stays unanswered."""
        self._session.queue_changed.disconnect(self.refresh)
        self._close()

    def _open(self, head: InboxMessage | Digest) -> None:
        content = self._digest(head) if isinstance(head, Digest) else content_of(head)
        popup = Popup(content, guard_ms=self._guard_ms)
        popup.painted.connect(self._painted)
        if isinstance(head, Digest):
            popup.acknowledged.connect(self._session.dismiss_digest)
            popup.acted.connect(self._open_inbox)
        else:
            popup.acknowledged.connect(self._session.acknowledge)
        self.popup = popup
        popup.present()

    def _close(self) -> None:
        if self.popup is not None:
            self.popup.withdraw()
            self.popup = None

    def _open_inbox(self, digest_id: str) -> None:
        self._session.dismiss_digest(digest_id)
        self.inbox_wanted.emit()

    def _painted(self, message_id: str) -> None:
        if not isinstance(self._head, Digest):
            self._session.displayed(message_id)
        if self.on_painted is not None and self.popup is not None:
            self.on_painted(self.popup)

    def _digest(self, digest: Digest) -> PopupContent:
        since = moment(digest.oldest_at)
        return PopupContent(
            id=digest.id,
            level=digest.level,
            level_name=level_name(digest.level),
            source=self.tr("Inbox"),
            title=self.tr("You missed %Ln message(s)", "", digest.count),
            body=self.tr("They came while this PC was off or not connected. The inbox has them."),
            byline=self.tr("The oldest is from {time}").format(time=since),
            verified=True,
            action=self.tr("Open the inbox"),
        )


def content_of(message: InboxMessage) -> PopupContent:
    """What the popup of *message* says, in the person's language."""
    time = moment(message.sent_at, zone=True)
    return PopupContent(
        id=message.id,
        level=message.level,
        level_name=level_name(message.level),
        source=channel_name(message.channel),
        title=message.title,
        body=message.body,
        byline=f"{message.sender}, {time}" if message.sender else time,
        verified=message.verified,
    )
