"""A report as a table: nothing in it runs, nothing in it is lost."""

from __future__ import annotations

import csv
import io

import pytest

from admin_app.export import COLUMNS, ENCODING, to_csv
from admin_app.report_rows import Row
from shared.receipts import Receipt

AT = 1_795_484_519_098


def read(text: str) -> list[list[str]]:
    """As a spreadsheet would."""
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_pc_is_a_line_in_the_order_of_outlets() -> None:
    rows = [
        Row("JKT-002/till-1"),
        Row("JKT-001/till-2", AT, AT, AT, "sari", reply="Stok, habis"),
        Row("JKT-001/till-1", AT, closed="expired", seen_at=AT),
    ]
    header, *lines = read(to_csv(rows))
    assert header == list(COLUMNS)
    assert [line[:3] for line in lines] == [
        ["JKT-001", "till-1", "expired"],
        ["JKT-001", "till-2", "acknowledged"],
        ["JKT-002", "till-1", "waiting"],
    ]
    assert lines[1][3].startswith("2026-11-2")
    assert lines[1][6:] == ["sari", "Stok, habis", "", "yes", "", "", ""]
    assert lines[2][3:] == [*[""] * 6, "yes", "", "", ""]


def test_both_versions_of_a_contradicted_receipt_are_there_and_strangers_come_last() -> None:
    claim = Receipt("m", AT, AT, AT, AT + 60_000, "=budi", reply="Yes")
    rows = [
        Row("A/fake", AT, AT, AT, "x", known=False),
        Row("B/1", AT, AT, claim=claim),
        Row("C/1", AT),
    ]
    _, *lines = read(to_csv(rows))
    assert [(line[0], line[2], line[9]) for line in lines] == [
        ("B", "contradicted", "yes"),
        ("C", "received", "yes"),
        ("A", "acknowledged", "no"),
    ]
    assert lines[0][5:8] == ["", "", ""]
    assert lines[0][10].startswith("2026-11-2")
    assert lines[0][11:] == ["'=budi", "Yes"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", " =1", "\uff1d1"]
)
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    _, line = read(to_csv([Row(f"{text}/{text}", os_user=text, reply=text)]))
    assert [line[0], line[1], line[6], line[7]] == [f"'{text}"] * 4


def test_quotes_lines_and_any_script_stay_what_they_are() -> None:
    for text in ('a "quoted" one', "two\nlines", "Gerai №1 — Café 店", "a;b,c\td"):
        _, line = read(to_csv([Row("A/b", reply=text)]).encode(ENCODING).decode(ENCODING))
        assert line[7] == text


def test_times_that_nobody_can_have_do_not_stop_it() -> None:
    _, line = read(to_csv([Row("A/b", 2**62)]))
    assert line[3] == "?"
