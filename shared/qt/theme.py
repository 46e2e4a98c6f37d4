"""Colours, sizes and spaces of both programs. Our own colour appears only where it means something.

Level colours are chosen for a contrast of at least 4.5:1 for text and icons on white and on the
dark surface (WCAG 2.1, success criterion 1.4.3); a test computes it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from shared.model import Level
from shared.settings import Theme

UNIT = 8
"""Device-independent pixels between things of one group; 2 units between groups, 3 at edges."""
GROUP = 2 * UNIT
EDGE = 3 * UNIT
CONTROL = 4 * UNIT
"""Least height of a field or button, so that those of one row line up."""
TOUCH = 44
"""Least height and width, in device-independent pixels, of what a finger hits (WCAG 2.5.5)."""

SMALL = 0.9
BODY = 1.0
READING = 1.1
HEADING = 1.35
NUMBER = 2.0


@dataclass(frozen=True, slots=True)
class LevelStyle:
    """How one level looks on a light and on a dark surface."""

    light: str
    dark: str
    icon: str


LEVELS = {
    Level.SILENT: LevelStyle("#5B6675", "#A3AEBD", "level-silent"),
    Level.NORMAL: LevelStyle("#1A63D6", "#79AEFF", "level-normal"),
    Level.IMPORTANT: LevelStyle("#8F5F00", "#F0B429", "level-important"),
    Level.URGENT: LevelStyle("#BF3609", "#FF8A5C", "level-urgent"),
    Level.EMERGENCY: LevelStyle("#9F1239", "#FF7A9A", "level-emergency"),
}
GOOD = ("#187537", "#6FD08C")
WARNING = (LEVELS[Level.IMPORTANT].light, LEVELS[Level.IMPORTANT].dark)
BAD = ("#B3261E", "#FF8A80")
QUIET = ("#5B6675", "#A3AEBD")
DARK_SURFACE = "#1E2126"


_TEXT_ROLES = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)
_FIELDS = ("QCheckBox", "QLineEdit", "QPlainTextEdit", "QComboBox", "QAbstractSpinBox")
DARK_EDGE = "#7B828D"
"""Edge of a field on a dark surface: 3:1 and more (WCAG 2.1, success criterion 1.4.11)."""
_FUSION_DARKENS = 140
"""Per cent: Fusion's edges are the window's colour, so much darker."""
_OURS = "siaran_dark"
"""The application's property that says whether its palette is ours."""
_USUAL_STYLE = "siaran_style"
"""The application's property with the name of the style that our palette took the place of."""
_SCHEMES = {
    Theme.SYSTEM: Qt.ColorScheme.Unknown,
    Theme.LIGHT: Qt.ColorScheme.Light,
    Theme.DARK: Qt.ColorScheme.Dark,
}


def apply(app: QApplication, theme: Theme) -> None:
    """Make windows look as the setting says; by default as the system does.

    Where the colour scheme stays light (a bare X server, the offscreen platform, the style of
    Windows 10) one gets Fusion in our own dark colours when dark is asked for.
    """
    if app.property(_OURS):
        app.setPalette(QPalette())  # the system's own again
        app.setStyle(app.property(_USUAL_STYLE))
    app.styleHints().setColorScheme(_SCHEMES[theme])
    app.setProperty(_OURS, theme is Theme.DARK and not is_dark())
    if app.property(_OURS):
        app.setProperty(_USUAL_STYLE, app.style().name())
        app.setStyle("Fusion")
        app.setPalette(_dark_palette())
    draw_edges(app)


def draw_edges(app: QApplication) -> None:
    """Let fields have an edge and a hint that can be seen.

    Fusion's edge is darker than a dark window, and its hints are of 4:1 where 4.5:1 is enough.
    """
    if app.style().name() != "fusion" or is_high_contrast():
        return
    palette = app.palette()
    palette.setColor(QPalette.ColorRole.PlaceholderText, quiet_colour())
    if is_dark():
        edge = QColor(DARK_EDGE).lighter(_FUSION_DARKENS)
        palette.setColor(QPalette.ColorRole.Window, edge)
    for name in _FIELDS:
        app.setPalette(palette, name)  # type: ignore[arg-type]  # it takes a str alone


def _dark_palette() -> QPalette:
    palette = QPalette(QColor("#2B2F36"), QColor(DARK_SURFACE))
    palette.setColor(QPalette.ColorRole.Base, QColor("#16181C"))
    palette.setColor(QPalette.ColorRole.AlternateBase, QColor("#1B1E22"))
    palette.setColor(QPalette.ColorRole.Highlight, QColor("#2F6FE4"))
    palette.setColor(QPalette.ColorRole.Link, QColor("#79AEFF"))
    for role in _TEXT_ROLES:
        palette.setColor(role, QColor("#E8EAED"))
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#868E99"))
    palette.setColor(QPalette.ColorRole.PlaceholderText, QColor("#9AA3AF"))
    return palette


def is_dark() -> bool:
    """Whether windows are dark now."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def is_high_contrast() -> bool:
    """Whether the person has asked the system for strong contrasts, and so for no colours of ours.

    Only Windows says so (``SPI_GETHIGHCONTRAST``); Qt of this release does not ask it, and pywin32
    does not know this action.
    """
    if sys.platform != "win32":
        return False
    import ctypes
    from ctypes import wintypes

    class HighContrast(ctypes.Structure):
        _fields_ = (
            ("cbSize", wintypes.UINT),
            ("dwFlags", wintypes.DWORD),
            ("lpszDefaultScheme", wintypes.LPWSTR),
        )

    answer = HighContrast(cbSize=ctypes.sizeof(HighContrast))
    get_high_contrast, is_on = 0x42, 0x01
    fine = ctypes.windll.user32.SystemParametersInfoW(
        get_high_contrast, answer.cbSize, ctypes.byref(answer), 0
    )
    return bool(fine and answer.dwFlags & is_on)


def pick(pair: tuple[str, str]) -> QColor:
    """The light or the dark one of *pair*, as the windows are now; neither in high contrast."""
    if is_high_contrast():
        return QGuiApplication.palette().color(QPalette.ColorRole.WindowText)
    return QColor(pair[1] if is_dark() else pair[0])


def level_colour(level: Level) -> QColor:
    """The level's colour on the present surface."""
    style = LEVELS[level]
    return pick((style.light, style.dark))


def on_level_colour() -> QColor:
    """Text on a band in a level's colour: white on the dark ones, dark on the light ones."""
    if is_high_contrast():
        return QGuiApplication.palette().color(QPalette.ColorRole.Window)
    return QColor(DARK_SURFACE if is_dark() else "#FFFFFF")


def line_colour() -> QColor:
    """A hairline that parts things without drawing the eye."""
    return pick(("#D5DAE1", "#3A4049"))


def quiet_colour() -> QColor:
    """Secondary text: readable (4.5:1 on the usual surfaces), but behind the main text."""
    return pick(QUIET)


def scaled_font(widget: QWidget, factor: float, *, bold: bool = False) -> QFont:
    """The system's font times *factor*; never set in pixels, so that it follows the system."""
    font = QFont(QApplication.font(widget))
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * factor)
    else:
        font.setPixelSize(round(font.pixelSize() * factor))
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def set_text_colour(widget: QWidget, colour: QColor) -> None:
    """Colour the text of a label or button.

    Which role a label uses depends on the background role of whatever it stands on.
    """
    palette = widget.palette()
    for role in _TEXT_ROLES:
        palette.setColor(role, colour)
    widget.setPalette(palette)
