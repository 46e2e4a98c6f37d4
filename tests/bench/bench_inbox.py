"""How long the inbox window holds up the GUI thread with 10,000 messages. Asserts nothing.

Run with ``python3 tests/bench/bench_inbox.py``. A real database on disk, the real window, Qt's
offscreen platform. The longest block is the longest time in which the event loop did one thing:
one sitting of its events, painting included.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from shared.model import Level  # noqa: E402
from shared.qt.runner import make_application  # noqa: E402
from tests.fakes import make_message  # noqa: E402
from tray_client.archive import Archive  # noqa: E402
from tray_client.inbox import Inbox  # noqa: E402
from tray_client.inbox_window import InboxWindow  # noqa: E402
from tray_client.records import NewMessage  # noqa: E402

MESSAGES = 10_000
CHARACTERS = 2_000
NOW = 1_800_000_000_000
WORDS = [
    "price",
    "bottle",
    "Überprüfung",
    "kasse",
    "laporan",
    "harga",
    "minyak",
    "straße",
    "café",
    "stok",
]


def fill(inbox: Inbox) -> None:
    """Store messages, most of them acknowledged."""
    chance = random.Random(1)

    def message(number: int) -> NewMessage:
        body = " ".join(chance.choices(WORDS, k=CHARACTERS // 5))[:CHARACTERS]
        sent_at = NOW - (MESSAGES - number) * 60_000
        level = chance.choice(list(Level))
        one = make_message(title=f"Message {number}", body=body, sent_at=sent_at, level=level)
        return NewMessage(one, "Channel 1", True, sent_at, NOW + MESSAGES)

    for start in range(0, MESSAGES, 200):
        stored = inbox.store([message(number) for number in range(start, start + 200)])
        for one in stored[:4]:
            inbox.mark_acknowledged(one.id, NOW)


class Watch:
    """Turns the event loop until something holds, and keeps the longest turn."""

    def __init__(self, app: QApplication) -> None:
        self._app = app

    def show(self, what: str, act: Callable[[], object], done: Callable[[], bool]) -> None:
        """Do *act*, go on until *done*, and print the times."""
        turns = list(self._turns(act, done))
        print(f"{what}: longest block {max(turns):.1f} ms, in all {sum(turns):.0f} ms")

    def _turns(self, act: Callable[[], object], done: Callable[[], bool]) -> Iterator[float]:
        yield self._timed(act)
        while not done():
            yield self._timed(self._app.processEvents)
        yield self._timed(self._app.processEvents)

    def _timed(self, act: Callable[[], object]) -> float:
        began = time.perf_counter()
        act()
        return (time.perf_counter() - began) * 1000


def measure(app: QApplication, inbox: Inbox, archive: Archive) -> None:
    """Open, scroll to the end, search letter by letter, let a message arrive."""
    watch = Watch(app)
    windows: list[InboxWindow] = []

    def open_window() -> None:
        windows.append(InboxWindow(archive))
        windows[0].present()

    watch.show(
        "Make the window and open it, as the first of the program",
        open_window,
        lambda: not windows[0].model.busy,
    )
    window = windows[0]
    window.close()
    watch.show("Open it again", window.present, lambda: not window.model.busy)
    model, bar = window.model, window.list.verticalScrollBar()

    def scroll() -> bool:
        bar.setValue(bar.maximum())
        return model.rowCount() == MESSAGES

    watch.show("Scroll to the end", lambda: None, scroll)
    arrived = make_message(title="News", sent_at=NOW)
    inbox.store([NewMessage(arrived, "Channel 1", True, NOW, NOW + MESSAGES)])
    watch.show("A message arrives, all are loaded", window.refresh, lambda: not model.busy)
    for text in ("café", "zebra"):  # in each message, in none
        window.search.clear()
        for letter in text:
            watch.show(
                f"Search {window.search.text() + letter!r}",
                partial(window.search.insert, letter),
                lambda: not model.busy,
            )
    window.search.clear()
    watch.show(
        "Read the next",
        lambda: QTest.keyClick(window.list, Qt.Key.Key_Down),
        lambda: window.pane.letter is not None,
    )


def main() -> int:
    """Fill an inbox, measure, print."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application("Siaran", "siaran-bench")
    with tempfile.TemporaryDirectory(prefix="siaran-bench-") as temp, ExitStack() as stack:
        folder = Path(temp)
        inbox = stack.enter_context(closing(Inbox(folder)))
        fill(inbox)
        archive = stack.enter_context(closing(Archive.open(folder, lambda: NOW)))
        measure(app, inbox, archive)
    return 0


if __name__ == "__main__":
    sys.exit(main())
