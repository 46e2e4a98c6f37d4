"""The console's pages over a real Redis, with the shipped accounts, and a real tray."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from admin_app.views.rail import Page
from tests.conftest import until
from tests.integration.pair import (
    acknowledge,
    connected,
    fill_in,
    open_popup,
    press_send,
    running_console,
    running_tray,
)
from tests.integration.test_acl import guarded  # noqa: F401  # a fixture
from tests.redis_server import RedisServer


async def test_a_message_is_followed_from_the_form_to_the_report(
    qapp: QApplication,
    guarded: RedisServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    here = guarded.url.replace("//", "//console:CHANGE-console@")
    there = guarded.url.replace("//", "//outlet:CHANGE-outlet@")
    async with (
        running_tray(there, tmp_path / "tray", outlet="JKT-001") as tray,
        running_console(here, tmp_path / "one") as console,
        running_console(here, tmp_path / "other") as other,
    ):
        await connected(tray, console, other)
        form = console.window.form
        form.channels.changed.emit()  # it would be counted again by itself within 10 s
        await until(lambda: form.audience.text().startswith("1 PC"))
        fill_in(console, "Channel 1", "Price change", "The 2 l bottle costs more.")
        await press_send(console)
        for one in (console, other):
            one.window.show_page(Page.SENT)
            page = one.window.sent
            await until(lambda: page.model.rowCount() == 1)  # noqa: B023
            page.list.setCurrentIndex(page.model.index(0))
        mine, theirs = console.window.sent.report, other.window.sent.report
        await until(lambda: mine.displayed.accessibleName() == "1 of 1 PCs have shown it.")
        await until(lambda: mine.pcs.index(0, 0).data() == "JKT-001")  # after the figures
        await until(lambda: open_popup(tray) is not None)
        assert await acknowledge(tray) == "Price change"
        for pane in (mine, theirs):
            await until(lambda: pane.acknowledged.accessibleName().startswith("1 of 1"))  # noqa: B023
            await until(lambda: pane.pcs.index(0, 2).data() == "Acknowledged")  # noqa: B023
            assert pane.chart.sentence().startswith("On the screen: ")
        await until(lambda: console.window.sent.model.index(0).data(0x101).state == "1 of 1")


async def test_a_list_that_one_console_imports_is_seen_by_the_other(
    qapp: QApplication,
    guarded: RedisServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    file = tmp_path / "outlets.csv"
    file.write_text("outlet;channels\nJKT-001;Channel 1\nBDG-002;Channel 1\n", encoding="cp1252")
    here = guarded.url.replace("//", "//console:CHANGE-console@")
    there = guarded.url.replace("//", "//outlet:CHANGE-outlet@")
    async with (
        running_tray(there, tmp_path / "tray", outlet="JKT-001") as tray,
        running_console(here, tmp_path / "one") as console,
        running_console(here, tmp_path / "other") as other,
    ):
        await connected(tray, console, other)
        for one in (console, other):
            one.window.show_page(Page.OUTLETS)
        page = console.window.outlets
        await until(lambda: page.answer.text().startswith("All 1 outlet"))
        task = console.outlets._tasks.spawn(console.outlets.take_file(file), name="test")
        await until(page.question.isVisible)
        page.question.yes.click()
        await task
        assert page.answer.text().startswith("1 of 2 outlet")
        other.window.show_page(Page.COMPOSE)
        other.window.show_page(Page.OUTLETS)
        seen = other.window.outlets
        await until(lambda: seen.answer.text().startswith("1 of 2 outlet"))
        places = [place for place, row in enumerate(seen.model.shown) if row.outlet == "BDG-002"]
        seen.table.choose(range(places[0], places[0] + 1))
        seen.remove.click()
        await until(seen.question.isVisible)
        seen.question.yes.click()
        await until(lambda: seen.answer.text().startswith("All 1 outlet"))
