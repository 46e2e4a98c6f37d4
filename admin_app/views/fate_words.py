"""How the window says that a message was recalled or replaced, and which one it replaces."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from admin_app.fates import Fate
from shared.model import Message
from shared.qt.words import moment, short_moment
from shared.text import safe_line


def fate_in_short(fate: Fate) -> str:
    """A few words for a row, the time first; empty if the message stands."""
    if fate.recalled_at is not None:
        words = QCoreApplication.translate("fate", "Recalled {time}")
        return words.format(time=short_moment(fate.recalled_at))
    if fate.replaced_by is not None:
        words = QCoreApplication.translate("fate", "Replaced {time} by “{title}”")
        time, title = short_moment(fate.replaced_by.sent_at), fate.replaced_by.title
        return words.format(time=time, title=safe_line(title))
    return ""


def opening_in_short(message: Message, now_ms: int) -> str:
    """When a message that was sent ahead opens, or has opened; empty for any other."""
    if message.show_at is None:
        return ""
    words = QCoreApplication.translate("fate", "Opened {time}")
    if message.show_at > now_ms:
        words = QCoreApplication.translate("fate", "Opens {time}")
    day = short_moment(message.show_at)
    clock = QLocale().toString(
        QDateTime.fromMSecsSinceEpoch(message.show_at).time(), QLocale.FormatType.ShortFormat
    )
    return words.format(time=day if day == clock else f"{day}, {clock}")


def replaces_in_short(title: str) -> str:
    """What a row says of a message that took the place of *title* (empty: not known)."""
    if not title:
        return QCoreApplication.translate("fate", "Replaces an earlier message")
    words = QCoreApplication.translate("fate", "Replaces “{title}”")
    return words.format(title=safe_line(title))


def fate_sentence(fate: Fate) -> str:
    """The same in a sentence or two, for a report; empty if the message stands."""
    found: list[str] = []
    if fate.recalled_at is not None:
        words = QCoreApplication.translate("fate", "Recalled at {time}: no PC shows it any more.")
        found.append(words.format(time=moment(fate.recalled_at, zone=True)))
    if fate.replaced_by is not None:
        words = QCoreApplication.translate("fate", "Replaced at {time} by “{title}”.")
        time = moment(fate.replaced_by.sent_at, zone=True)
        found.append(words.format(time=time, title=safe_line(fate.replaced_by.title)))
    return " ".join(found)


def replaces_sentence(title: str, sent_at: int | None) -> str:
    """What the report says of a message that took the place of *title*, sent at *sent_at* (ms)."""
    if sent_at is None:
        return QCoreApplication.translate("fate", "It took the place of an earlier message.")
    words = QCoreApplication.translate("fate", "It took the place of “{title}”, sent {time}.")
    return words.format(title=safe_line(title), time=moment(sent_at, zone=True))
