"""The popup: one message, above everything, without taking the keyboard."""

from tray_client.popup.content import PopupContent
from tray_client.popup.guard import GUARD_MS
from tray_client.popup.placing import SCREEN_SHARE, WIDTH, PopupRules
from tray_client.popup.stage import Stage
from tray_client.popup.window import Popup

__all__ = ["GUARD_MS", "SCREEN_SHARE", "WIDTH", "Popup", "PopupContent", "PopupRules", "Stage"]
