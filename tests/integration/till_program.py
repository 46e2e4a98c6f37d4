"""A stand-in for the program that a cashier works in: a field to type in and a large button.

Takes a file; every character and every click is written there, one a line, as it arrives.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget


class Witness(QObject):
    """Writes down what arrives at any widget of the program."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, line: str) -> None:
        """Add one line."""
        os.write(self._file, f"{line}\n".encode())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note keys that type something, clicks, and whether the window is the active one."""
        if isinstance(watched, QWidget):
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                if isinstance(watched, QLineEdit) and event.text():
                    self.write("key " + ("Enter" if event.text() == "\r" else event.text()))
            elif isinstance(event, QMouseEvent) and watched.objectName() == "pay":
                if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
                    self.write("press")
                elif event.type() == QEvent.Type.MouseButtonRelease:
                    self.write("release")
            elif watched.isWindow() and event.type() == QEvent.Type.WindowActivate:
                self.write("active")
            elif watched.isWindow() and event.type() == QEvent.Type.WindowDeactivate:
                self.write("inactive")
        return super().eventFilter(watched, event)


def main() -> int:
    """Show the window, as large as the screen."""
    app = QApplication([])
    witness = Witness(sys.argv[1])
    app.installEventFilter(witness)
    window = QWidget()
    window.setWindowTitle("Till")
    column = QVBoxLayout(window)
    field = QLineEdit(window)
    pay = QWidget(window)
    pay.setObjectName("pay")
    pay.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    pay.setStyleSheet("background: #D9E2EC")
    column.addWidget(field)
    column.addWidget(pay, 1)
    window.showMaximized()
    field.setFocus()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
