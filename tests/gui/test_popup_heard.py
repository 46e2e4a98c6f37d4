"""The popup for those who do not see it: roles, names, order, and what is said when it comes."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget

from shared.model import Level
from shared.qt import theme
from shared.qt.popup import Popup, system
from tests.conftest import until
from tests.gui.test_popup import open_popup

Found = tuple[QAccessible.Role, str]


def heard(popup: Popup) -> list[Found]:
    """What a screen reader meets, in order; parts that only arrange others have no name."""
    found: list[Found] = []

    def walk(one: QAccessibleInterface) -> None:
        if one.state().invisible:  # type: ignore[attr-defined]  # the stubs lack it
            return
        name = one.text(QAccessible.Text.Name)
        if name:
            found.append((one.role(), name))
        for number in range(one.childCount()):
            walk(one.child(number))

    walk(QAccessible.queryAccessibleInterface(popup))
    return found


async def test_everything_has_a_role_and_a_name_in_reading_order(qapp: QApplication) -> None:
    async with open_popup(replies=("Yes", "No"), later=(5,), verified=False) as popup:
        await until(lambda: not popup.guarded)
        assert heard(popup) == [
            (QAccessible.Role.Dialog, "Normal: Title"),
            (QAccessible.Role.Graphic, "Normal"),
            (QAccessible.Role.StaticText, "NORMAL"),
            (QAccessible.Role.StaticText, "· Channel 1"),
            (QAccessible.Role.StaticText, "Title"),
            (QAccessible.Role.StaticText, "Head office, 09:12"),
            (QAccessible.Role.StaticText, "Unverified: it is not known who sent this."),
            (QAccessible.Role.EditableText, "Message"),
            (QAccessible.Role.Button, "Yes"),
            (QAccessible.Role.Button, "No"),
            (QAccessible.Role.Button, "Later"),
            (QAccessible.Role.Button, "OK"),
        ]


async def test_tab_goes_the_same_way(qapp: QApplication) -> None:
    async with open_popup(replies=("Yes", "No"), later=(5,)) as popup:
        await until(lambda: not popup.guarded)
        way: list[str] = []
        widget: QWidget | None = popup.body
        while widget is not None and len(way) < 4:
            widget = widget.nextInFocusChain()
            if widget in popup.answers.buttons():
                way.append(widget.accessibleName())
        assert way == ["Yes", "No", "Later", "OK"]


async def test_it_is_said_when_it_comes_and_when_it_goes(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    class Reader:
        AnnouncementPoliteness = QAccessible.AnnouncementPoliteness

        @staticmethod
        def isActive() -> bool:
            return True

        @staticmethod
        def updateAccessibility(event: object) -> None:
            said.append(event.message())  # type: ignore[attr-defined]

    monkeypatch.setattr(system, "QAccessible", Reader)
    async with open_popup() as popup:
        await until(lambda: said == ["Normal: Title. Body"])
        popup.part_with("Answered by JKT-014/till-2.")
        assert said[1:] == ["Answered by JKT-014/till-2."]


@pytest.mark.parametrize("level", list(Level))
def test_in_high_contrast_no_colour_is_ours(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, level: Level
) -> None:
    monkeypatch.setattr(theme, "is_high_contrast", lambda: True)
    palette = QApplication.palette()
    assert theme.level_colour(level) == palette.color(palette.ColorRole.WindowText)
    assert theme.on_level_colour() == palette.color(palette.ColorRole.Window)
    assert (
        theme.quiet_colour() == theme.line_colour() == palette.color(palette.ColorRole.WindowText)
    )
