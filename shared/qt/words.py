"""Words that both programs say to people, translated in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QTimeZone

from shared.errors import SiaranError
from shared.model import ALL_CHANNELS, Level
from shared.phrases import Number, Phrase
from shared.text import safe_line

INDONESIAN_ZONES = {
    **dict.fromkeys(("Asia/Jakarta", "Asia/Pontianak"), "WIB"),
    **dict.fromkeys(("Asia/Makassar", "Asia/Ujung_Pandang"), "WITA"),
    "Asia/Jayapura": "WIT",
}
"""Zones (IANA) that people in Indonesia call by these names. Windows' are turned into these by Qt,
which looks at the country that the PC is set to."""


def localized(what: SiaranError | str) -> str:
    """Say in the person's language what code without Qt has said in English."""
    text = what.whole if isinstance(what, SiaranError) else what
    return text.in_other_words(_translated_phrase, number) if isinstance(text, Phrase) else text


def number(value: Number) -> str:
    """A number as people here write it."""
    locale = QLocale()
    return locale.toString(value) if isinstance(value, int) else locale.toString(value, ord("f"), 1)


def _translated_phrase(pattern: str) -> str:
    return QCoreApplication.translate("phrases", pattern)


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


def channel_name(channel: str, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """The channel's label, else its name; ``*`` is *All channels*."""
    if channel == ALL_CHANNELS:
        return QCoreApplication.translate("channels", "All channels")
    return labels.get(channel, channel)


def channel_names(channels: Iterable[str], labels: Mapping[str, str]) -> str:
    """Several channels in one line."""
    return ", ".join(channel_name(channel, labels) for channel in channels)


def head_office() -> str:
    """Who sends, as long as nobody has set another name."""
    return QCoreApplication.translate("sender", "Head office")


def whom_to_ask(support: str) -> str:
    """Who can help: *support* as IT has set it, else IT in general."""
    if support:
        words = QCoreApplication.translate("support", "Ask: {contact}")
        return words.format(contact=safe_line(support))
    return QCoreApplication.translate("support", "Ask your IT department.")


def span(ms: int) -> str:
    """How long something took, as short as an axis needs it: ``0.4 s``, ``10 min``, ``2 days``."""
    for limit, unit, name in (
        (60_000, 1000, QCoreApplication.translate("spans", "{n} s")),
        (3_600_000, 60_000, QCoreApplication.translate("spans", "{n} min")),
        (86_400_000, 3_600_000, QCoreApplication.translate("spans", "{n} h")),
    ):
        if ms < limit:
            return name.format(n=_short(ms / unit))
    return QCoreApplication.translate("spans", "{n} days").format(n=_short(ms / 86_400_000))


def _short(value: float) -> str:
    whole = value >= 10 or abs(value - round(value)) < 0.05
    return number(round(value)) if whole else number(value)


def exact_moment(at_ms: int, beside_ms: int) -> str:
    """The clock time with seconds, and the day unless it is that of *beside_ms*."""
    at, beside = (QDateTime.fromMSecsSinceEpoch(ms) for ms in (at_ms, beside_ms))
    usual = QLocale().timeFormat(QLocale.FormatType.ShortFormat)
    time = QLocale().toString(at.time(), with_seconds(usual))
    return (
        time if at.date() == beside.date() else f"{QLocale().toString(at.date(), 'd MMM')} {time}"
    )


def with_seconds(time_format: str) -> str:
    """Add seconds to a short *time_format* of Qt's, parted as its minutes are.

    On Windows people write the format themselves: ``H.m``, ``HH 'h' mm``. One without minutes
    after its hours stays as it is.
    """

    def add(found: re.Match[str]) -> str:
        between, minutes = found.groups()
        return f"{between}{minutes}{between if between in (':', '.') else ':'}ss"

    return re.sub(r"(?<=[hH])((?:'[^']*'|[^hHm'])*)(mm?)", add, time_format, count=1)


def short_moment(at_ms: int) -> str:
    """As mail lists write it: the clock time of today, else the day, with its year if another."""
    at, now = QDateTime.fromMSecsSinceEpoch(at_ms), QDateTime.currentDateTime()
    if at.date() == now.date():
        return moment(at_ms)
    if at.date().year() == now.date().year():
        return QLocale().toString(at.date(), "d MMM")
    return QLocale().toString(at.date(), QLocale.FormatType.ShortFormat)


def moment(at_ms: int, *, zone: bool = False, date: bool = False) -> str:
    """A time as people here write it: the clock time, with the date unless it is today.

    *date*: with the date in any case, as on paper.
    *zone*: say which of Indonesia's times it is, where that can be mistaken: in what somebody reads
    who also reads what was written elsewhere.
    """
    at = QDateTime.fromMSecsSinceEpoch(at_ms)
    locale = QLocale()
    time = locale.toString(at.time(), QLocale.FormatType.ShortFormat)
    name = zone_name() if zone else ""
    day = (
        ""
        if at.date() == QDateTime.currentDateTime().date() and not date
        else locale.toString(at.date(), QLocale.FormatType.ShortFormat)
    )
    return " ".join(part for part in (day, time, name) if part)


def zone_name(zone_id: str | None = None) -> str:
    """WIB, WITA or WIT on a PC in Indonesia, whose outlets live by three clocks; empty elsewhere.

    *zone_id* is the IANA name, by default this PC's. Indonesia has no daylight saving.
    """
    name = bytes(QTimeZone.systemTimeZoneId().data()).decode() if zone_id is None else zone_id
    return INDONESIAN_ZONES.get(name, "")
