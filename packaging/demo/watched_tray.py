"""The tray program itself, with somebody at the till: photographs each popup and presses OK.

Takes the tray's command line after the folder for the pictures.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from shared.command_line import data_dir, sources_of
from shared.instance import claim
from shared.qt.popup import Popup
from shared.qt.runner import QuitRequest
from shared.settings import Program
from tray_client.app import TrayApp
from tray_client.lives import run_tray
from tray_client.options import parser


def main() -> int:
    """Run the tray until it is asked to end."""
    pictures, *arguments = sys.argv[1:]
    loaded = sources_of(parser().parse_args(arguments), Program.TRAY).load()
    folder = data_dir(loaded, Program.TRAY)
    tasks: set[asyncio.Task[None]] = set()

    def started(app: TrayApp, quit_request: QuitRequest) -> None:
        del quit_request

        def painted(popup: Popup) -> None:
            tasks.add(asyncio.get_running_loop().create_task(_answer(popup, Path(pictures))))

        app.presenter.on_painted = painted

    return run_tray(loaded, folder, claim(folder), os.environ, started=started)


async def _answer(popup: Popup, pictures: Path) -> None:
    ready = asyncio.Event()
    popup.ready.connect(ready.set)
    await ready.wait()
    popup.grab().save(str(pictures / f"popup-{popup.content.level}-{pictures.name}.png"))
    QTest.mouseClick(popup.ok, Qt.MouseButton.LeftButton)


if __name__ == "__main__":
    sys.exit(main())
