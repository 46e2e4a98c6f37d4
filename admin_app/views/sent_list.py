"""What was sent: level, title, channel and time of each message, newest first."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from admin_app.models import SentModel
from shared.qt.message_rows import MessageList


class SentList(MessageList):
    """The list of sent messages."""

    def __init__(self, model: SentModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.setAccessibleName(self.tr("Sent messages"))
        self.set_hint(
            self.tr("What you send appears here. Write a title and a message, then press Send.")
        )
