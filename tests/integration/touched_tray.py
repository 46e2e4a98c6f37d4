"""The tray program as it is, with a witness: what the popup did, and where its OK button is.

Takes a file and then the tray's command line. Lines: ``connected``, ``painted``, ``ready X Y`` (the
middle of OK on the screen), ``active`` (the popup has the keyboard), ``answered``.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from PySide6.QtCore import QEvent, QObject

from shared.command_line import data_dir, sources_of
from shared.instance import claim
from shared.qt.popup import Popup
from shared.qt.runner import QuitRequest
from shared.settings import Program
from tray_client.app import TrayApp
from tray_client.lives import run_tray
from tray_client.options import parser


class Witness(QObject):
    """Writes one line for each event."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, *words: object) -> None:
        """Add one line."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())

    def watch(self, popup: Popup) -> None:
        """Follow one popup."""
        self.write("painted")
        popup.installEventFilter(self)
        popup.ready.connect(lambda: self.write("ready", *self._middle(popup)))
        popup.acknowledged.connect(lambda _id: self.write("answered"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that the popup has the keyboard."""
        if event.type() == QEvent.Type.WindowActivate:
            self.write("active")
        return super().eventFilter(watched, event)

    @staticmethod
    def _middle(popup: Popup) -> tuple[int, int]:
        at = popup.ok.mapToGlobal(popup.ok.rect().center())
        return at.x(), at.y()


def main() -> int:
    """Run the tray until it is asked to end."""
    path, *arguments = sys.argv[1:]
    loaded = sources_of(parser().parse_args(arguments), Program.TRAY).load()
    folder = data_dir(loaded, Program.TRAY)
    witness: Any = None

    def started(app: TrayApp, _quit: QuitRequest) -> None:
        nonlocal witness
        witness = Witness(path)
        app.presenter.on_painted = witness.watch
        app.session.status_changed.connect(lambda status: witness.write(status.state.name.lower()))

    return run_tray(loaded, folder, claim(folder), os.environ, started=started)


if __name__ == "__main__":
    sys.exit(main())
