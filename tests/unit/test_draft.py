"""A drill says on every screen that it is one, and is told apart from what was meant."""

from __future__ import annotations

from admin_app.draft import Draft, problems_of, to_message
from admin_app.recalling import draft_in_place_of
from shared.codec import decode_payload, encode_payload
from shared.model import MAX_TITLE


def drill(title: str = "Fire in the shop") -> Draft:
    return Draft(channels=["Channel 1"], title=title, body="Leave by the back door.", drill=True)


def test_a_drill_is_marked_in_its_title_which_every_tray_shows() -> None:
    message = to_message(drill(), "HQ", 1)
    assert message.title == "TEST · Fire in the shop"
    assert decode_payload(encode_payload(message)).drill
    assert not to_message(Draft(title="x", body="y"), "HQ", 1).drill


def test_what_takes_the_place_of_a_drill_is_one_and_marked_once() -> None:
    again = draft_in_place_of(to_message(drill(), "HQ", 1), 2)
    assert to_message(again, "HQ", 2).title == "TEST · Fire in the shop"


def test_the_mark_counts_towards_the_length_and_is_no_title_by_itself() -> None:
    assert problems_of(drill("x" * (MAX_TITLE - 7))) == []
    assert [one.field for one in problems_of(drill("x" * (MAX_TITLE - 6)))] == ["title"]
    assert [one.field for one in problems_of(drill(" "))] == ["title"]
