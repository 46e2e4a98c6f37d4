"""What a draft may say besides its text, and how what was sent is taken back or replaced."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from admin_app.draft import (
    PAST_MS,
    Draft,
    DraftFile,
    Every,
    problems_of,
    timing_problems_of,
    to_message,
)
from admin_app.recalling import draft_in_place_of, recall_of
from shared.codec import decode_payload, encode_payload
from shared.errors import BadInput
from shared.model import DAY_MS, HOUR_MS, Ack, Format, Kind, Level
from tests.fakes import make_message

NOW = 1_800_000_000_000
RETENTION_MS = 7 * DAY_MS
TEXT = Draft(channels=["Channel 1"], title="Rice", body="Is any left?")


def with_(**changes: object) -> Draft:
    """A draft that could be sent but for *changes*."""
    return msgspec.structs.replace(TEXT, **changes)


def sentences(draft: Draft) -> list[str]:
    """Everything wrong with it now."""
    found = [*problems_of(draft), *timing_problems_of(draft, NOW, RETENTION_MS)]
    return [f"{problem.field}: {problem.sentence}" for problem in found]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"show_at": NOW + RETENTION_MS + 1}, "show_at: A message can wait 168 hours"),
        ({"show_at": NOW - PAST_MS - 1}, "show_at: The time to show it is over."),
        ({"expires_at": NOW}, "expires_at: It would expire before anybody has seen it."),
        (
            {"show_at": NOW + HOUR_MS, "expires_at": NOW + HOUR_MS},
            "expires_at: It would expire before anybody has seen it.",
        ),
        ({"expires_at": NOW + RETENTION_MS + 1}, "expires_at: A message can stay 168 hours"),
        ({"replies": list("abcde")}, "replies: Offer at most 4 answers."),
        ({"replies": ["Yes", "\u200b "]}, "replies: Write something on every answer."),
        ({"replies": ["x" * 41]}, "replies: An answer has at most 40 characters."),
        ({"replies": ["Yes", " Yes "]}, "replies: Two answers are the same."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(changes: dict[str, object], problem: str) -> None:
    [found] = sentences(with_(**changes))
    assert found.startswith(problem)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"show_at": NOW + RETENTION_MS, "expires_at": NOW + 2 * RETENTION_MS},
        {"show_at": NOW - PAST_MS},
        {"replies": ["Yes", "No", "Ask me", "x" * 40]},
    ],
)
def test_what_can_be_is_sent(changes: dict[str, object]) -> None:
    assert sentences(with_(**changes)) == []


def test_everything_goes_into_the_message_and_over_the_wire() -> None:
    draft = with_(
        format=Format.MARKDOWN,
        ack=Ack.OUTLET,
        replies=[" Yes ", "No"],
        show_at=NOW + 1,
        expires_at=NOW + 2,
        replaces=make_message().id,
    )
    message = decode_payload(encode_payload(to_message(draft, "HQ", NOW)))
    assert (message.format, message.ack, message.replies) == (
        Format.MARKDOWN,
        Ack.OUTLET,
        ["Yes", "No"],
    )
    assert (message.show_at, message.expires_at) == (NOW + 1, NOW + 2)
    assert message.replaces == draft.replaces


def test_a_draft_with_half_an_emoji_in_a_reply_is_kept(tmp_path: Path) -> None:
    DraftFile(tmp_path).save(with_(replies=["\ud83d"], show_at=NOW))
    kept = DraftFile(tmp_path).load()
    assert (kept.replies, kept.show_at) == (["?"], NOW)


def test_a_draft_of_an_older_console_is_read(tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_bytes(b'{"title": "Old", "level": "urgent"}')
    assert DraftFile(tmp_path).load().title == "Old"


# --- recalling, replacing ------------------------------------------------------------------------


def test_a_recall_goes_where_the_message_went_and_expires_with_it() -> None:
    message = make_message(channels=["Channel 1", "Kasir"], expires_at=NOW + 5)
    recall = recall_of(message, "HQ", NOW, RETENTION_MS)
    assert (recall.kind, recall.recalls) == (Kind.RECALL, message.id)
    assert (recall.channels, recall.expires_at) == (message.channels, NOW + 5)
    assert decode_payload(encode_payload(recall)) == recall


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expires_at": NOW}, "has expired"),
        ({"channels": []}, "does not know any more where"),
    ],
)
def test_what_is_over_or_unknown_cannot_be_recalled(changes: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        recall_of(make_message(**changes), "HQ", NOW, RETENTION_MS)


def test_what_recurs_has_a_first_time() -> None:
    """Without one it was shown at 7 o'clock, where it was that in the first second of 1970."""
    draft = Draft(title="T", body="B", every=Every.DAY)
    assert [problem.field for problem in problems_of(draft)] == ["show_at"]
    assert problems_of(msgspec.structs.replace(draft, show_at=NOW)) == []


@pytest.mark.parametrize(("hours", "words"), [(1, "1 hour,"), (24, "24 hours,")])
def test_one_hour_is_not_hours(hours: int, words: str) -> None:
    draft = Draft(title="T", body="B", expires_at=NOW + 30 * DAY_MS)
    [problem] = timing_problems_of(draft, NOW, hours * HOUR_MS)
    assert words in problem.sentence


def test_what_takes_a_message_s_place_begins_as_that_was() -> None:
    message = make_message(
        level=Level.URGENT,
        ack=Ack.OUTLET,
        replies=["Yes"],
        show_at=NOW + 5,
        expires_at=NOW + 9,
    )
    draft = draft_in_place_of(message, NOW)
    assert (draft.replaces, draft.channels) == (message.id, message.channels)
    assert (draft.title, draft.level, draft.ack) == (message.title, Level.URGENT, Ack.OUTLET)
    assert (draft.show_at, draft.expires_at) == (NOW + 5, NOW + 9)
    drill = make_message(title="TEST · Fire", drill=True)
    meant = msgspec.structs.replace(draft_in_place_of(drill, NOW), drill=False)
    assert to_message(meant, "", NOW).title == "Fire", "what is meant is not marked as a drill"
    later = draft_in_place_of(message, NOW + 10)
    assert (later.show_at, later.expires_at) == (None, None), "what is over holds no more"
