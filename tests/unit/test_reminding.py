"""Reminders: what they say, and of what nobody can be reminded."""

from __future__ import annotations

import pytest

from admin_app.reminding import reminder_of
from shared.codec import decode_payload, encode_payload
from shared.errors import BadInput
from shared.model import HOUR_MS, Ack, Kind, Level
from tests.fakes import make_message as message

NOW = 1_800_000_000_000
DAY = 24 * HOUR_MS


def test_a_reminder_names_its_message_and_goes_where_that_went() -> None:
    one = message(sent_at=NOW, channels=["A", "B"], level=Level.URGENT)
    reminder = reminder_of(one, "Ops", NOW + 5, 7 * DAY)
    assert (reminder.kind, reminder.reminds, reminder.channels) == (Kind.REMIND, one.id, ["A", "B"])
    assert (reminder.sent_at, reminder.expires_at) == (NOW + 5, NOW + DAY)
    assert (reminder.level, reminder.sender) == (Level.URGENT, "Ops")
    assert reminder.id != one.id
    assert decode_payload(encode_payload(reminder)) == reminder


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channels": []}, "text of this message"),
        ({"level": Level.SILENT}, "opens no popup"),
        ({"ack": Ack.NONE}, "asks nobody"),
        ({"expires_at": NOW}, "expired"),
        ({"sent_at": NOW - 7 * DAY}, "expired"),
        ({"show_at": NOW + 1}, "not been shown yet"),
    ],
)
def test_of_some_messages_nobody_can_be_reminded(changes: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        reminder_of(message(**{"sent_at": NOW, **changes}), "Ops", NOW, 7 * DAY)
