"""The demo without a person: fills in the console's real form, presses Send, and watches the tills.

The trays are separate processes; the console runs here, its form is typed into and clicked. A row
passes when every outlet that follows the channel has painted the popup and no other has.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from broker import Broker
from outlets import OUTLETS, Outlet, clean_environment
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from admin_app.app import ConsoleApp, run_console
from admin_app.views.rail import Page
from shared.model import ALL_CHANNELS, Level
from shared.qt.runner import QuitRequest
from shared.settings import Program
from shared.sources import Sources
from tray_client.inbox import read_messages

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WITHIN_S = 20.0
SETTLE_S = 0.5
"""How long the others are watched after the last outlet has painted."""


@dataclass(frozen=True)
class Case:
    """One message to send."""

    channel: str
    level: Level
    title: str
    body: str


CASES = (
    Case(
        ALL_CHANNELS,
        Level.IMPORTANT,
        "Shop closes at 17:00 today",
        "The power is cut in the whole district from 17:30. Close the tills at 17:00, "
        "count, and bring the cash to the safe.",
    ),
    Case(
        "Channel 1",
        Level.NORMAL,
        "Price change for cooking oil",
        "From 10:00 the 2 l bottle costs Rp 34,500. Please change the shelf label before then.",
    ),
    Case(
        "Channel 2",
        Level.URGENT,
        "Card payment is down",
        "The bank is working on it. Take cash and QRIS only until we write again.",
    ),
    Case("Channel 3", Level.NORMAL, "Delivery one hour late", "The truck arrives at 15:00."),
)


@dataclass
class Row:
    """What became of one case."""

    case: Case
    painted_ms: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the right outlets, and only those, have painted it."""
        return set(self.painted_ms) == {o.name for o in OUTLETS if o.follows(self.case.channel)}


def check(server: Broker, folder: Path, pictures: Path) -> bool:
    """Run every case; print the table; return whether all passed."""
    pictures.mkdir(parents=True, exist_ok=True)
    sources = Sources(
        Program.CONSOLE, {"redis_url": server.url, "undo_seconds": "0", "language": "en"}
    )
    rows: list[Row] = []
    with ExitStack() as stack:
        for outlet in OUTLETS:
            stack.enter_context(_tray(outlet, server, folder, pictures))
        tasks: set[asyncio.Task[None]] = set()

        def started(app: ConsoleApp, quit_request: QuitRequest) -> None:
            work = _drive(app, quit_request, folder, pictures, rows)
            tasks.add(asyncio.get_running_loop().create_task(work))

        run_console(sources, folder / "console", {}, started=started)
    _print_table(rows)
    return len(rows) == len(CASES) and all(row.passed for row in rows)


async def _drive(
    app: ConsoleApp, quit_request: QuitRequest, folder: Path, pictures: Path, rows: list[Row]
) -> None:
    try:
        await _until(lambda: "Connected" in app.window.link.words.whole())
        for _ in range(int(WITHIN_S * 10)):
            if await app.session.count_connected([ALL_CHANNELS]) == len(OUTLETS):
                break
            await asyncio.sleep(0.1)
        for case in CASES:
            row = Row(case)
            rows.append(row)
            await _send(app, case, pictures if case is CASES[0] else None)
            await _watch(row, folder)
        await _show_report(app, pictures)
    except TimeoutError as error:
        sys.stderr.write(f"demo: {error}\n")
    finally:
        quit_request.ask()


async def _show_report(app: ConsoleApp, pictures: Path) -> None:
    """What head office sees of the first message, and of the outlets."""
    window, page = app.window, app.window.sent
    window.show_page(Page.SENT)
    await _until(lambda: page.model.rowCount() == len(CASES))
    page.list.setCurrentIndex(page.model.index(len(CASES) - 1))
    everybody = f"{len(OUTLETS)} of {len(OUTLETS)} PCs have shown it."
    await _until(lambda: page.report.displayed.accessibleName() == everybody)
    await _until(lambda: page.report.pcs.total == len(OUTLETS))
    await asyncio.sleep(SETTLE_S)
    window.grab().save(str(pictures / "console.png"))
    window.show_page(Page.OUTLETS)
    await _until(lambda: window.outlets.model.total == len(OUTLETS))
    window.grab().save(str(pictures / "console-outlets.png"))


async def _send(app: ConsoleApp, case: Case, pictures: Path | None) -> None:
    form = app.window.form
    form.channel.setCurrentIndex(form.channel.findData(case.channel))
    QTest.mouseClick(form.level.button(case.level), Qt.MouseButton.LeftButton)
    for editor, text in ((form.title, case.title), (form.body, case.body)):
        editor.setFocus()
        QTest.keyClicks(editor, text)
    if pictures is not None:
        await _until(lambda: form.audience.text().startswith(str(len(OUTLETS))))
        await asyncio.sleep(0.1)  # let the form lay itself out
        app.window.grab().save(str(pictures / "console-compose.png"))
    QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
    await _until(lambda: _box() is not None or form.send.isEnabled())
    box = _box()
    if box is not None:
        yes = next(b for b in box.buttons() if b.text() == app.window.tr("Send"))
        QTest.mouseClick(yes, Qt.MouseButton.LeftButton)
    await _until(form.send.isEnabled)
    await _until(lambda: form.notice.text().startswith("Sent"))


def _box() -> QMessageBox | None:
    window = QApplication.activeModalWidget()
    return window if isinstance(window, QMessageBox) else None


async def _watch(row: Row, folder: Path) -> None:
    """Wait until the outlets that should have painted it, and give the others time to err."""
    wanted = {outlet.name for outlet in OUTLETS if outlet.follows(row.case.channel)}
    deadline = time.monotonic() + WITHIN_S
    while not wanted <= set(row.painted_ms) and time.monotonic() < deadline:
        _look(row, folder)
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE_S)
    _look(row, folder)


def _look(row: Row, folder: Path) -> None:
    for outlet in OUTLETS:
        for message in read_messages(folder / outlet.name):
            if message.title == row.case.title and message.displayed_at is not None:
                row.painted_ms[outlet.name] = message.displayed_at - message.sent_at


class _tray:  # noqa: N801  # used like a function
    """A watched tray process for the length of a ``with``."""

    def __init__(self, outlet: Outlet, server: Broker, folder: Path, pictures: Path) -> None:
        self._folder = folder / outlet.name
        spot = pictures / outlet.name
        spot.mkdir(exist_ok=True)
        script = str(HERE / "watched_tray.py")
        arguments = outlet.arguments(server.url, folder)
        environment = clean_environment() | {"PYTHONPATH": str(ROOT)}
        environment["SIARAN_LANGUAGE"] = "en"  # the pictures are the README's
        environment["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM", "")
        self._process = subprocess.Popen(
            [sys.executable, script, str(spot), *arguments], env=environment
        )

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        from shared.instance import Command, tell

        if self._process.poll() is None:
            tell(self._folder, Command.QUIT)
        self._process.wait(timeout=10)


async def _until(condition: object) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError("the console did not get ready in time")
        await asyncio.sleep(0.02)


def _print_table(rows: list[Row]) -> None:
    names = [outlet.name for outlet in OUTLETS]
    print(f"\n{'sent to':<14}{'level':<11}" + "".join(f"{name:>12}" for name in names) + "  result")
    for row in rows:
        where = "All channels" if row.case.channel == ALL_CHANNELS else row.case.channel
        cells = "".join(
            f"{f'{row.painted_ms[name]} ms' if name in row.painted_ms else '-':>12}"
            for name in names
        )
        print(f"{where:<14}{row.case.level:<11}{cells}  {'ok' if row.passed else 'WRONG'}")
    print("A time is from Send to the popup painted, by Redis' clock; - is not shown.")
