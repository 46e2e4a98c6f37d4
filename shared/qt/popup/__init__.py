"""The popup: one message, above everything, without taking the keyboard."""

from shared.qt.popup.content import PopupContent
from shared.qt.popup.guard import GUARD_MS
from shared.qt.popup.placing import SCREEN_SHARE, WIDTH, PopupRules
from shared.qt.popup.preview import Preview
from shared.qt.popup.stage import Stage
from shared.qt.popup.window import Popup

__all__ = [
    "GUARD_MS",
    "SCREEN_SHARE",
    "WIDTH",
    "Popup",
    "PopupContent",
    "PopupRules",
    "Preview",
    "Stage",
]
