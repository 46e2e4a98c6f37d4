"""Calls Qt with wrong arguments; prints the kind of each error.

PySide writes the sentence with modules that it imports only then.
"""

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget

app = QApplication([])
WRONG: Any = object()
CALLS: dict[str, Callable[[], object]] = {
    "QWidget": lambda: QWidget(WRONG, WRONG, WRONG),  # type: ignore[call-arg]
    "setText": lambda: QLabel().setText(WRONG),
    "setObjectName": lambda: QObject().setObjectName(WRONG, 8),  # type: ignore[call-arg]
    "singleShot": lambda: QTimer.singleShot(WRONG),  # type: ignore[call-overload]
    "move": lambda: QWidget().move(WRONG, None),  # type: ignore[call-overload]
}
found: dict[str, str] = {}
for name, call in CALLS.items():
    try:
        call()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is printed
        found[name] = type(error).__name__ if name in str(error) else str(error)
print(json.dumps(found))
