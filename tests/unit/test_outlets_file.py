"""Lists of outlets as spreadsheets save them."""

from __future__ import annotations

import pytest

from admin_app.outlets_file import MAX_BYTES, read_outlets_file
from shared.errors import BadInput
from shared.outlets import ExpectedOutlet

TEXT = "Outlet;PC;Channels;Name\r\nJKT-001;till-1;Channel 1|Channel 2;Kemang\r\nCAF-2;;;Café\r\n"
OUTLETS = [
    ExpectedOutlet(
        outlet="JKT-001", name="Kemang", pcs=["till-1"], channels=["Channel 1", "Channel 2"]
    ),
    ExpectedOutlet(outlet="CAF-2", name="Café"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_way_in_which_excel_saves_is_read(encoding: str, separator: str) -> None:
    read = read_outlets_file(TEXT.replace(";", separator).encode(encoding))
    assert read.outlets == OUTLETS
    assert read.problems == []


@pytest.mark.parametrize(
    ("text", "outlets"),
    [
        ("JKT-001\nJKT-002\n", ["JKT-001", "JKT-002"]),
        ("sep=,\r\noutlet,pc\r\nA,1\r\n", ["A"]),
        ("Kode Toko;Nama Toko;Komputer\nA;Satu;1\n;;\n\nB;Dua;2", ["A", "B"]),
        ("A;till;Channel 1;Name", ["A"]),
        ('outlet,address\nA,"Jl. Kemang\nJakarta"\nB,x\n', ["A", "B"]),
        ("outlet;pc\nA;1\nA;2\nA;1\n", ["A"]),
    ],
)
def test_lists_with_and_without_headers(text: str, outlets: list[str]) -> None:
    read = read_outlets_file(text.encode())
    assert [one.outlet for one in read.outlets] == outlets
    assert not read.problems


def test_a_pc_may_stand_beside_its_outlet_and_several_in_one_cell() -> None:
    read = read_outlets_file(b'outlet,pc\nA/1,\nA,"2, 3|4"\nA/1,\n')
    assert read.outlets == [ExpectedOutlet(outlet="A", pcs=["1", "2", "3", "4"])]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (";till;;", "Line 3: the outlet is missing."),
        ("A/1;2;;", "Line 3: the PC stands beside the outlet and in its own column, too."),
        ("A;1/2;;", "Line 3: the PC '1/2' has a slash or more than 100 characters."),
        ("A" * 101 + ";;;", "Line 3: the outlet"),
        ("A;;*;", "Line 3: '*' cannot be a channel's name."),
        ("A;;;\ufffd", "Line 3: a character cannot be read."),
    ],
)
def test_a_bad_line_is_named_and_spoils_no_other(line: str, words: str) -> None:
    text = f"outlet;pc;channels;name\nGOOD-1;;;\n{line}\nGOOD-2;;;\n"
    read = read_outlets_file(text.encode())
    assert [one.outlet for one in read.outlets] == ["GOOD-1", "GOOD-2"]
    [problem] = read.problems
    assert problem.field == "line 3"
    assert problem.sentence.startswith(words)


@pytest.mark.parametrize("rest", [10, 40_000])
def test_a_quotation_mark_that_nothing_closes_is_named(rest: int) -> None:
    text = 'outlet;pc\nA;1\n"B;2\n' + "C;3\n" * rest
    read = read_outlets_file(text.encode())
    assert read.outlets[0].outlet == "A"
    assert read.problems[0].sentence.startswith("Line 3: a cell goes on over many lines.")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "The file is empty."),
        (b"\n;;\n", "The file is empty."),
        (b"PK\x03\x04\x00\x00", "The file is no text."),
        (b"x" * (MAX_BYTES + 1), "The file has more than 20 MB"),
        (b"\n".join(b"%d" % number for number in range(50_001)), "50,000 is the most"),
    ],
)
def test_what_is_no_list_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_outlets_file(raw)


def test_markup_and_control_characters_are_only_text() -> None:
    read = read_outlets_file("outlet;name\nA\u202e;<b>x</b>\x07\n".encode())
    assert read.outlets == [ExpectedOutlet(outlet="A", name="<b>x</b>")]
