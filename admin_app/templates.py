"""Templates: messages that are written again and again, shared by all consoles. Without Qt.

A title or a text may hold placeholders, ``{product}``: whoever uses the template fills them in. The
names ``date`` and ``time`` are filled in by the program. Braces that are no placeholder stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from admin_app.draft import Draft
from admin_app.shelf import Stored, put, read_shelf, remove
from shared.bus import ConsoleLink, Shelf
from shared.documents import Entries
from shared.errors import BadInput, Problem
from shared.model import MAX_BODY, MAX_TITLE, Ack, Format, Level
from shared.phrases import phrase
from shared.text import is_blank, safe_line

PLACEHOLDER = re.compile(r"\{([^\W\d][\w ]{0,39})\}")
"""A letter, then letters, digits, spaces or underscores."""
CONTENT = ("title", "body", "level", "format", "ack", "replies", "channels")
"""What a template has of a message."""
MAX_NAME = 60
"""Characters; ours, so that a name fits a menu."""


class Template(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a message of this kind begins with."""

    name: str
    title: str = ""
    body: str = ""
    level: Level = Level.NORMAL
    format: Format = Format.PLAIN
    ack: Ack = Ack.PC
    replies: list[str] = msgspec.field(default_factory=list)
    channels: list[str] = msgspec.field(default_factory=list)
    """Empty: whatever is chosen stays."""

    @classmethod
    def of(cls, draft: Draft, name: str) -> Template:
        """What *draft* says, under *name*."""
        return cls(name=name, **{field: getattr(draft, field) for field in CONTENT})

    def draft(self, **rest: Any) -> Draft:
        """A draft that says this; *rest* are its other fields."""
        return Draft(**{field: getattr(self, field) for field in CONTENT} | rest)

    def placeholders(self) -> list[str]:
        """Names to fill in, in the order of their first appearance."""
        return list(dict.fromkeys(PLACEHOLDER.findall(f"{self.title}\n{self.body}")))

    def filled(self, values: Mapping[str, str]) -> Template:
        """Put *values* in place of their placeholders; those without a value stay as they are."""
        return msgspec.structs.replace(
            self, title=filled(self.title, values), body=filled(self.body, values)
        )


StoredTemplate = Stored[Template]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put *values* in place of their placeholders, once: a value is never read as a template."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1]) or match[0], text)


def rebased(pattern: str, values: Mapping[str, str], shown: str) -> str:
    """*pattern* as somebody has edited it: filled with *values*, it is what is *shown* now.

    What lies between the first and the last difference is taken as it stands; placeholders outside
    of it stay placeholders.
    """
    before = filled(pattern, values)
    begin = _common(before, shown)
    rest = _common(before[begin:][::-1], shown[begin:][::-1])
    end = len(before) - rest
    head, tail, at = "", "", 0
    for piece in _pieces(pattern):
        value = filled(piece, values)
        stop = at + len(value)
        if stop <= begin:
            head += piece
        elif at >= end:
            tail += piece
        else:
            head += value[: max(0, begin - at)]
            tail += value[max(0, end - at) :]
        at = stop
    return head + shown[begin : len(shown) - rest] + tail


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _pieces(pattern: str) -> Iterator[str]:
    """*pattern* in pieces of which each is a placeholder or has none."""
    at = 0
    for match in PLACEHOLDER.finditer(pattern):
        yield pattern[at : match.start()]
        yield match[0]
        at = match.end()
    yield pattern[at:]


def unfilled(text: str) -> list[str]:
    """Placeholders of *text* that nobody has filled in."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


async def read_templates(link: ConsoleLink) -> Entries[StoredTemplate]:
    """Every template, by name."""
    found = await read_shelf(link, Shelf.TEMPLATES, Template)
    found.sort(key=lambda one: one.content.name.casefold())
    return found


async def save_template(link: ConsoleLink, one: StoredTemplate) -> StoredTemplate:
    """Write *one*, new or changed, and return it as it is stored now.

    Raises:
        BadInput: it cannot be used.
        ChangedMeanwhile: another console was quicker.
    """
    problems = problems_of(one.content)
    if problems:
        raise BadInput(problems)
    return await put(link, Shelf.TEMPLATES, one)


async def delete_template(link: ConsoleLink, one: StoredTemplate) -> None:
    """Delete *one*.

    Raises:
        ChangedMeanwhile: another console has changed it.
    """
    await remove(link, Shelf.TEMPLATES, one)


def problems_of(template: Template) -> list[Problem]:
    """Everything that keeps *template* from being saved."""
    name = safe_line(template.name)
    found = []
    if not name or len(name) > MAX_NAME:
        found.append(
            Problem(
                "name",
                phrase("A template's name has 1 to {limit} characters.", limit=MAX_NAME),
            )
        )
    if is_blank(template.title) and is_blank(template.body):
        found.append(Problem("body", phrase("A template needs a title or a message.")))
    if len(template.title) > MAX_TITLE:
        found.append(
            Problem("title", phrase("A title has at most {limit} characters.", limit=MAX_TITLE))
        )
    if len(template.body) > MAX_BODY:
        found.append(
            Problem("body", phrase("A message has at most {limit} characters.", limit=MAX_BODY))
        )
    return found


def names(templates: Sequence[StoredTemplate]) -> list[str]:
    """What a menu lists."""
    return [safe_line(one.content.name, MAX_NAME) for one in templates]
