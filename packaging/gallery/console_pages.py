"""Pictures of the console's pages with 0, 3 and 10,000 rows, in light and dark, and at 200 %.

Run by ``run.py gallery``; here alone: ``python packaging/gallery/console_pages.py FOLDER``. The
window is the real one; what it shows is made up.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
for place in (ROOT, HERE):
    sys.path.insert(0, str(place))

from made_up import (  # noqa: E402
    NOW,
    make_figures,
    make_list,
    make_messages,
    make_reports,
    make_rows,
)
from msgspec.structs import replace  # noqa: E402
from PySide6.QtCore import QCoreApplication, QSize  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from admin_app.audience import Audience  # noqa: E402
from admin_app.checkup import Finding, Grade  # noqa: E402
from admin_app.configuration import Configuration  # noqa: E402
from admin_app.draft import Draft, problems_of  # noqa: E402
from admin_app.evidence import Doubts, counts_of  # noqa: E402
from admin_app.look_of import content_of  # noqa: E402
from admin_app.models import SentModel  # noqa: E402
from admin_app.outlets import overview  # noqa: E402
from admin_app.recalling import order_about  # noqa: E402
from admin_app.report_rows import Row, by_outlet  # noqa: E402
from admin_app.reports import Figures  # noqa: E402
from admin_app.settings_controller import SettingsController  # noqa: E402
from admin_app.unreadable import Unreadable  # noqa: E402
from admin_app.views.channels_page import ChannelRow  # noqa: E402
from admin_app.views.fate_words import fate_sentence  # noqa: E402
from admin_app.views.main_window import MainWindow  # noqa: E402
from admin_app.views.rail import Page  # noqa: E402
from admin_app.views.report_pane import View  # noqa: E402
from admin_app.views.scheduled_page import ComingRow, SeriesRow  # noqa: E402
from shared.bus import LinkState, LinkStatus  # noqa: E402
from shared.errors import RedisUnreachable  # noqa: E402
from shared.model import DAY_MS, HOUR_MS, Ack, Format, Kind, Level  # noqa: E402
from shared.phrases import phrase  # noqa: E402
from shared.qt.runner import make_application  # noqa: E402
from shared.qt.words import head_office, localized, moment  # noqa: E402
from shared.receipts import Counts, Receipt  # noqa: E402
from shared.settings import Language, Program, Theme  # noqa: E402
from shared.sources import Sources  # noqa: E402

LOOKS = (
    ("light", Theme.LIGHT, "1", QSize(1100, 720), Language.ENGLISH),
    ("dark", Theme.DARK, "1", QSize(1100, 720), Language.ENGLISH),
    ("small", Theme.LIGHT, "1", QSize(900, 600), Language.ENGLISH),
    ("200", Theme.LIGHT, "2", QSize(900, 600), Language.ENGLISH),
    ("id", Theme.LIGHT, "1", QSize(1100, 720), Language.INDONESIAN),
    ("id200", Theme.DARK, "2", QSize(900, 600), Language.INDONESIAN),
)
ROWS = (0, 3, 10_000)


def main() -> int:
    """Take all pictures; each look needs a program of its own."""
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:
        return take(folder, *sys.argv[2:])
    for name, _, scale, _, _ in LOOKS:
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "QT_SCALE_FACTOR": scale}
        command = [sys.executable, __file__, str(folder), name]
        subprocess.run(command, check=True, env=environment)
    return 0


def take(folder: Path, look: str, only: str = "") -> int:
    """Take the pictures of one look."""
    _, theme, _, size, language = next(one for one in LOOKS if one[0] == look)
    app = make_application("Siaran", "siaran-gallery", theme, language)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (page, fill) in PAGES.items():
        for rows in ROWS if only in name else ():
            picture = folder / f"{name}-{rows}-{look}.png"
            _take_one(app, picture, size, page, partial(fill, rows=rows))
    for name, (page, show) in MOMENTS.items():
        if only in name:
            _take_one(app, folder / f"{name}-{look}.png", size, page, show)
    return 0


def _take_one(
    app: QApplication,
    picture: Path,
    size: QSize,
    page: Page,
    fill: Callable[[MainWindow], object],
) -> None:
    window = MainWindow(SentModel())
    window.link.set_status(LinkStatus(LinkState.CONNECTED, "hq-redis:6379"))
    window.resize(size)
    window.show_page(page)
    kept = fill(window)
    window.show()
    _settle(app)
    window.grab().save(str(picture))
    window.hide()
    window.deleteLater()
    del kept


def _settle(app: QApplication) -> None:
    ends = time.monotonic() + 0.3
    while time.monotonic() < ends:
        app.processEvents()


def fill_outlets(window: MainWindow, rows: int) -> None:
    """The page of outlets with *rows* PCs."""
    reports = make_reports(rows, per_outlet=1 if rows < 10 else 3)
    listed = make_list(len({one.outlet for one in reports})) if rows else []
    window.outlets.show_overview(overview(reports, listed, NOW - 120_000, NOW))


def fill_compose(window: MainWindow, rows: int) -> None:
    """The form, with *rows* PCs to send to."""
    window.form.set_channels({f"Channel {n}": f"Channel {n}" for n in (1, 2, 3)})
    window.form.show_audience(Audience(rows, rows - rows // 500))
    window.form.preview.show_content(content_of(window.form.draft(), head_office(), {}))


def fill_sent(window: MainWindow, rows: int) -> None:
    """The page of sent messages with *rows* of them, and a report of as many PCs."""
    page, messages = window.sent, make_messages(rows)
    counts = {}
    for message in messages[:20]:
        pcs = make_rows(min(rows, 15), message)
        counts[message.id] = make_figures(pcs, message).counts
    page.model.complete = True
    page.model.append(messages)
    page.model.set_counts(counts)
    page.show_hint(busy=False)
    if messages:
        message = messages[min(4, rows - 1)] if rows < 10 else messages[0]
        pcs = make_rows(rows, message)
        page.list.setCurrentIndex(page.model.index(messages.index(message)))
        page.report.show_message(message, {})
        page.report.show_figures(make_figures(pcs, message))
        page.report.show_rows(pcs, complete=True)
        page.show_report(there=True)


def fill_by_outlet(window: MainWindow, rows: int) -> None:
    """One PC of each outlet is asked, and some outlets have not answered."""
    fill_sent(window, rows)
    pane = window.sent.report
    if pane.message is not None:
        message = replace(pane.message, ack=Ack.OUTLET)
        pcs = make_rows(rows, message)
        quiet = {row.outlet for row in pcs[::7]}
        done = [row for row in pcs if row.acknowledged_at and row.outlet not in quiet]
        answers = {row.outlet: row.endpoint for row in done}
        pcs = [_answered(row, answers.get(row.outlet, "")) for row in pcs]
        pane.show_message(message, {})
        pane.show_figures(make_figures(pcs, message))
        pane.show_rows(pcs, complete=True)
        pane.views[View.SILENT].click()
        pane.show_outlets(by_outlet(pcs))


def fill_spoiled(window: MainWindow, rows: int) -> None:
    """Somebody has written receipts in the names of others, and invented some PCs."""
    fill_sent(window, rows)
    pane = window.sent.report
    message = pane.message
    if message is not None:
        pcs = [
            _contradicted(row, message.id) if n % 9 == 1 else row
            for n, row in enumerate(make_rows(rows, message))
        ]
        at = message.sent_at
        fakes = [Row(f"JKT-{n:04}/pc", at, at, at, "x", known=False) for n in range(500)]
        doubts = Doubts(
            sum(row.claim is not None for row in pcs),
            len(fakes),
            Counts(received=rows + 500, displayed=rows + 500, acknowledged=rows + 499),
        )
        counts = counts_of(pcs, Counts(expected=rows), message)
        pane.show_figures(Figures(counts, message.ack, doubts))
        pane.show_rows([*pcs, *fakes], complete=True)


def _contradicted(row: Row, message_id: str) -> Row:
    at = (row.received_at or 0) + 900
    claim = Receipt(message_id, 0, at, at, at, "kasir")
    return dataclasses.replace(row, acknowledged_at=None, os_user="", reply="", claim=claim)


def _answered(row: Row, by: str) -> Row:
    if row.endpoint == by:
        return row
    return dataclasses.replace(row, acknowledged_at=None, answered_by=by)


def fill_withdrawn(window: MainWindow, rows: int) -> None:
    """One message was recalled, and one has taken the place of another."""
    fill_sent(window, rows)
    model = window.sent.model
    if rows:
        newer, older, taken, *rest = make_messages(rows)
        newer = replace(newer, replaces=older.id, channels=["*"])
        at = taken.sent_at + HOUR_MS
        recall = order_about(taken, Kind.RECALL, "Head office", at, at + DAY_MS)
        model.clear()
        model.note_orders([newer, replace(recall, recalls=taken.id)])
        model.append([newer, older, taken, *rest])
        window.sent.list.setCurrentIndex(model.index(2))
        window.sent.report.show_message(taken, {})
        window.sent.report.show_fate(fate_sentence(model.fate(taken)), over=True)


def fill_import(window: MainWindow, rows: int) -> None:
    """The question before a list is taken over."""
    fill_outlets(window, rows)
    problems = "\n".join(f"Line {n}: the outlet is missing." for n in range(14, 14 + rows % 997))
    window.outlets.question.show_question(
        "outlets.csv has 412 outlets. 12 of them are new. 3 of the present list are not in it."
        " It names channels that nobody offers: Chanel 1, Region Esat.",
        "Use this list",
        "Cancel",
        problems,
    )


def fill_question(window: MainWindow, rows: int) -> None:
    """Who has not acknowledged, and whether they are to be reminded."""
    fill_sent(window, rows)
    pane = window.sent.report
    pane.views[View.SILENT].click()
    say = partial(QCoreApplication.translate, "ReportController")
    words = say("Show it again on the %Ln PC(s) where nobody has acknowledged it?", "", pane.silent)
    pane.question.show_question(words, say("Remind them"), say("Leave them"))


def fill_scheduled(window: MainWindow, rows: int) -> None:
    """The page of scheduled messages with *rows* of them, and at most 12 series."""
    levels = list(Level)
    coming = [
        ComingRow(
            key=str(n),
            due_at=NOW + n * HOUR_MS,
            title=message.title,
            where="Channel 1" if n % 3 else "All channels",
            level=levels[n % len(levels)],
            recurs=n % 4 == 0,
        )
        for n, message in enumerate(make_messages(rows))
    ]
    window.scheduled.show_coming(coming)
    say = partial(QCoreApplication.translate, "ScheduledController")
    rhythm = say("{rhythm} at {time} ({zone})").format(
        rhythm=say("Monday to Friday"), time="09:00", zone="WIB"
    )
    series = [
        SeriesRow(one.key, one.title, rhythm, one.where, one.level, NOW + 7 * DAY_MS)
        for one in coming[:12]
    ]
    coverage = say(
        "Recurring messages are with the PCs until {time}, whether a console runs or not."
        " Any console that is open sends the next ones ahead."
    ).format(time=moment(NOW + 7 * DAY_MS))
    window.scheduled.show_series(series, coverage if series else "")


def fill_channels(window: MainWindow, rows: int) -> None:
    """The page of channels with *rows* of them, at most 200."""
    say = partial(QCoreApplication.translate, "ChannelsController")
    window.channels.show_rows(
        [
            ChannelRow(f"Channel {n}", f"Channel {n}", f"{n}/{n + 2}", say("Offered"), offered=True)
            for n in range(1, min(rows, 200) + 1)
        ]
    )


def fill_written(window: MainWindow, rows: int) -> None:
    """The form with everything opened that it has."""
    fill_compose(window, rows)
    message = make_messages(3)[1]
    draft = Draft(
        channels=["Channel 1", "Channel 3"],
        title=message.title,
        body="**Rp 34.500**\n\n- label\n- " + message.body,
        level=Level.IMPORTANT,
        format=Format.MARKDOWN,
        replies=["OK, sudah", "Out of stock"],
        show_at=NOW + HOUR_MS,
    )
    form = window.form
    form.show_draft(draft)
    form.more.open()
    form.preview.show_content(content_of(draft, "Head office", {}))
    form.preview.make()


PAGES: dict[str, tuple[Page, Callable[[MainWindow, int], None]]] = {
    "compose": (Page.COMPOSE, fill_compose),
    "written": (Page.COMPOSE, fill_written),
    "sent": (Page.SENT, fill_sent),
    "by-outlet": (Page.SENT, fill_by_outlet),
    "withdrawn": (Page.SENT, fill_withdrawn),
    "scheduled": (Page.SCHEDULED, fill_scheduled),
    "channels": (Page.CHANNELS, fill_channels),
    "remind": (Page.SENT, fill_question),
    "spoiled": (Page.SENT, fill_spoiled),
    "outlets": (Page.OUTLETS, fill_outlets),
    "import": (Page.OUTLETS, fill_import),
}


def show_settings(window: MainWindow) -> SettingsController:
    """Every setting, as on a PC where nobody has set anything."""
    sources = Sources(Program.CONSOLE, {}, user_file=Path("siaran.toml"))
    configuration = Configuration(sources, Path(), {}, check=_nothing, look=_nothing)
    return SettingsController(window, configuration)


def show_connection(window: MainWindow) -> None:
    """What a new console asks, and what it has found."""
    window.ask_for_connection()
    window.connection.address.setText("hq-redis:6379")
    found = (
        (Grade.GOOD, phrase("Redis answers at {address}.", address="hq-redis:6379")),
        (Grade.GOOD, phrase("Version {version}.", version="7.4.1")),
        (Grade.WEAK, phrase("The account may not see how Redis stores data.")),
        (Grade.BAD, phrase("This is a replica, which takes no messages.")),
    )
    findings = [Finding("", grade, sentence) for grade, sentence in found]
    window.connection.findings.show_findings(findings)


def show_hold(window: MainWindow) -> None:
    """A message that is about to leave."""
    fill_written(window, 3)
    window.form.set_sending(sending=True)
    window.form.show_hold(4)


def show_sent(window: MainWindow) -> None:
    """One that has left."""
    fill_compose(window, 3)
    say = partial(QCoreApplication.translate, "Controller")
    words = say("Sent to {where} at {time}.").format(where="Channel 1", time=moment(NOW))
    window.form.notice.say(f"{words} {say('%Ln PC(s) are connected now.', '', 3)}")
    window.form.offer_recall()


def show_problems(window: MainWindow) -> None:
    """What cannot be sent, while there is no connection either."""
    fill_compose(window, 3)
    form, shown = window.form, "hq-redis:6379"
    reason = RedisUnreachable(
        shown,
        phrase("Nothing answers at {address}.", address=shown),
        phrase("Check that Redis is running and the setting redis_url."),
    )
    form.title.setText("X" * 210)
    form.show_problems(problems_of(form.draft()))
    form.notice.say(localized(reason), bad=True)
    window.link.set_status(LinkStatus(LinkState.RECONNECTING, shown, reason))


def show_template(window: MainWindow) -> None:
    """A template whose placeholders are to be filled in."""
    fill_compose(window, 3)
    form = window.form
    form.show_draft(Draft(title="Price of {product}", body="From {time} on it costs {price}."))
    form.templates.chose("Price", ["product", "time", "price"], {"time": "09:12"})


def show_stale(window: MainWindow) -> None:
    """A page that could be read in part, and then no more."""
    fill_outlets(window, 3)
    lost = phrase("The connection to Redis at {address} was lost.", address="hq-redis:6379")
    window.outlets.state.fresh(Unreadable(registry=3).sentence)
    window.outlets.state.stale(localized(lost))


def show_unsafe(window: MainWindow) -> None:
    """The line at the foot while nothing is signed and the server is open."""
    window.safety.show_state(unsigned=True, is_open=True)


async def _nothing(*_: object) -> list[Finding]:
    return []


MOMENTS: dict[str, tuple[Page, Callable[[MainWindow], object]]] = {
    "moment-settings": (Page.SETTINGS, show_settings),
    "moment-connection": (Page.COMPOSE, show_connection),
    "moment-hold": (Page.COMPOSE, show_hold),
    "moment-sent": (Page.COMPOSE, show_sent),
    "moment-problems": (Page.COMPOSE, show_problems),
    "moment-template": (Page.COMPOSE, show_template),
    "moment-stale": (Page.OUTLETS, show_stale),
    "moment-unsafe": (Page.COMPOSE, show_unsafe),
}
"""What does not depend on how many rows there are."""

if __name__ == "__main__":
    sys.exit(main())
