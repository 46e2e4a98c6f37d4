"""Times and dates as Windows' regional settings have them, which each user may change."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator

import pytest

if sys.platform != "win32":
    pytest.skip("regional settings of Windows", allow_module_level=True)

from PySide6.QtCore import QDateTime, QLocale, QTime
from PySide6.QtWidgets import QApplication

from shared.qt.language import speak
from shared.qt.words import exact_moment, moment, short_moment
from shared.settings import Language

USER_DEFAULT = 0x400
SHORT_TIME, SHORT_DATE = 0x79, 0x1F  # LOCALE_SSHORTTIME, LOCALE_SSHORTDATE
AT = 1_700_000_000_000
SetFormats = Callable[[str, str], None]
kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)


def _get(kind: int) -> str:
    text = ctypes.create_unicode_buffer(80)
    assert kernel32.GetLocaleInfoW(USER_DEFAULT, kind, text, len(text))
    return text.value


def _set(kind: int, text: str) -> None:
    assert kernel32.SetLocaleInfoW(USER_DEFAULT, kind, ctypes.c_wchar_p(text))


@pytest.fixture
def set_formats(qapp: QApplication) -> Iterator[SetFormats]:
    """Sets the user's formats of times and dates, in Windows' letters."""
    if QLocale.system().language() != QLocale.Language.English:
        pytest.skip("a Windows in English: another one's formats do not go with English texts")
    before = {kind: _get(kind) for kind in (SHORT_TIME, SHORT_DATE)}
    usual = QLocale()

    def set_to(time: str, date: str) -> None:
        _set(SHORT_TIME, time)
        _set(SHORT_DATE, date)
        speak(qapp, Language.ENGLISH)

    yield set_to
    for kind, text in before.items():
        _set(kind, text)
    speak(qapp, Language.ENGLISH)
    QLocale.setDefault(usual)


@pytest.mark.parametrize(
    ("time", "date", "clock", "day", "exact"),
    [
        pytest.param("HH.mm", "dd/MM/yyyy", "HH.mm", "14/11/2023", "HH.mm.ss", id="Indonesia"),
        pytest.param("h:mm tt", "M/d/yyyy", "h:mm AP", "11/14/2023", "h:mm:ss AP", id="USA"),
        pytest.param("HH:mm", "dd/MM/yyyy", "HH:mm", "14/11/2023", "HH:mm:ss", id="Britain"),
        pytest.param("HH:mm", "dd.MM.yyyy", "HH:mm", "14.11.2023", "HH:mm:ss", id="Germany"),
        pytest.param("H'h'mm", "yyyy-MM-dd", "H'h'mm", "2023-11-14", "H'h'mm:ss", id="own"),
    ],
)
def test_times_are_written_as_the_user_has_set(
    set_formats: SetFormats, time: str, date: str, clock: str, day: str, exact: str
) -> None:
    set_formats(time, date)
    at = _clock()
    morning = QLocale().toString(QTime(9, 0), QLocale.FormatType.ShortFormat)
    assert morning == QLocale.c().toString(QTime(9, 0), clock)
    assert moment(AT) == f"{day} {QLocale.c().toString(at, clock)}"
    assert short_moment(AT) == day
    assert exact_moment(AT, AT) == QLocale.c().toString(at, exact)


def _clock() -> QTime:
    return QDateTime.fromMSecsSinceEpoch(AT).time()


def test_an_indonesian_window_on_an_english_windows_writes_times_as_indonesia(
    set_formats: SetFormats, qapp: QApplication
) -> None:
    set_formats("h:mm tt", "M/d/yyyy")
    speak(qapp, Language.INDONESIAN)
    assert QLocale().toString(QTime(9, 0), QLocale.FormatType.ShortFormat) == "09.00"
