"""The language of windows: English or Indonesian, by the setting ``language`` or the system.

Texts are in ``translations/`` as Qt Linguist's ``.ts`` and, made from them, ``.qm``. English has a
file, too, for its plural forms. What Qt itself says (menus of text fields, file dialogs) is in
``qt_id.ts``, since Qt has no Indonesian.
"""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from shared.settings import Language

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent / "translations"
_FILES = {Language.ENGLISH: ("siaran_en",), Language.INDONESIAN: ("qt_id", "siaran_id")}
_OURS = {
    QLocale.Language.English: Language.ENGLISH,
    QLocale.Language.Indonesian: Language.INDONESIAN,
}
# With a system in another language: its language's usual place. British English has a 24-hour clock
# and writes the day first, as Indonesian does.
_USUAL = {
    Language.ENGLISH: (QLocale.Language.English, QLocale.Country.UnitedKingdom),
    Language.INDONESIAN: (QLocale.Language.Indonesian, QLocale.Country.Indonesia),
}


def speak(app: QCoreApplication, wanted: Language) -> None:
    """Make everything that *app* says from now on be in the language *wanted*.

    Windows that exist keep their words: the programs make them anew when a setting changes.
    """
    system = QLocale.system()
    language = spoken(wanted, system.uiLanguages())
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    for name in _FILES[language]:
        translator = QTranslator(app)
        if translator.load(f"{name}.qm", str(FOLDER)):
            app.installTranslator(translator)
        else:
            log.error("%s.qm is missing or damaged; its texts stay English", name)
    QLocale.setDefault(locale_for(language, system))


def spoken(wanted: Language, system_languages: list[str]) -> Language:
    """The language to speak: *wanted*, or the first of the system's that there is; else English."""
    if wanted is not Language.SYSTEM:
        return wanted
    for tag in system_languages:
        # Older systems write "in" for Indonesian, and QLocale knows that.
        ours = _OURS.get(QLocale(tag.replace("-", "_")).language())
        if ours is not None:
            return ours
    return Language.ENGLISH


def locale_for(language: Language, system: QLocale) -> QLocale:
    """How to write dates and numbers: as the system does if it speaks *language*."""
    if _OURS.get(system.language()) is language:
        return system
    return QLocale(*_USUAL[language])
