"""Foreign text loses what misleads and keeps what people write."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import is_blank, safe_line, safe_text

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
any_text = st.text(st.characters() | st.sampled_from(f"{BIDI_CONTROLS}\x00\x1b\x85\r\n\u2028"))


@given(any_text)
def test_safe_text_has_no_controls_but_tab_and_line_feed(text: str) -> None:
    for character in safe_text(text):
        assert character in "\t\n" or unicodedata.category(character) not in ("Cc", "Cs")
        assert character not in BIDI_CONTROLS


@given(any_text)
def test_making_text_safe_twice_changes_nothing_more(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)
    assert safe_line(safe_line(text)) == safe_line(text)


@given(any_text, st.integers(1, 50))
def test_a_safe_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = safe_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    "kept",
    [
        "<img src=\\\\evil\\x> & <b>",
        "مرحبا 12 שלום",
        "👩‍👩‍👧‍👦 🇮🇩 ✔️",
        "e\u0301 ñ 你好",
        "a\tb\nc",
    ],
)
def test_what_people_write_is_kept(kept: str) -> None:
    assert safe_text(kept) == kept


@pytest.mark.parametrize("line_break", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_break_becomes_one(line_break: str) -> None:
    assert safe_text(f"a{line_break}b") == "a\nb"
    assert safe_line(f"a{line_break}b") == "a b"


def test_a_name_cannot_be_turned_round() -> None:
    assert safe_line("invoice\u202efdp.exe") == "invoicefdp.exe"


def test_a_line_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert safe_line("abcdef", 6) == "abcdef"
    assert safe_line("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\u00a0\u3000", "\u200b\u2060\ufeff", "\x00", "\u3164"]
)
def test_nothing_to_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", " . ", "😀", "\u200bb", "\u0301x"])
def test_something_to_see_is_not_blank(text: str) -> None:
    assert not is_blank(text)
