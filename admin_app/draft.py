"""What the admin has typed: checked, turned into a message, and never lost."""

from __future__ import annotations

import contextlib
import enum
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared import held_files
from shared.codec import MAX_REPLY, WireError, is_channel_name
from shared.documents import MAX_OWN_FILE, decode_document
from shared.errors import Problem
from shared.model import (
    ALL_CHANNELS,
    HOUR_MS,
    MAX_BODY,
    MAX_CHANNELS,
    MAX_REPLIES,
    MAX_TITLE,
    PROTOCOL_VERSION,
    Ack,
    Format,
    Kind,
    Level,
    Message,
    new_message_id,
)
from shared.phrases import phrase, phrase_n
from shared.private import create_folder, write_private
from shared.text import is_blank, safe_line, safe_text

DRAFT_FILE = "draft.json"
ASIDE_FILE = "draft-aside.json"
DRILL_MARK = "TEST · "
"""Before the title of a drill, the same in every language."""
PAST_MS = 10 * 60_000
"""So long ago a message may have been due: sending again what got no reply must not fail."""
TOO_SHORT = phrase("It would expire before anybody has seen it.")
_NO_TITLE, _NO_BODY = phrase("Write a title."), phrase("Write a message.")


class Every(enum.StrEnum):
    """How often a message recurs."""

    DAY = "day"
    WEEKDAY = "weekday"
    WEEK = "week"
    MONTH = "month"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A message that has not been accepted by Redis yet.

    ``id`` stays the same while the content does, so that sending again after an unclear end cannot
    make two messages of one.
    """

    id: str = msgspec.field(default_factory=new_message_id)
    channels: list[str] = msgspec.field(default_factory=lambda: [ALL_CHANNELS])
    title: str = ""
    body: str = ""
    level: Level = Level.NORMAL
    format: Format = Format.PLAIN
    ack: Ack = Ack.PC
    replies: list[str] = msgspec.field(default_factory=list)
    show_at: int | None = None
    expires_at: int | None = None
    """Both in ms by Redis' clock."""
    drill: bool = False
    """An exercise: marked on every screen, and not counted with the others."""
    replaces: str | None = None
    """Id of the message whose place it takes."""
    fill: list[str] = msgspec.field(default_factory=list)
    """Placeholders of a template that stand in the texts and are still to be filled in."""
    every: Every | None = None
    """How often it recurs; None: it is sent once."""
    series: str = ""
    """Id of the series that it changes, or perhaps has begun already."""
    series_before: bytes | None = None
    """That series as Redis had it when it was opened; None: it is new."""

    @property
    def written(self) -> bool:
        """Whether somebody has written anything."""
        return not (is_blank(self.title) and is_blank(self.body))

    @property
    def place(self) -> tuple[str | None, str]:
        """What it takes the place of: a message, a series, or nothing."""
        return self.replaces, self.series if self.series_before is not None else ""

    def changed(self, other: Draft) -> Draft:
        """Return *other*, under this draft's id if it says the same."""
        same = msgspec.structs.replace(other, id=self.id)
        return same if same == self else other


def problems_of(draft: Draft) -> list[Problem]:
    """Everything that keeps *draft* from being sent, in the order of the form's fields."""
    found = [
        _channel_problem(draft.channels),
        _text_problem(
            "title", _title(draft), MAX_TITLE, phrase("Write a title."), phrase("The title")
        ),
        _text_problem(
            "body", draft.body, MAX_BODY, phrase("Write a message."), phrase("The message")
        ),
        _reply_problem(draft.replies),
        _repeat_problem(draft),
    ]
    return [problem for problem in found if problem is not None]


def timing_problems_of(draft: Draft, now_ms: int, retention_ms: int) -> list[Problem]:
    """Everything that is wrong with the times of *draft* when it is *now_ms* by Redis' clock.

    A message may wait for its time as long as the retention, and then stay as long again: no longer
    do the logs keep it for PCs that are off (``shared/PROTOCOL.md``, section 3).
    """
    hours = retention_ms // HOUR_MS
    show_at, expires_at = draft.show_at, draft.expires_at
    found = []
    if show_at is not None and show_at > now_ms + retention_ms:
        sentence = phrase_n(
            "A message can wait {n} hour for its time, and no longer.",
            "A message can wait {n} hours for its time, and no longer.",
            hours,
        )
        found.append(Problem("show_at", sentence))
    if show_at is not None and show_at < now_ms - PAST_MS:
        found.append(Problem("show_at", phrase("The time to show it is over.")))
    if expires_at is not None and expires_at <= max(now_ms, show_at or 0):
        found.append(Problem("expires_at", TOO_SHORT))
    if expires_at is not None and expires_at > max(now_ms, show_at or 0) + retention_ms:
        sentence = phrase_n(
            "A message can stay {n} hour, and no longer.",
            "A message can stay {n} hours, and no longer.",
            hours,
        )
        found.append(Problem("expires_at", sentence))
    return found


def to_message(draft: Draft, sender: str, sent_at: int) -> Message:
    """Make the message to publish; *sent_at* is ms by Redis' clock."""
    return Message(
        v=PROTOCOL_VERSION,
        id=draft.id,
        kind=Kind.MESSAGE,
        channels=list(dict.fromkeys(draft.channels)),
        sent_at=sent_at,
        title=_title(draft),
        body=safe_text(draft.body).strip("\n"),
        format=draft.format,
        level=draft.level,
        sender=safe_line(sender),
        show_at=draft.show_at,
        expires_at=draft.expires_at,
        ack=draft.ack,
        replies=[safe_line(reply) for reply in draft.replies],
        replaces=draft.replaces,
        drill=draft.drill,
    )


def _title(draft: Draft) -> str:
    """What every screen shows, also one of an older tray: a drill is marked in its title."""
    title = safe_line(draft.title)
    if not draft.drill or is_blank(title) or title.startswith(DRILL_MARK):
        return title
    return f"{DRILL_MARK}{title}"


def _channel_problem(channels: list[str]) -> Problem | None:
    if not channels:
        return Problem("channels", phrase("Choose a channel."))
    if ALL_CHANNELS in channels and len(channels) > 1:
        return Problem("channels", phrase("Choose either all channels or some of them."))
    if len(channels) > MAX_CHANNELS:
        return Problem("channels", phrase("Choose at most {most} channels.", most=MAX_CHANNELS))
    wrong = [name for name in channels if name != ALL_CHANNELS and not is_channel_name(name)]
    if wrong:
        return Problem(
            "channels", phrase("{name!r} cannot be a channel's name.", name=safe_line(wrong[0], 40))
        )
    return None


def _repeat_problem(draft: Draft) -> Problem | None:
    if draft.every is None or draft.show_at is not None:
        return None
    return Problem("show_at", phrase("Choose when it is shown for the first time."))


def _reply_problem(replies: list[str]) -> Problem | None:
    if len(replies) > MAX_REPLIES:
        return Problem("replies", phrase("Offer at most {most} answers.", most=MAX_REPLIES))
    lines = [safe_line(reply) for reply in replies]
    if any(is_blank(line) for line in lines):
        return Problem("replies", phrase("Write something on every answer."))
    if any(len(line) > MAX_REPLY for line in lines):
        sentence = phrase("An answer has at most {most} characters.", most=MAX_REPLY)
        return Problem("replies", sentence)
    if len(set(lines)) < len(lines):
        return Problem("replies", phrase("Two answers are the same."))
    return None


def _text_problem(field: str, text: str, limit: int, empty: str, what: str) -> Problem | None:
    if is_blank(text):
        return Problem(field, empty)
    if len(text) > limit:
        return Problem(
            field,
            phrase(
                "{what} has {n} characters; {limit} is the most that can be sent.",
                what=what,
                n=len(text),
                limit=limit,
            ),
        )
    return None


@dataclass(frozen=True, slots=True)
class DraftFile:
    """Keeps the draft over a closed window, a crash or a log-off."""

    folder: Path
    name: str = DRAFT_FILE

    @property
    def aside(self) -> DraftFile:
        """Where a draft waits while something that was sent before is changed."""
        return DraftFile(self.folder, ASIDE_FILE)

    def load(self) -> Draft:
        """Return the kept draft; an empty one if there is none that can be read."""
        try:
            return decode_document(held_files.read_bytes(self._path), Draft, MAX_OWN_FILE)
        except (OSError, WireError):
            return Draft()

    def save(self, draft: Draft) -> None:
        """Keep *draft*; a disk that refuses must not keep anybody from sending."""
        with contextlib.suppress(OSError):
            create_folder(self.folder)
            write_private(self._path, msgspec.json.encode(_storable(draft)))

    @property
    def _path(self) -> Path:
        return self.folder / self.name


def _storable(draft: Draft) -> Draft:
    """Half an emoji, as an editor may hold for a moment, cannot be written as UTF-8."""
    title, body, *replies = (
        text.encode("utf-8", "replace").decode()
        for text in (draft.title, draft.body, *draft.replies)
    )
    return msgspec.structs.replace(draft, title=title, body=body, replies=replies)
