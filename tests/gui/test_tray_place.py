"""The icon beside the clock: late panels, no panel at all, and what the menu offers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from shared.qt.icons import icon
from tests.conftest import until
from tray_client import tray_place
from tray_client.tray import Tray
from tray_client.tray_place import LONGEST_MS, WINDOW_AFTER, TrayPlace

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")  # the offscreen platform


class Panel:
    """Whether the desktop has a place for icons."""

    is_there = False


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Panel:
    """None yet."""
    one = Panel()
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: one.is_there)
    return one


@pytest.fixture
def place(qapp: QApplication) -> Iterator[TrayPlace]:
    """A place that says something."""
    menu = QMenu()
    one = TrayPlace(menu)
    one.say(icon("app-tray", QColor("#3B82F6")), "Siaran · Connected")
    yield one
    one.hide()
    menu.deleteLater()


async def test_a_late_panel_gets_the_icon(
    place: TrayPlace, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray_place, "FIRST_LOOK_MS", 1)
    place.look()
    assert place.icon is None
    panel.is_there = True
    icon_there = await until(lambda: place.icon)
    assert icon_there.toolTip() == "Siaran · Connected"


async def test_the_first_look_comes_after_a_popup_that_waits(
    place: TrayPlace, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray_place, "AT_START_MS", 1)
    panel.is_there = True
    place.look_soon()
    assert place.icon is None
    await until(lambda: place.icon)


async def test_without_a_panel_there_is_a_small_window_until_one_comes(
    place: TrayPlace, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray_place, "FIRST_LOOK_MS", 1)
    place.look()
    window = await until(lambda: place.window)
    assert window.isVisible()
    assert window.words.text() == "Siaran · Connected"
    window.close()
    assert not window.isHidden()
    clicked: list[bool] = []
    place.clicked.connect(lambda: clicked.append(True))
    window.open.click()
    assert clicked == [True]
    panel.is_there = True
    await until(lambda: place.icon)
    assert place.window is None


def test_it_is_looked_for_ever_more_rarely(place: TrayPlace, panel: Panel) -> None:
    waits = []
    for _ in range(30):
        place.look()
        waits.append(next(one.interval() for one in place.findChildren(QTimer)))
    assert sum(waits[:WINDOW_AFTER]) < 10_000
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_MS


def test_the_menu_offers_what_policy_allows(qapp: QApplication) -> None:
    asked: list[tuple[str, int]] = []
    tray = Tray("JKT-001/till", [], [], snoozes=(5, 15), quiet_times=(30,))
    tray.later_wanted.connect(lambda minutes: asked.append(("later", minutes)))
    tray.quiet_wanted.connect(lambda minutes: asked.append(("quiet", minutes)))
    tray.set_waiting(1)
    tray.later.actions()[1].trigger()
    tray.quiet.actions()[0].trigger()
    assert not tray.come_in.isVisible()
    tray.set_quiet(1_800_000_000_000)
    assert "Do not disturb until" in tray.tooltip
    tray.come_in.trigger()
    assert asked == [("later", 15), ("quiet", 30), ("quiet", 0)]
    tray.hide()
    without = Tray("JKT-001/till", [], [])
    assert not without.later.menuAction().isVisible()
    assert not without.quiet.menuAction().isVisible()
    without.hide()
