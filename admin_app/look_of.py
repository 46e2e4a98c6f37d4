"""How a draft will look on the till."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from admin_app.draft import Draft, to_message
from shared.clock import wall_ms
from shared.model import Level
from shared.qt.popup import PopupContent
from shared.qt.words import channel_name, level_name, moment

LATER_MINUTES = (5, 15, 60)


def content_of(draft: Draft, sender: str, labels: Mapping[str, str]) -> PopupContent:
    """The popup of *draft*; what is not written yet is said in its place."""
    message = to_message(draft, sender, wall_ms())
    time = moment(max(message.sent_at, message.show_at or 0), zone=True)
    first = message.channels[0] if message.channels else ""
    return PopupContent(
        id=message.id,
        level=message.level,
        level_name=level_name(message.level),
        source=channel_name(first, labels),
        title=message.title or QCoreApplication.translate("Preview", "Title"),
        body=message.body or QCoreApplication.translate("Preview", "The message"),
        byline=f"{message.sender}, {time}" if message.sender else time,
        verified=True,
        format=message.format,
        replies=tuple(message.replies),
        later=LATER_MINUTES if message.level is Level.NORMAL else (),
    )
