"""Templates in the console: choose, fill in, keep, replace, delete; two consoles share them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from admin_app.draft import Draft, Every
from admin_app.templates import StoredTemplate, Template
from admin_app.templates_controller import TemplatesController
from shared.model import Level, new_message_id
from tests.conftest import until
from tests.fakes import FakeServer
from tests.gui.test_console_window import Desk, answer, desk

PRICE = Template(
    name="Price & more",
    title="New price for {product}",
    body="From {date} on, {product} costs {price}.",
    level=Level.IMPORTANT,
    channels=["Channel 2"],
)


@asynccontextmanager
async def table(folder: Path, server: FakeServer | None = None) -> AsyncIterator[Desk]:
    """A window with its templates."""
    async with desk(folder, server) as on:
        controller = TemplatesController(on.window.form, on.session)
        try:
            yield on
        finally:
            await controller.aclose()


def menu(on: Desk) -> list[str]:
    """The names that the menu lists, as a person reads them."""
    actions = [one for one in on.window.form.templates.menu.actions() if one.isVisible()]
    names = [one.text().replace("&&", "&") for one in actions if not one.isSeparator()]
    return names[: names.index("Save as a template …")]


def action(on: Desk, name: str) -> QAction:
    """One line of the menu."""
    actions = [one for one in on.window.form.templates.menu.actions() if one.isVisible()]
    return next(one for one in actions if one.text().replace("&&", "&") == name)


async def offer_price(on: Desk) -> None:
    """Save ``PRICE``, and open the menu that has it."""
    await on.session.save_template(StoredTemplate("", PRICE))
    on.window.form.templates.about_to_open.emit()
    await until(lambda: menu(on) == ["Price & more"])


async def test_a_template_is_filled_in_before_it_is_sent(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        form, fill = on.window.form, on.window.form.templates.fill
        assert menu(on) == ["No templates yet"]
        await offer_price(on)
        action(on, "Price & more").trigger()
        assert form.channels.chosen() == ["Channel 2"]
        assert form.level.chosen() is Level.IMPORTANT
        assert list(fill.lines) == ["product", "date", "price"]
        assert fill.lines["date"].text()
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        assert form.notice.text() == "Fill in product first."
        QTest.keyClicks(fill.lines["product"], "Oil")
        QTest.keyClicks(fill.lines["price"], "Rp 34,500")
        assert form.title.text() == "New price for Oil"
        assert form.body.toPlainText().endswith(" on, Oil costs Rp 34,500.")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 1)
        await until(lambda: fill.isHidden() and not fill.lines)


async def test_what_the_form_holds_is_kept_and_another_console_has_it_too(
    qapp: QApplication, tmp_path: Path
) -> None:
    server = FakeServer()
    async with table(tmp_path / "a", server) as on, table(tmp_path / "b", server) as other:
        on.write("Channel 1", "Closing at {hour}", "Count the till.")
        action(on, "Save as a template …").trigger()
        QTest.keyClicks(on.window.form.templates.naming.name, "Closing")
        QTest.keyClick(on.window.form.templates.naming.name, Qt.Key.Key_Return)
        await until(lambda: on.window.form.notice.text() == "The template Closing is saved.")
        assert on.window.form.templates.naming.isHidden()
        other.window.form.templates.about_to_open.emit()
        await until(lambda: menu(other)[0] == "Closing")
        action(other, "Closing").trigger()
        assert other.window.form.title.text() == "Closing at {hour}"
        assert list(other.window.form.templates.fill.lines) == ["hour"]


async def test_a_name_that_is_taken_is_asked_about_and_a_nameless_one_refused(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        await on.session.save_template(StoredTemplate("", PRICE))
        on.write("Channel 1", "Other", "Other")
        strip, notice = on.window.form.templates.naming, on.window.form.notice
        strip.save_wanted.emit("PRICE & MORE")
        await answer("Keep it as it is")
        strip.save_wanted.emit(" ")
        await until(lambda: "name has 1 to 60 characters" in notice.text())
        assert [one.content for one in await on.session.templates()] == [PRICE]
        strip.save_wanted.emit("PRICE & MORE")
        await answer("Replace")
        await until(lambda: notice.text() == "The template PRICE & MORE is saved.")
        assert [one.content.title for one in await on.session.templates()] == ["Other"]


async def test_a_template_that_somebody_else_has_changed_is_not_deleted(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        first = await on.session.save_template(StoredTemplate("", PRICE))
        form = on.window.form
        form.templates.about_to_open.emit()
        await until(lambda: menu(on)[0] == "Price & more")
        changed = Template(name="Theirs", body="theirs")
        await on.session.save_template(StoredTemplate(first.id, changed, first.stored))
        form.templates.delete_wanted.emit(0)
        await answer("Delete")
        await until(lambda: "Somebody else has changed this" in form.notice.text())
        form.templates.about_to_open.emit()
        await until(lambda: menu(on)[0] == "Theirs")
        form.templates.delete_wanted.emit(0)
        await answer("Delete")
        await until(lambda: menu(on) == ["No templates yet"])


async def test_what_is_written_by_hand_before_a_placeholder_is_filled_in_is_not_lost(
    qapp: QApplication, tmp_path: Path
) -> None:
    """Each letter typed into the strip put the template's own text back."""
    async with table(tmp_path) as on:
        form, fill = on.window.form, on.window.form.templates.fill
        await offer_price(on)
        action(on, "Price & more").trigger()
        fill.lines["date"].setText("Monday")
        form.body.appendPlainText("Change the labels before you open.")
        QTest.keyClicks(fill.lines["product"], "Oil")
        form.title.setText("Attention: " + form.title.text())
        QTest.keyClicks(fill.lines["price"], "1")
        assert form.title.text() == "Attention: New price for Oil"
        by_hand = "\nChange the labels before you open."
        assert form.body.toPlainText() == "From Monday on, Oil costs 1." + by_hand
        action(on, "Save as a template …").trigger()  # with its placeholders
        form.templates.naming.name.setText("Other")
        form.templates.naming.save.click()
        await until(lambda: menu(on) == ["Other", "Price & more"])
        other, _ = await on.session.templates()
        assert other.content.title == "Attention: New price for {product}"
        assert other.content.body == PRICE.body + by_hand


async def test_a_template_says_something_else_but_takes_the_same_place(
    qapp: QApplication, tmp_path: Path
) -> None:
    """The line above the form still said so, and both messages stayed on the screens."""
    async with table(tmp_path) as on:
        form = on.window.form
        await offer_price(on)
        first = Draft(channels=["Channel 1"], title="Old", body="B", replaces=new_message_id())
        form.show_draft(msgspec.structs.replace(first, every=Every.DAY, series="x"))
        action(on, "Price & more").trigger()
        draft = form.draft()
        assert draft.title == PRICE.title
        assert (draft.replaces, draft.channels) == (first.replaces, ["Channel 1"])
        assert (draft.every, draft.series) == (Every.DAY, "x")


async def test_what_is_still_to_be_filled_in_is_asked_for_after_a_restart_too(
    qapp: QApplication, tmp_path: Path
) -> None:
    """Else outlets read "New price for {product}"."""
    async with table(tmp_path) as on:
        form = on.window.form
        await offer_price(on)
        action(on, "Price & more").trigger()
        form.templates.fill.lines["date"].setText("Monday")
        form.templates.fill.lines["product"].setText("Oil")
    async with table(tmp_path) as on:
        form, fill = on.window.form, on.window.form.templates.fill
        assert form.body.toPlainText() == "From Monday on, Oil costs {price}."
        assert list(fill.lines) == ["price"]
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        assert form.notice.text() == "Fill in price first."
        QTest.keyClicks(fill.lines["price"], "10")
        assert form.body.toPlainText() == "From Monday on, Oil costs 10."
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 1)


async def test_a_placeholder_that_was_taken_out_by_hand_need_not_be_filled_in(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        form = on.window.form
        await offer_price(on)
        action(on, "Price & more").trigger()
        form.title.setText("New price")
        form.body.setPlainText("Ask me.")
        QTest.mouseClick(form.send, Qt.MouseButton.LeftButton)
        await until(lambda: on.stored() == 1)


async def test_the_strip_of_a_template_is_closed_when_something_else_is_begun(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with table(tmp_path) as on:
        form = on.window.form
        await offer_price(on)
        action(on, "Price & more").trigger()
        form.begun.emit()
        assert form.templates.fill.isHidden()
        assert not form.templates.fill.lines
