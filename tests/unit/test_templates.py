"""Templates: their placeholders, and that nobody overwrites another's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.templates import (
    StoredTemplate,
    Template,
    delete_template,
    filled,
    names,
    read_templates,
    rebased,
    save_template,
    unfilled,
)
from shared.bus import Shelf
from shared.errors import BadInput, ChangedMeanwhile
from shared.model import Level
from tests.fakes import FakeConsoleBus, FakeServer

PRICE = Template(
    name="Price change",
    title="New price for {product}",
    body="From {date} on, {product} costs {price}. {not a name!} {}",
    level=Level.IMPORTANT,
)


def test_placeholders_are_found_once_and_in_order() -> None:
    assert PRICE.placeholders() == ["product", "date", "price"]


def test_values_take_the_place_of_their_placeholders_and_of_nothing_else() -> None:
    used = PRICE.filled({"product": "oil {price}", "price": "3", "date": ""})
    assert used.title == "New price for oil {price}"
    assert used.body == "From {date} on, oil {price} costs 3. {not a name!} {}"
    assert unfilled("{date} {date} {}") == ["date"]


@given(
    pattern=st.lists(st.sampled_from(["{a}", "{b}", "x", " ", "cost "]), max_size=9).map("".join),
    values=st.dictionaries(st.sampled_from("ab"), st.sampled_from(["x", "xx", "Oil", ""])),
    shown=st.text("xOil ", max_size=12),
)
def test_what_was_written_by_hand_stays_whatever_is_filled_in(
    pattern: str, values: dict[str, str], shown: str
) -> None:
    assert filled(rebased(pattern, values, shown), values) == shown
    before = filled(pattern, values)
    assert rebased(pattern, values, before) == pattern


def test_placeholders_beside_what_was_written_by_hand_stay_placeholders() -> None:
    pattern, values = "Dear {who}, {what} costs {price}.", {"who": "all", "price": "1"}
    shown = "Dear all, {what} now costs 1."
    assert rebased(pattern, values, shown) == "Dear {who}, {what} now costs {price}."
    assert rebased(pattern, {}, pattern + " Thanks!") == pattern + " Thanks!"
    assert rebased(pattern, values, "") == ""


async def test_a_template_is_saved_read_changed_and_deleted() -> None:
    async with FakeConsoleBus(FakeServer()).open() as link:
        first = await save_template(link, StoredTemplate("", PRICE))
        await save_template(link, StoredTemplate("", Template(name="a first", body="x")))
        found = await read_templates(link)
        assert names(found) == ["a first", "Price change"]
        assert found[1] == first
        await delete_template(link, found[0])
        assert names(await read_templates(link)) == ["Price change"]


async def test_two_people_never_overwrite_each_other_silently() -> None:
    async with FakeConsoleBus(FakeServer()).open() as link:
        first = await save_template(link, StoredTemplate("", PRICE))
        mine = Template(name="Mine", body="mine")
        theirs = Template(name="Theirs", body="theirs")
        await save_template(link, StoredTemplate(first.id, theirs, first.stored))
        with pytest.raises(ChangedMeanwhile):
            await save_template(link, StoredTemplate(first.id, mine, first.stored))
        with pytest.raises(ChangedMeanwhile):
            await delete_template(link, first)
        assert names(await read_templates(link)) == ["Theirs"]


async def test_what_cannot_be_read_is_left_out_and_left_alone() -> None:
    server = FakeServer()
    server.shelves[Shelf.TEMPLATES] = {"x": b"\xff", "y": b"[]", "z": b'{"name":"Z"}'}
    async with FakeConsoleBus(server).open() as link:
        assert names(await read_templates(link)) == ["Z"]
    assert set(server.shelves[Shelf.TEMPLATES]) == {"x", "y", "z"}


@pytest.mark.parametrize(
    "template",
    [
        Template(name="", body="x"),
        Template(name="x" * 61, body="x"),
        Template(name="x", body=" \n"),
        Template(name="x", title="x" * 201),
        Template(name="x", body="x" * 8001),
    ],
)
async def test_what_cannot_be_used_is_not_saved(template: Template) -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        with pytest.raises(BadInput):
            await save_template(link, StoredTemplate("", template))
    assert not server.shelves
