"""Prints what Qt knows of styles, languages and times."""

import json

from PySide6.QtCore import QCollator, QDateTime, QLocale, QTimeZone
from PySide6.QtWidgets import QApplication, QStyleFactory

app = QApplication([])


def in_order(language: str, words: list[str]) -> list[str]:
    """Sort *words* as people of *language* do."""
    collator = QCollator(QLocale(language))
    collator.setNumericMode(True)
    return sorted(words, key=collator.sortKey)


jakarta = QTimeZone(b"Asia/Jakarta")
noon = QDateTime.fromString("2026-03-01T12:00:00Z", "yyyy-MM-ddTHH:mm:sst")
print(
    json.dumps(
        {
            "styles": sorted(QStyleFactory.keys()),
            "order": in_order("id", ["toko 10", "Toko 9", "é", "f", "e"]),
            "number": QLocale("id").toString(1234567.5),
            "month": QLocale("id").monthName(8),
            "jakarta": noon.toTimeZone(jakarta).time().toString(),
            "zones": [
                jakarta.displayName(QTimeZone.TimeType.StandardTime, length, QLocale(language))
                for language in ("en", "id")
                for length in (QTimeZone.NameType.LongName, QTimeZone.NameType.ShortName)
            ],
            "upper": QLocale("id").toUpper("straße i"),
        }
    )
)
