"""The safe part of Markdown: what it understands, and that nothing else becomes more than text."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.markdown import MAX_URL, BlockKind, Span, link_host, parse, plain
from shared.model import MAX_BODY

SIGNS = st.text(st.sampled_from("*#[]()-+.1 \\\nhtps:/@x<>&\"'_`!é\u202e"), max_size=200)
PIECES = st.lists(
    st.sampled_from(
        [
            *("**", "*", "[a](https://b.example)", "[", "](", ")", "https://a.example/x?y=1"),
            *("http://a.example", "javascript:alert(1)", "<img src=x>", "# ", "- ", "1. ", "\n"),
            *("file:///etc/passwd", "[x](//host/share)", "\\", " ", "word", "&lt;"),
        ]
    ),
    max_size=60,
).map("".join)
ANYTHING = st.one_of(st.text(max_size=400), SIGNS, PIECES)


def spans(text: str) -> tuple[Span, ...]:
    """The pieces of one line."""
    (block,) = parse(text)
    return block.spans


def test_headings_lists_and_text() -> None:
    text = "# One\n### Three\n- a\n  - b\n* c\n1. d\n12) e\nplain\n\n#nothing"
    kinds = [(block.kind, block.depth, block.number) for block in parse(text)]
    assert kinds == [
        (BlockKind.HEADING, 1, 0),
        (BlockKind.HEADING, 3, 0),
        (BlockKind.BULLET, 0, 0),
        (BlockKind.BULLET, 1, 0),
        (BlockKind.BULLET, 0, 0),
        (BlockKind.NUMBER, 0, 1),
        (BlockKind.NUMBER, 0, 12),
        (BlockKind.TEXT, 0, 0),
        (BlockKind.TEXT, 0, 0),
        (BlockKind.TEXT, 0, 0),
    ]


def test_bold_and_what_only_looks_like_it() -> None:
    assert spans("a **b** c") == (Span("a "), Span("b", bold=True), Span(" c"))
    assert spans("2 ** 3") == (Span("2 ** 3"),)
    assert spans(r"\*\*a\*\*") == (Span("**a**"),)
    assert spans("**a** **") == (Span("a", bold=True), Span(" **"))


def test_a_link_says_where_it_leads() -> None:
    assert spans("See [the list](https://HQ.example:8443/x?y#z).") == (
        Span("See "),
        Span("the list", link="https://HQ.example:8443/x?y#z"),
        Span(" (hq.example:8443)."),
    )
    assert spans("https://hq.example/x.")[0] == Span(
        "https://hq.example/x", link="https://hq.example/x"
    )
    assert spans("(https://hq.example)")[1].link == "https://hq.example"


def test_a_label_that_claims_to_be_an_address_is_not_believed() -> None:
    (link, where) = spans("[https://bank.example](https://evil.example)")
    assert link.text == "https://evil.example"
    assert where.text == " (evil.example)"


@pytest.mark.parametrize(
    "address",
    [
        "http://hq.example",
        "ftp://hq.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//host/share",
        r"\\host\share",
        "https://user@evil.example",
        "https://hq.example@evil.example",
        "https://hq.example:pw@evil.example",
        "https://evil.example\\@hq.example",
        "https://\u0430pple.example",
        "https://localhost",
        "https://127.0.0.1",
        "https://hq.example/a b",
        "https://hq.example/\u202egpj.exe",
        "https://-a.example",
        "https://hq.example" + "/x" * MAX_URL,
        "HTTPS://",
        "",
    ],
)
def test_anything_but_plain_https_is_no_link(address: str) -> None:
    assert link_host(address) is None
    links = [span for block in parse(f"[a]({address})") for span in block.spans if span.link]
    # Hidden signs are taken out, and what is in front of a blank may be an address by itself.
    assert all(link_host(one.link) == "hq.example" for one in links)


@given(ANYTHING)
def test_whatever_comes_is_read_and_only_safe_links_come_out(text: str) -> None:
    for block in parse(text):
        assert 0 <= block.depth <= 3
        for span in block.spans:
            assert span.text
            assert "\n" not in span.text
            assert not re.search("[\x00-\x08\u202a-\u202e]", span.text)
            assert not span.link or link_host(span.link)


@given(st.text(st.characters(categories=["L", "N"]), max_size=200))
def test_text_without_signs_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@given(PIECES)
def test_no_word_gets_lost(text: str) -> None:
    assert plain(text).count("word") == text.count("word")


@pytest.mark.parametrize(
    "piece", ["**", "[", "[a](", "https://", "https://a.", "\\", "- ", "[a](https://b", "a" * 200]
)
def test_it_takes_time_in_proportion(piece: str) -> None:
    text = (piece * MAX_BODY)[:MAX_BODY]
    began = time.perf_counter()
    parse(text)
    assert time.perf_counter() - began < 2  # it is some ms; a quadratic one would take far longer
