"""What the admin has typed: checked, turned into a message, and never lost."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared.codec import is_channel_name
from shared.errors import Problem
from shared.model import (
    ALL_CHANNELS,
    MAX_BODY,
    MAX_CHANNELS,
    MAX_TITLE,
    PROTOCOL_VERSION,
    Kind,
    Level,
    Message,
    new_message_id,
)
from shared.phrases import phrase
from shared.text import is_blank, safe_line, safe_text

DRAFT_FILE = "draft.json"
_NO_TITLE, _NO_BODY = phrase("Write a title."), phrase("Write a message.")


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

    def changed(self, other: Draft) -> Draft:
        """Return *other*, under this draft's id if it says the same."""
        same = msgspec.structs.replace(other, id=self.id)
        return same if same == self else other


def problems_of(draft: Draft) -> list[Problem]:
    """Everything that keeps *draft* from being sent, in the order of the form's fields."""
    found = [
        _channel_problem(draft.channels),
        _text_problem(
            "title", draft.title, MAX_TITLE, phrase("Write a title."), phrase("The title")
        ),
        _text_problem(
            "body", draft.body, MAX_BODY, phrase("Write a message."), phrase("The message")
        ),
    ]
    return [problem for problem in found if problem is not None]


def to_message(draft: Draft, sender: str, sent_at: int) -> Message:
    """Make the message to publish; *sent_at* is ms by Redis' clock."""
    return Message(
        v=PROTOCOL_VERSION,
        id=draft.id,
        kind=Kind.MESSAGE,
        channels=list(dict.fromkeys(draft.channels)),
        sent_at=sent_at,
        title=safe_line(draft.title),
        body=safe_text(draft.body).strip("\n"),
        level=draft.level,
        sender=safe_line(sender),
    )


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

    def load(self) -> Draft:
        """Return the kept draft; an empty one if there is none that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Draft)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return Draft()

    def save(self, draft: Draft) -> None:
        """Keep *draft*; a disk that refuses must not keep anybody from sending."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.write_bytes(msgspec.json.encode(_storable(draft)))
            beside.replace(self._path)

    @property
    def _path(self) -> Path:
        return self.folder / DRAFT_FILE


def _storable(draft: Draft) -> Draft:
    """Half an emoji, as an editor may hold for a moment, cannot be written as UTF-8."""
    title, body = (text.encode("utf-8", "replace").decode() for text in (draft.title, draft.body))
    return msgspec.structs.replace(draft, title=title, body=body)
