"""Opens popups on several screens and prints where their windows are, as JSON.

``python -m tests.gui.many_screens``, on a Qt platform that has the screens.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QApplication

from shared.model import Level
from shared.qt.popup import Popup, PopupRules, Stage
from shared.qt.runner import make_application
from shared.settings import PopupPosition, PopupScreens
from tests.gui.test_popup import content

Rect = list[int]


def main() -> int:
    """Try every rule."""
    make_application("Siaran", "siaran-test")
    screens = QGuiApplication.screens()
    QCursor.setPos(screens[1].geometry().center())
    result: dict[str, object] = {
        "screens": [_rect(one.availableGeometry()) for one in screens],
        "every normal": _opened(Level.NORMAL, PopupRules(guard_ms=0)),
        "every": _opened(Level.EMERGENCY, PopupRules(guard_ms=0)),
        "pointer": _opened(Level.EMERGENCY, PopupRules(screens=PopupScreens.POINTER, guard_ms=0)),
        "primary": _opened(Level.EMERGENCY, PopupRules(screens=PopupScreens.PRIMARY, guard_ms=0)),
        "full": _opened(Level.EMERGENCY, PopupRules(fullscreen=True, guard_ms=0)),
        "corner": _opened(
            Level.NORMAL, PopupRules(position=PopupPosition.BOTTOM_RIGHT, guard_ms=0)
        ),
        "answers": _answers(),
    }
    print(json.dumps(result))
    return 0


def _opened(level: Level, rules: PopupRules) -> list[Rect]:
    stage = Stage(content(level=level, body="Text. " * 40), rules)
    stage.show()
    _until(lambda: not any(one.guarded for one in _windows(stage)))
    places = [_rect(one.geometry()) for one in _windows(stage)]
    stage.withdraw()
    return places


def _answers() -> list[str]:
    """What a press on a mirror answers, and how many windows are left."""
    answers: list[str] = []
    stage = Stage(content(level=Level.EMERGENCY), PopupRules(guard_ms=0))
    stage.acknowledged.connect(answers.append)
    stage.show()
    _until(lambda: not any(one.guarded for one in _windows(stage)))
    stage.replace(content(level=Level.EMERGENCY, title="Changed"))
    _until(lambda: not any(one.guarded for one in _windows(stage)))
    titles = [one.content.title for one in _windows(stage)]
    stage.mirrors[0].ok.click()
    stage.withdraw()
    QApplication.processEvents()
    left = [one for one in QApplication.topLevelWidgets() if isinstance(one, Popup)]
    return [*titles, *answers, str(sum(one.isVisible() for one in left))]


def _windows(stage: Stage) -> list[Popup]:
    return [stage.popup, *stage.mirrors]


def _rect(rect: QRect) -> Rect:
    return [rect.x(), rect.y(), rect.width(), rect.height()]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        QApplication.processEvents()
        assert time.monotonic() < deadline


if __name__ == "__main__":
    sys.exit(main())
