"""Keeps the screen as the session wants it: the head of the queue in the one popup, or none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from shared.qt.words import channel_name, level_name, moment
from tray_client.popup import GUARD_MS, Popup, PopupContent
from tray_client.records import InboxMessage
from tray_client.session import TraySession


class Presenter(QObject):
    """Opens, swaps and closes the popup."""

    def __init__(self, session: TraySession, *, guard_ms: int = GUARD_MS) -> None:
        super().__init__()
        self._session = session
        self._guard_ms = guard_ms
        self.popup: Popup | None = None
        self.on_painted: Callable[[Popup], None] | None = None
        session.queue_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Bring the screen up to date."""
        head = self._session.head()
        if self.popup is not None and (head is None or head.id != self.popup.content.id):
            self._close()
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

    def _open(self, message: InboxMessage) -> None:
        popup = Popup(content_of(message), guard_ms=self._guard_ms)
        popup.painted.connect(self._painted)
        popup.acknowledged.connect(self._session.acknowledge)
        self.popup = popup
        popup.present()

    def _close(self) -> None:
        if self.popup is not None:
            self.popup.withdraw()
            self.popup = None

    def _painted(self, message_id: str) -> None:
        self._session.displayed(message_id)
        if self.on_painted is not None and self.popup is not None:
            self.on_painted(self.popup)


def content_of(message: InboxMessage) -> PopupContent:
    """What the popup of *message* says, in the person's language."""
    time = moment(message.sent_at)
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
