"""The safe part of Markdown: bold, headings, lists and https links. Pure, and it can load nothing.

What is not understood stays what it was: text. There are no images, no HTML, no references to
other places, and no nesting to be had, so reading takes time in proportion to the text. A link is
https with a plain host name (no user name before it, no look-alike letters) and always says where
it leads; anything else that looks like a link is shown as it was written.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from shared.text import safe_text

MAX_URL = 500
"""Characters of an address; ours."""
MAX_LABEL = 200

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
_ADDRESS = re.compile(rf"https://({_HOST})(:[0-9]{{1,5}})?(?:[/?#][!-~]*)?", re.IGNORECASE)
_TOKEN = re.compile(
    r"\\(?P<escaped>[\\*#\[\]()_`>.+-])"
    r"|(?P<bold>\*\*)"
    rf"|\[(?P<label>[^\[\]\n]{{1,{MAX_LABEL}}})\]\((?P<target>[!-'*-~]{{1,{MAX_URL}}})\)"
    r"|(?P<bare>https://[!-)+-;=?-~]{1,500})"
)
_HEADING = re.compile(r"(#{1,3}) +(.*)")
_BULLET = re.compile(r"( *)[-*+] +(.*)")
_NUMBER = re.compile(r"( *)([0-9]{1,3})[.)] +(.*)")
_TRAILING = ".,;:!?'\""
"""What ends a sentence rather than a bare address."""
MAX_DEPTH = 2


class BlockKind(enum.StrEnum):
    """What a line is."""

    TEXT = "text"
    HEADING = "heading"
    BULLET = "bullet"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line. ``link`` is a whole https address, or empty."""

    text: str
    bold: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One line. ``depth``: 1 to 3 for headings, 0 to 2 for list items; ``number`` of an item."""

    kind: BlockKind
    spans: tuple[Span, ...]
    depth: int = 0
    number: int = 0


def link_host(address: str) -> str | None:
    """Where *address* leads, as ``host`` or ``host:port``; None if it is no link that we follow."""
    match = _ADDRESS.fullmatch(address) if len(address) <= MAX_URL else None
    if match is None:
        return None
    return match[1].lower() + (match[2] or "")


def parse(text: str) -> list[Block]:
    """Read *text*, line by line; it never fails."""
    return [_block(line.rstrip()) for line in safe_text(text).strip("\n").split("\n")]


def plain(text: str) -> str:
    """*text* without the signs, as a list or a screen reader wants it; links keep their host."""
    return "\n".join(_prefix(block) + _words(block.spans) for block in parse(text))


def _prefix(block: Block) -> str:
    marks = {BlockKind.BULLET: "• ", BlockKind.NUMBER: f"{block.number}. "}
    return "  " * block.depth * (block.kind in marks) + marks.get(block.kind, "")


def _words(spans: tuple[Span, ...]) -> str:
    return "".join(span.text for span in spans)


def _block(line: str) -> Block:
    if match := _HEADING.fullmatch(line):
        return Block(BlockKind.HEADING, _spans(match[2]), len(match[1]))
    if match := _BULLET.fullmatch(line):
        return Block(BlockKind.BULLET, _spans(match[2]), _depth(match[1]))
    if match := _NUMBER.fullmatch(line):
        return Block(BlockKind.NUMBER, _spans(match[3]), _depth(match[1]), int(match[2]))
    return Block(BlockKind.TEXT, _spans(line))


def _depth(indent: str) -> int:
    return min(len(indent) // 2, MAX_DEPTH)


def _spans(line: str) -> tuple[Span, ...]:
    """Split *line*; a ``**`` without a partner stays two stars."""
    tokens = list(_TOKEN.finditer(line))
    stars = [token.start() for token in tokens if token["bold"]]
    lonely = stars[-1] if len(stars) % 2 else -1
    spans: list[Span] = []
    bold, end = False, 0
    for token in tokens:
        _add(spans, line[end : token.start()], bold)
        end = token.end()
        if token["bold"] and token.start() != lonely:
            bold = not bold
        else:
            end -= _add_token(spans, token, bold)
    _add(spans, line[end:], bold)
    return tuple(spans)


def _add_token(spans: list[Span], token: re.Match[str], bold: bool) -> int:
    """Add what *token* stands for; return how many of its characters were not used."""
    if token["escaped"]:
        _add(spans, token["escaped"], bold)
        return 0
    if token["bare"]:
        return _add_bare(spans, token["bare"], bold)
    target = token["target"]
    host = link_host(target) if target else None
    if target and host:
        # A label that claims to be an address is not believed.
        label = target if "://" in token["label"] else token["label"].replace("**", "")
        spans.append(Span(label, bold, target))
        _add(spans, f" ({host})", bold)
    else:
        _add(spans, token[0], bold)
    return 0


def _add_bare(spans: list[Span], address: str, bold: bool) -> int:
    kept = address.rstrip(_TRAILING)
    if kept.endswith(")") and "(" not in kept:
        kept = kept.rstrip(")" + _TRAILING)
    if link_host(kept):
        spans.append(Span(kept, bold, kept))
    else:
        _add(spans, kept, bold)
    return len(address) - len(kept)


def _add(spans: list[Span], text: str, bold: bool) -> None:
    """Add plain text, to the last piece where that looks the same."""
    if not text:
        return
    if spans and spans[-1].bold is bold and not spans[-1].link:
        spans[-1] = Span(spans[-1].text + text, bold)
    else:
        spans.append(Span(text, bold))
