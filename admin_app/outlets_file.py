"""Reading the list of outlets from a CSV file, as spreadsheets in Indonesia and elsewhere save it.

Excel writes what Windows' region says: commas or semicolons, UTF-8 with a mark, UTF-16 ("Unicode
text", with tabs), or the old code page 1252. All are told apart by looking; nobody has to choose.
Each line is good or is named with what is wrong; one bad line spoils no other.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shared.codec import is_channel_name
from shared.errors import BadInput, Problem
from shared.outlets import MAX_NAME, MAX_OUTLETS, ExpectedOutlet, merged
from shared.phrases import phrase
from shared.text import is_blank, safe_line, safe_text

MAX_BYTES = 20_000_000
"""Bytes of a file; ours: a list of ``MAX_OUTLETS`` has a fifth of it."""
SEPARATORS = ";\t,"
COLUMNS = ("outlet", "pc", "channels", "name")
"""Their order in a file without a line of headers."""
HEADERS = {
    "outlet": ("outlet", "shop", "store", "branch", "toko", "gerai", "cabang", "kode", "kode toko"),
    "pc": ("pc", "pcs", "computer", "host", "till", "komputer", "kasir"),
    "channels": ("channels", "channel", "saluran", "kanal"),
    "name": ("name", "outlet name", "nama", "nama toko", "nama gerai"),
}
"""Words that name a column, small or capital, in English and Indonesian."""

MOST_BREAKS = 5
"""Line breaks within the cells of one line; an address has some."""
OPEN_QUOTE = phrase("a cell goes on over many lines. Is a quotation mark missing?")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_SEVERAL = re.compile(r"[|;,]")
"""What stands between several channels or PCs in one cell."""


@dataclass(frozen=True, slots=True)
class OutletsFile:
    """What a file says: its outlets, each once, and what is wrong with which line."""

    outlets: list[ExpectedOutlet]
    problems: list[Problem] = field(default_factory=list)
    """``field`` is ``line 14``; the sentence names the line, too."""


def read_outlets_file(raw: bytes) -> OutletsFile:
    """Read the bytes of a CSV file.

    Raises:
        BadInput: there is nothing in it that could be a list of outlets.
    """
    if len(raw) > MAX_BYTES:
        raise _bad(
            phrase(
                "The file has more than {limit} MB: it is no list of outlets.",
                limit=MAX_BYTES // 1_000_000,
            )
        )
    text = _decoded(raw)
    if "\0" in text:
        raise _bad(phrase("The file is no text. Save the sheet as CSV and choose that file."))
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        raise _bad(phrase("The file is empty."))
    columns = _columns(first[1])
    lines = rows if columns else _chain(first, rows)
    found, problems = _read(lines, columns or dict(zip(COLUMNS, range(4), strict=True)))
    outlets = merged(found)
    if len(outlets) > MAX_OUTLETS:
        raise _bad(
            phrase(
                "The file has {n} outlets; {limit} is the most.",
                n=len(outlets),
                limit=MAX_OUTLETS,
            )
        )
    return OutletsFile(outlets, problems)


def _read(
    lines: Iterator[tuple[int, list[str]]], columns: dict[str, int]
) -> tuple[list[ExpectedOutlet], list[Problem]]:
    found: list[ExpectedOutlet] = []
    problems: list[Problem] = []
    for number, cells in lines:
        values = {name: _cell(cells, place) for name, place in columns.items()}
        open_quote = sum(cell.count("\n") for cell in cells) > MOST_BREAKS
        wrong = OPEN_QUOTE if open_quote else _wrong(values)
        if wrong:
            problems.append(
                Problem(
                    f"line {number}", phrase("Line {number}: {wrong}", number=number, wrong=wrong)
                )
            )
        elif any(values.values()):
            found.append(_outlet(values))
    return found, problems


def _decoded(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    nulls = raw[:2000].count(0)
    if nulls > len(raw[:2000]) // 4:  # UTF-16 without its mark: every other byte of Latin text
        return raw.decode("utf-16-be" if raw[:1] == b"\0" else "utf-16-le", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number, from 1 as a spreadsheet counts, and cells of each line that is not empty."""
    said = _SEP_LINE.match(text)
    separator = said[1] if said else _separator(text)
    if said:
        text = text[said.end() :]
    begins = 2 if said else 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        number = begins + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell without end: a quotation mark that nothing closes
            cells = ["\n" * (MOST_BREAKS + 1)]
        if any(cell.strip(" \t") for cell in cells):
            yield number, cells


def _separator(text: str) -> str:
    """Whichever stands in the first line that has one; in doubt the one that occurs most."""
    for line in text.splitlines()[:20]:
        bare = re.sub(r'"[^"]*"', "", line)
        if any(one in bare for one in SEPARATORS):
            return max(SEPARATORS, key=bare.count)
    return ","


def _columns(cells: Sequence[str]) -> dict[str, int] | None:
    """Where each column is, by a line of headers; None if *cells* are no headers."""
    words = [safe_line(cell).casefold() for cell in cells]
    found: dict[str, int] = {}
    for column, names in HEADERS.items():
        place = next((place for place, word in enumerate(words) if word in names), None)
        if place is not None:
            found[column] = place
    return found if "outlet" in found else None


def _cell(cells: Sequence[str], place: int) -> str:
    return safe_line(cells[place]) if place < len(cells) else ""


def _wrong(values: dict[str, str]) -> str:
    """What is wrong with a line; empty if nothing is."""
    if any("\ufffd" in value for value in values.values()):
        return phrase("a character cannot be read. Save the file as CSV UTF-8.")
    if not any(values.values()):
        return ""
    outlet, slash, pc = values["outlet"].partition("/")
    if is_blank(outlet):
        return phrase("the outlet is missing.")
    if slash and values.get("pc"):
        return phrase("the PC stands beside the outlet and in its own column, too.")
    for what, names in (
        (phrase("outlet"), [outlet]),
        (phrase("PC"), [pc, *_split(values.get("pc", ""))]),
    ):
        wrong = next((name for name in names if "/" in name or len(name) > MAX_NAME), None)
        if wrong is not None:
            return phrase(
                "the {what} {name!r} has a slash or more than {limit} characters.",
                what=what,
                name=wrong[:40],
                limit=MAX_NAME,
            )
    wrong = next(
        (one for one in _split(values.get("channels", "")) if not is_channel_name(one)), ""
    )
    return phrase("{name!r} cannot be a channel's name.", name=wrong[:40]) if wrong else ""


def _outlet(values: dict[str, str]) -> ExpectedOutlet:
    outlet, _, pc = values["outlet"].partition("/")
    return ExpectedOutlet(
        outlet=outlet.strip(),
        name=safe_text(values.get("name", ""))[:MAX_NAME],
        pcs=[one for one in (pc.strip(), *_split(values.get("pc", ""))) if one],
        channels=_split(values.get("channels", "")),
    )


def _split(cell: str) -> list[str]:
    return [name for part in _SEVERAL.split(cell) if (name := part.strip())]


def _chain(
    first: tuple[int, list[str]], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rows


def _bad(sentence: str) -> BadInput:
    return BadInput([Problem("file", sentence)])
