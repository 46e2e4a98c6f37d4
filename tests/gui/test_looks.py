"""Colours that can be read, icons that are there, labels that never interpret."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from admin_app.models import SentModel
from shared.bus import LinkState, LinkStatus
from shared.errors import LoginRefused, RedisUnreachable
from shared.model import Level
from shared.qt import theme
from shared.qt.icons import _FOLDER, icon, pixmap
from shared.qt.message_rows import MessageList
from shared.qt.text import ElidedLabel, PlainLabel, ReadOnlyText, WrappedLabel, plain_tooltip
from shared.settings import Theme
from tests.fakes import make_message
from tray_client.tray import ICON_COLOUR, Tray

LIGHT_SURFACES = ("#FFFFFF", "#F3F3F3", "#EFEFEF")
"""Of lists and popups; of windows on Windows 11; of windows in Fusion."""
MARKUP = "<img src=x> & <b>y</b>"


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio as WCAG 2.1 defines it."""

    def luminance(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("level", list(Level))
def test_level_colours_reach_4_5_to_1_on_both_surfaces(level: Level) -> None:
    style = theme.LEVELS[level]
    for surface in LIGHT_SURFACES:
        assert contrast(QColor(style.light), QColor(surface)) >= 4.5
    assert contrast(QColor(style.dark), QColor(theme.DARK_SURFACE)) >= 4.5


@pytest.mark.parametrize("pair", [theme.GOOD, theme.WARNING, theme.BAD])
def test_state_colours_reach_4_5_to_1_on_both_surfaces(pair: tuple[str, str]) -> None:
    for surface in LIGHT_SURFACES:
        assert contrast(QColor(pair[0]), QColor(surface)) >= 4.5
    assert contrast(QColor(pair[1]), QColor(theme.DARK_SURFACE)) >= 4.5


def test_a_running_program_can_be_made_dark_and_light_again(qapp: QApplication) -> None:
    """Where the platform knows no colour scheme, the dark palette stayed until the next start."""
    usual = qapp.palette().window().color()
    theme.apply(qapp, Theme.DARK)
    assert theme.is_dark()
    theme.apply(qapp, Theme.LIGHT)
    assert not theme.is_dark()
    theme.apply(qapp, Theme.SYSTEM)
    assert qapp.palette().window().color() == usual


def test_light_windows_have_the_style_of_the_system_again(qapp: QApplication) -> None:
    """A console of Windows 10 that was dark for a while kept Fusion, which is not Windows'."""
    usual = qapp.style().name()
    qapp.setStyle("Windows")
    try:
        for light in (Theme.LIGHT, Theme.SYSTEM):
            theme.apply(qapp, Theme.DARK)
            assert theme.is_dark()
            theme.apply(qapp, light)
            assert (theme.is_dark(), qapp.style().name()) == (False, "windows")
    finally:
        qapp.setStyle(usual)


def test_our_own_dark_windows_can_be_read() -> None:
    palette, role = theme._dark_palette(), QPalette.ColorRole
    for ink, ground in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.AlternateBase),
        (role.ButtonText, role.Button),
        (role.HighlightedText, role.Highlight),
        (role.PlaceholderText, role.Base),
        (role.Link, role.Base),
    ):
        assert contrast(palette.color(ink), palette.color(ground)) >= 4.5, ink
    for ground in (role.Window, role.Base):
        assert contrast(QColor(theme.DARK_EDGE), palette.color(ground)) >= 3
        assert contrast(palette.color(role.Highlight), palette.color(ground)) >= 3


def test_the_tray_icon_stands_out_from_light_and_dark_task_bars() -> None:
    for bar in ("#FFFFFF", "#F3F3F3", "#202020", "#000000"):
        assert contrast(ICON_COLOUR, QColor(bar)) >= 3


@pytest.mark.parametrize("name", sorted(path.stem for path in _FOLDER.glob("*.svg")))
def test_every_icon_paints_something_at_16_pixels(qapp: QApplication, name: str) -> None:
    image = pixmap(name, QColor("#1A63D6"), 16).toImage()
    painted = sum(image.pixelColor(x, y).alpha() > 100 for x in range(16) for y in range(16))
    assert painted >= 8
    assert not icon(name, QColor("#1A63D6")).isNull()


def test_labels_show_markup_as_text(qapp: QApplication) -> None:
    for label in (PlainLabel(MARKUP), WrappedLabel(MARKUP), ElidedLabel(MARKUP)):
        assert label.textFormat() == Qt.TextFormat.PlainText
    text = ReadOnlyText(MARKUP)
    assert text.toPlainText() == MARKUP
    assert "<img" not in plain_tooltip(MARKUP)


def pixels(tray: Tray) -> bytes:
    """What its icon looks like at 16 pixels."""
    return bytes(tray.picture.pixmap(16, 16).toImage().constBits())


def test_the_tray_says_its_state_by_shape_and_in_words(qapp: QApplication, tmp_path: Path) -> None:
    tray = Tray("JKT-001/till", ["Channel 1"], ["A setting is wrong."])
    pictures = set()
    refused = LoginRefused("hq:6379", "Redis at hq:6379 refused the login.")
    for state, words in (
        (LinkState.CONNECTED, "Connected to hq:6379"),
        (LinkState.RECONNECTING, "Connecting again"),
        (LinkState.REFUSED, "Refused: Redis at hq:6379 refused the login."),
    ):
        tray.set_status(
            LinkStatus(state, "hq:6379", None if words.startswith("Connected") else refused)
        )
        assert words in tray.tooltip
        assert words in tray.status_line.text()
        pictures.add(pixels(tray))
    tray.set_status(LinkStatus(LinkState.CONNECTED, "hq:6379"))
    tray.set_waiting(2)
    assert tray.tooltip.startswith("Siaran · 2 waiting")
    pictures.add(pixels(tray))
    assert len(pictures) == 4
    assert any("A setting is wrong." in action.text() for action in tray.menu.actions())
    tray.hide()


def test_the_tray_says_what_is_missing_and_whom_to_ask(qapp: QApplication) -> None:
    tray = Tray("JKT-001/till", ["Channel 1"], [], has_address=False, support="IT desk <b>123</b>")
    unreachable = RedisUnreachable("127.0.0.1:6379", "Nothing answers at 127.0.0.1:6379.")

    def shown() -> list[str]:
        return [action.text() for action in tray.menu.actions() if action.isVisible()]

    tray.set_status(LinkStatus(LinkState.RECONNECTING, "127.0.0.1:6379", unreachable))
    assert "No Redis address is set on this PC." in shown()
    assert "Ask: IT desk <b>123</b>" in shown()
    tray.set_status(LinkStatus(LinkState.CONNECTED, "127.0.0.1:6379"))
    assert not any(line.startswith(("No Redis", "Ask:")) for line in shown())
    tray.set_rival(there_is_one=True)
    assert "Ask: IT desk <b>123</b>" in shown()
    tray.hide()


def test_a_chosen_message_can_be_read_as_well_as_the_others(qapp: QApplication) -> None:
    sent = SentModel()
    sent.append([make_message(level=Level.EMERGENCY)])
    rows = MessageList(sent)
    rows.resize(300, 100)
    rows.setCurrentIndex(sent.index(0))
    ground = rows.grab().toImage().pixelColor(280, 5)
    rows.deleteLater()
    assert contrast(theme.level_colour(Level.EMERGENCY), ground) >= 4.5
    assert contrast(theme.quiet_colour(), ground) >= 4.5
