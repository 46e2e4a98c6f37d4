"""The console without its window: drafts, sending exactly once, and what was sent before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_app.draft import DRAFT_FILE, Draft, DraftFile, problems_of, to_message
from admin_app.sending import Sender, Sent, clock_in_doubt
from admin_app.session import ConsoleSession
from shared.bus import LinkState
from shared.clock import RedisClock
from shared.codec import decode_envelope, decode_payload, encode_payload
from shared.errors import (
    BadInput,
    LoginRefused,
    NotPermitted,
    Problem,
    RedisCannotStore,
    RedisUnreachable,
)
from shared.model import (
    ALL_CHANNELS,
    DAY_MS,
    MAX_BODY,
    MAX_CHANNELS,
    MAX_TITLE,
    Kind,
    Level,
    Message,
    new_message_id,
)
from shared.settings import Settings
from shared.signing import Signer, TrustedKey, Verifier
from tests.conftest import LogGuard, until
from tests.fakes import (
    ADDRESS,
    FakeConsoleBus,
    FakeConsoleLink,
    FakeServer,
    clock_of,
    envelope_of,
    make_message,
)

DRAFT = Draft(channels=["Channel 1"], title="Fire drill", body="At 10.")


@asynccontextmanager
async def running(
    bus: FakeConsoleBus, sender: Sender | None = None
) -> AsyncIterator[ConsoleSession]:
    """A session that keeps its link."""
    session = ConsoleSession(bus, sender or Sender(Settings()))
    task = asyncio.create_task(session.run())
    try:
        yield session
    finally:
        task.cancel()
        await asyncio.wait([task])


async def connected(session: ConsoleSession) -> None:
    """Wait until the console is connected."""
    await until(lambda: session.status.state is LinkState.CONNECTED)


def sent_to(server: FakeServer, channel: str) -> list[Message]:
    """What the log of *channel* holds."""
    entries = server.logs.get(channel, [])
    return [decode_payload(decode_envelope(entry.envelope).payload) for entry in entries]


# --- sending -------------------------------------------------------------------------------------


async def test_what_was_sent_can_be_taken_back_or_replaced() -> None:
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with running(bus) as session:
        await connected(session)
        first = await session.send(DRAFT)
        bus.lose_replies = 1
        second = await session.replace(first.message, Draft(title="New", body="At 11."))
        await session.recall(second.message)
    log = sent_to(server, "Channel 1")
    assert [one.kind for one in log] == [Kind.MESSAGE, Kind.MESSAGE, Kind.RECALL]
    assert (log[1].replaces, log[1].channels) == (first.message.id, ["Channel 1"])
    assert log[2].recalls == second.message.id


async def test_what_was_scheduled_before_the_retention_was_shortened_can_be_cancelled() -> None:
    server = FakeServer()
    waits = make_message(show_at=server.now_ms + 4 * DAY_MS)
    server.append("Channel 1", envelope_of(waits))
    server.now_ms += 3 * DAY_MS
    sender = Sender(Settings(retention_hours=24))
    async with running(FakeConsoleBus(server), sender) as session:
        await connected(session)
        assert await session.upcoming() == [waits]


async def test_of_two_consoles_that_change_one_message_only_the_first_does() -> None:
    """Both would have stood in its place, on every screen."""
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        sender, channels = Sender(Settings()), ["Channel 1"]
        first = (await sender.send(link, Draft(channels=channels, title="T", body="B"))).message
        mine, theirs = (
            Draft(channels=channels, title=title, body="B", replaces=first.id) for title in "AB"
        )
        await sender.send(link, mine)
        with pytest.raises(BadInput, match="recalled or replaced that message meanwhile"):
            await sender.send(link, theirs)
        assert (await sender.send(link, mine)).message.id == mine.id  # after a lost reply
        assert len(server.logs["Channel 1"]) == 2
        await sender.publish(link, sender.recall_of(first, server.now_ms))
        with pytest.raises(BadInput):
            await sender.send(link, theirs)


async def test_a_time_too_far_away_is_refused_before_anything_is_sent() -> None:
    server = FakeServer()
    async with running(FakeConsoleBus(server)) as session:
        await connected(session)
        late = msgspec.structs.replace(DRAFT, show_at=server.now_ms + 8 * DAY_MS)
        with pytest.raises(BadInput, match="can wait 168 hours"):
            await session.send(late)
    assert server.logs == {}


async def test_a_message_is_published_once_to_each_of_its_channels() -> None:
    server = FakeServer()
    async with running(FakeConsoleBus(server), Sender(Settings(sender="Ops"))) as session:
        await connected(session)
        announced: list[Sent] = []
        session.sent.connect(announced.append)
        draft = Draft(channels=["Channel 1", "Channel 2"], title="T", body="B", level=Level.URGENT)
        sent = await session.send(draft)
    assert sent_to(server, "Channel 1") == sent_to(server, "Channel 2") == [sent.message]
    assert announced == [sent]
    got = sent.message
    assert (got.id, got.title, got.body, got.level) == (draft.id, "T", "B", Level.URGENT)
    assert (got.sender, got.sent_at, got.kind) == ("Ops", server.now_ms, Kind.MESSAGE)


async def test_a_lost_reply_is_tried_again_and_makes_one_entry() -> None:
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with running(bus) as session:
        await connected(session)
        bus.lose_replies = 2
        sent = await session.send(DRAFT)
        again = await session.send(DRAFT)
    assert [one.id for one in sent_to(server, "Channel 1")] == [sent.message.id]
    assert again.message.id == sent.message.id


async def test_what_is_sent_again_later_is_still_of_when_it_was_sent() -> None:
    server = FakeServer()
    async with FakeConsoleBus(server).open() as link:
        sender = Sender(Settings(), clock=clock_of(server))
        draft = Draft(channels=["Channel 1"], title="T", body="B")
        first = await sender.send(link, draft)
        server.now_ms += DAY_MS
        assert (await sender.send(link, draft)).message == first.message


async def test_when_no_reply_ever_comes_the_admin_is_told_that_nobody_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("admin_app.linked.RESEND_WITHIN_S", 0.3)
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with running(bus) as session:
        await connected(session)
        bus.lose_replies = 1_000_000
        with pytest.raises(RedisUnreachable, match="not known whether it was sent"):
            await session.send(DRAFT)
    assert len(sent_to(server, "Channel 1")) == 1


async def test_without_a_link_nothing_is_sent_and_a_sentence_says_why(log_guard: LogGuard) -> None:
    server = FakeServer()
    session = ConsoleSession(FakeConsoleBus(server), Sender(Settings()))
    with pytest.raises(RedisUnreachable, match="not connected to Redis yet"):
        await session.send(DRAFT)

    log_guard.expect(r"refused: The login was refused\.")
    server.refuse = LoginRefused(ADDRESS, "The login was refused.")
    async with running(FakeConsoleBus(server)) as session:
        await until(lambda: session.status.state is LinkState.REFUSED)
        with pytest.raises(LoginRefused):
            await session.send(DRAFT)
        assert await session.count_connected(["Channel 1"]) is None
    assert server.logs == {}


async def test_a_refusal_reaches_the_admin_and_is_not_tried_again() -> None:
    server = FakeServer()
    bus = FakeConsoleBus(server)
    async with running(bus) as session:
        await connected(session)
        bus.refuse_publish = RedisCannotStore(ADDRESS, "Its memory is full.")
        with pytest.raises(RedisCannotStore):
            await session.send(DRAFT)
        bus.refuse_publish = None
        await session.send(DRAFT)
    assert len(sent_to(server, "Channel 1")) == 1


async def test_a_draft_with_problems_is_not_sent() -> None:
    server = FakeServer()
    async with running(FakeConsoleBus(server)) as session:
        await connected(session)
        with pytest.raises(BadInput) as caught:
            await session.send(Draft(channels=[], title="", body=""))
    assert [problem.field for problem in caught.value.problems] == ["channels", "title", "body"]
    assert server.logs == {}


async def test_a_message_that_redis_has_counts_as_sent_even_if_nobody_can_be_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refused(*_: object) -> int:
        raise NotPermitted(ADDRESS, "The account may not count.")

    monkeypatch.setattr(FakeConsoleLink, "connected", refused)
    server = FakeServer()
    async with running(FakeConsoleBus(server)) as session:
        await connected(session)
        sent = await session.send(DRAFT)
    assert [one.id for one in sent_to(server, "Channel 1")] == [sent.message.id]


async def test_with_a_key_messages_are_signed() -> None:
    signer = Signer("hq", b"\x01" * 32, "siaran")
    server = FakeServer()
    async with running(FakeConsoleBus(server), Sender(Settings(), signer)) as session:
        await connected(session)
        sent = await session.send(DRAFT)
    [entry] = server.logs["Channel 1"]
    envelope = decode_envelope(entry.envelope)
    verifier = Verifier({"hq": TrustedKey("hq", signer.public)}, "siaran")
    assert (
        verifier.weigh(envelope.payload, envelope.sigs, sent.message, [entry.id.ms]).refusal is None
    )


# --- the link ------------------------------------------------------------------------------------


async def test_the_console_comes_back_when_the_server_does(log_guard: LogGuard) -> None:
    log_guard.expect(r"reconnecting: Nothing answers\.")
    server = FakeServer(refuse=RedisUnreachable(ADDRESS, "Nothing answers."))
    async with running(FakeConsoleBus(server)) as session:
        await until(lambda: session.status.state is LinkState.RECONNECTING)
        server.refuse = None
        await connected(session)
        assert await session.count_connected(["Channel 1"]) == 0


# --- drafts --------------------------------------------------------------------------------------

LONG_TITLE = f"The title has {MAX_TITLE + 1} characters; {MAX_TITLE} is the most that can be sent."
LONG_BODY = f"The message has {MAX_BODY + 1} characters; {MAX_BODY} is the most that can be sent."


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"channels": []}, "channels", "Choose a channel."),
        ({"channels": ["*", "A"]}, "channels", "Choose either all channels or some of them."),
        ({"channels": ["two\nlines"]}, "channels", "'two lines' cannot be a channel's name."),
        ({"channels": [""]}, "channels", "'' cannot be a channel's name."),
        ({"title": ""}, "title", "Write a title."),
        ({"title": " \t\u200b"}, "title", "Write a title."),
        ({"title": "x" * (MAX_TITLE + 1)}, "title", LONG_TITLE),
        ({"body": ""}, "body", "Write a message."),
        ({"body": "\n\u2060\u202e"}, "body", "Write a message."),
        ({"body": "x" * (MAX_BODY + 1)}, "body", LONG_BODY),
    ],
)
def test_what_keeps_a_draft_from_being_sent(
    changes: dict[str, Any], field: str, sentence: str
) -> None:
    [problem] = problems_of(msgspec.structs.replace(DRAFT, **changes))
    assert (problem.field, problem.sentence) == (field, sentence)


@pytest.mark.parametrize("no_channel", [False, True])
@pytest.mark.parametrize("title", ["", " ", "x" * (MAX_TITLE + 1), "Title"])
@pytest.mark.parametrize("body", ["", " ", "x" * (MAX_BODY + 1), "Body"])
def test_every_wrong_field_is_named_in_the_forms_order(
    no_channel: bool, title: str, body: str
) -> None:
    draft = Draft(channels=[] if no_channel else ["*"], title=title, body=body)
    wrong = {"channels": no_channel, "title": title != "Title", "body": body != "Body"}
    expected = [field for field, is_wrong in wrong.items() if is_wrong]
    assert [problem.field for problem in problems_of(draft)] == expected


def test_what_just_fits_can_be_sent() -> None:
    channels = [f"Channel {number}" for number in range(MAX_CHANNELS)]
    draft = Draft(channels=channels, title="x" * MAX_TITLE, body="x" * MAX_BODY)
    assert problems_of(draft) == []


texts = st.text(st.characters() | st.sampled_from("\u202e\r\n\u2028\u200b\x00 \ud83d😀<"))
channel_lists = st.lists(
    texts | st.sampled_from(["Channel 1", "Channel 2", ALL_CHANNELS]), min_size=1, max_size=3
)


@given(st.builds(Draft, channels=channel_lists, title=texts, body=texts), st.text(max_size=100))
def test_a_draft_without_problems_becomes_a_message_that_every_tray_reads(
    draft: Draft, sender: str
) -> None:
    if not problems_of(draft):
        sent = to_message(draft, sender, sent_at=5)
        assert decode_payload(encode_payload(sent)) == sent


def test_a_channel_chosen_twice_still_makes_a_message_that_trays_read() -> None:
    draft = msgspec.structs.replace(DRAFT, channels=["Channel 1", "Channel 1"])
    if not problems_of(draft):
        decode_payload(encode_payload(to_message(draft, "", sent_at=5)))


def test_text_is_cleaned_when_it_becomes_a_message() -> None:
    draft = Draft(
        channels=["*"],
        title=" Invoice\u202efdp.exe\nnow ",
        body="\r\n\r\na\tb\r\n\x1b[31m<b>\u2066 مرحبا\x00\n\n",
        level=Level.IMPORTANT,
    )
    made = to_message(draft, "Head\noffice", sent_at=7)
    assert (made.title, made.body) == ("Invoicefdp.exe now", "a\tb\n[31m<b> مرحبا")
    assert (made.sender, made.sent_at, made.level) == ("Head office", 7, Level.IMPORTANT)
    assert (made.id, made.channels) == (draft.id, ["*"])


def test_a_draft_keeps_its_id_while_it_says_the_same() -> None:
    same = Draft(channels=["Channel 1"], title="Fire drill", body="At 10.")
    assert same.id != DRAFT.id
    assert DRAFT.changed(same) == DRAFT


@pytest.mark.parametrize(
    "changes",
    [{"title": "x"}, {"body": "x"}, {"level": Level.URGENT}, {"channels": ["Channel 2"]}],
    ids=str,
)
def test_a_draft_that_says_something_else_is_another(changes: dict[str, Any]) -> None:
    other = msgspec.structs.replace(DRAFT, id=new_message_id(), **changes)
    assert DRAFT.changed(other) == other


# --- the kept draft ------------------------------------------------------------------------------


def test_a_kept_draft_is_found_again_with_its_id(tmp_path: Path) -> None:
    file = DraftFile(tmp_path / "new" / "folder")
    file.save(DRAFT)
    assert file.load() == DRAFT


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"level": "loud"}', b'{"title": "\xff"}'])
def test_a_damaged_draft_counts_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DRAFT_FILE).write_bytes(content)
    draft = DraftFile(tmp_path).load()
    assert (draft.title, draft.body) == ("", "")


def test_a_disk_that_refuses_keeps_nobody_from_sending(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = DraftFile(tmp_path / "file" / "folder")
    file.save(DRAFT)
    assert file.load().title == ""


def test_half_an_emoji_does_not_stop_the_draft_from_being_kept(tmp_path: Path) -> None:
    file = DraftFile(tmp_path)
    file.save(msgspec.structs.replace(DRAFT, body="At 10 \ud83d"))
    assert file.load().title == DRAFT.title


async def test_a_console_that_cannot_sign_as_it_should_sends_nothing() -> None:
    server = FakeServer()
    refusal = BadInput([Problem("signing_key_file", "It cannot be read.")])
    async with running(FakeConsoleBus(server), Sender(Settings(), refusal=refusal)) as session:
        await connected(session)
        with pytest.raises(BadInput, match="cannot be read"):
            await session.send(Draft(channels=["Channel 1"], title="T", body="B"))
    assert server.logs == {}


@pytest.mark.parametrize(
    ("says", "date"), [(0, "1970-01-01 00:00 UTC"), (2**53, "9999-12-31 23:59 UTC")]
)
def test_a_clock_in_doubt_is_quoted_as_it_is(says: int, date: str) -> None:
    """Also where it says what nobody takes for a time, or what no calendar has."""
    now = 1_800_000_000_000
    clock = RedisClock(wall=lambda: now, steady=lambda: now)
    clock.set(now)
    clock.set(says)
    assert clock.in_doubt
    assert f"says {date}, but it should be 2027-01-15" in str(clock_in_doubt(clock))
