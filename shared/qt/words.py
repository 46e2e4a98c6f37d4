"""Words that both programs say to people, translated in one place."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from shared.model import ALL_CHANNELS, Level


def level_name(level: Level) -> str:
    """The level's name."""
    names = {
        Level.SILENT: QCoreApplication.translate("levels", "Silent"),
        Level.NORMAL: QCoreApplication.translate("levels", "Normal"),
        Level.IMPORTANT: QCoreApplication.translate("levels", "Important"),
        Level.URGENT: QCoreApplication.translate("levels", "Urgent"),
        Level.EMERGENCY: QCoreApplication.translate("levels", "Emergency"),
    }
    return names[level]


def channel_name(channel: str) -> str:
    """The channel's name; ``*`` is *All channels*."""
    if channel == ALL_CHANNELS:
        return QCoreApplication.translate("channels", "All channels")
    return channel


def moment(at_ms: int) -> str:
    """A time as people here write it: the clock time, with the date unless it is today."""
    at = QDateTime.fromMSecsSinceEpoch(at_ms)
    locale = QLocale()
    time = locale.toString(at.time(), QLocale.FormatType.ShortFormat)
    if at.date() == QDateTime.currentDateTime().date():
        return time
    return f"{locale.toString(at.date(), QLocale.FormatType.ShortFormat)} {time}"
