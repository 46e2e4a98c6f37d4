"""A screen of its own for what a test starts: Xvfb, whose pixels are a file, and a mouse.

Looks at the programs from outside, as a person does: nothing in them takes part.
"""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

from PySide6.QtGui import QImage

WIDTH, HEIGHT = 1366, 768  # what tills have
CORNER = (str(WIDTH - 1), str(HEIGHT - 1))


class Screen:
    """A running X server. Its pointer rests in the corner, where nothing is."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "Xvfb_screen0"
        read_end, write_end = os.pipe()
        self._server = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"),
                *("-fbdir", str(folder), "-nolisten", "tcp", "-noreset"),
            ],
            pass_fds=[write_end],
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as answer:
            self.display = f":{answer.readline().strip()}"  # it writes when it is ready
        assert self.display != ":", "Xvfb does not start"
        self._xdotool("mousemove", *CORNER)

    def close(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait(timeout=15)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that put a Qt program on this screen."""
        return {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def picture(self) -> QImage:
        """What is on the screen now. The file is an XWD dump: header, colours, rows of pixels."""
        dump = self._file.read_bytes()
        header = struct.unpack(">25I", dump[:100])
        begin, per_line, colours = header[0], header[12], header[19]
        rows = dump[begin + 12 * colours :][: per_line * HEIGHT]
        return QImage(rows, WIDTH, HEIGHT, per_line, QImage.Format.Format_RGB32).copy()

    def windows(self, title: str) -> list[str]:
        """Ids of the visible windows with *title*."""
        return self._xdotool("search", "--onlyvisible", "--name", f"^{title}$").split()

    def window(self, title: str) -> QImage | None:
        """The picture of the only window with *title*, if it is there."""
        found = self.windows(title)
        if not found:
            return None
        x, y, width, height = self._place(found[0])
        return self.picture().copy(x, y, width, height)

    def click_near_end(self, title: str, right: int, bottom: int) -> None:
        """Click so many pixels from the right and the bottom end of the window with *title*."""
        for window in self.windows(title):
            x, y, width, height = self._place(window)
            at = (str(x + width - right), str(y + height - bottom))
            self._xdotool("mousemove", *at, "click", "1", "mousemove", *CORNER)

    def type(self, title: str, text: str) -> None:
        """Type *text* into the window with *title*."""
        (window,) = self.windows(title)
        self._xdotool("windowfocus", "--sync", window, "type", text)

    def press(self, key: str) -> None:
        """Press one key, such as ``Tab`` or ``ctrl+Return``."""
        self._xdotool("key", key)

    def _place(self, window: str) -> tuple[int, int, int, int]:
        lines = self._xdotool("getwindowgeometry", "--shell", window).splitlines()
        facts = dict(line.split("=", 1) for line in lines)
        return (int(facts["X"]), int(facts["Y"]), int(facts["WIDTH"]), int(facts["HEIGHT"]))

    def _xdotool(self, *arguments: str) -> str:
        """Run one command; a window that has just gone is no error."""
        done = subprocess.run(
            ["xdotool", *arguments],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout
