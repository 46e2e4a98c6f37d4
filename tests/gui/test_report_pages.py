"""A report on paper: PDF and printer, A4 and Letter, one page and many."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QImage, QPageLayout, QPageRanges, QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from admin_app.report_rows import Row
from admin_app.reports import Figures
from admin_app.views.paper import PaperTooSmall, Sheets, usual_paper, write_pdf
from admin_app.views.printing import print_pages
from admin_app.views.report_pages import ReportPages
from shared.model import Ack, Message
from shared.receipts import Counts, Stage
from tests.fakes import make_message
from tests.gui import pdf_pages

A4, LETTER = QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter
MARKUP = "till <b>x</b>"
DPI = 40


def name(number: int) -> str:
    return f"JKT-{number:04}"


def pages(pcs: int, message: Message | None = None, pc: str = MARKUP) -> ReportPages:
    """A report in which *pcs* have not acknowledged."""
    counts = Counts(pcs + 5, pcs + 5, 5, 5, reach={Stage.DISPLAYED: {72: 5}})
    rows = [Row(f"{name(number)}/{pc}", 1, 2) for number in range(pcs)]
    return ReportPages(message or make_message(), {}, Figures(counts), rows)


def written(report: ReportPages, folder: Path, size: QPageSize.PageSizeId = A4) -> Path:
    """It as a PDF file."""
    file = folder / "report.pdf"
    list(write_pdf(report, file, size))
    return file


def pdf_printer(file: Path, size: QPageSize.PageSizeId = A4) -> QPrinter:
    """A printer whose paper is a file."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    printer.setPageSize(QPageSize(size))
    return printer


def names_in(text: str) -> list[str]:
    return re.findall(r"JKT-\d{4}", text)


@pytest.mark.parametrize("pcs", [0, 3, 300, 2000])
@pytest.mark.parametrize(("size", "points"), [(A4, (595, 842)), (LETTER, (612, 792))])
def test_everybody_stands_on_paper_once_in_order(
    qapp: QApplication,
    tmp_path: Path,
    pcs: int,
    size: QPageSize.PageSizeId,
    points: tuple[int, int],
) -> None:
    file = written(pages(pcs), tmp_path, size)
    found = pdf_pages.texts(file)
    assert pdf_pages.size(file) == points
    assert [one for text in found for one in names_in(text)] == [name(one) for one in range(pcs)]
    assert (len(found) > 1) == (pcs > 3)
    for number, text in enumerate(found, 1):
        assert text.rstrip().endswith(f"Page {number} of {len(found)}")
        assert text.count("PC last seen") == (1 if pcs else 0)  # the header, on each page again
    full = [len(names_in(text)) for text in found[1:-1]]
    assert len(set(full)) <= 1  # no page between is left half empty


@pytest.mark.parametrize("size", [A4, LETTER])
def test_a_printer_gets_what_the_file_gets(
    qapp: QApplication, tmp_path: Path, size: QPageSize.PageSizeId
) -> None:
    report = pages(150)
    list(print_pages(report, pdf_printer(tmp_path / "printed.pdf", size)))
    printed = tmp_path / "printed.pdf"
    assert pdf_pages.texts(printed) == pdf_pages.texts(written(report, tmp_path, size))
    assert pdf_pages.size(printed) == pdf_pages.size(tmp_path / "report.pdf")


def test_only_the_chosen_pages_are_printed_as_often_as_chosen(
    qapp: QApplication, tmp_path: Path
) -> None:
    for chosen, numbers in (("2-3", [2, 3]), ("1", [1]), ("99", [4])):
        printer = pdf_printer(tmp_path / "some.pdf")
        printer.setPageRanges(QPageRanges.fromString(chosen))
        list(print_pages(pages(150), printer))
        last = [text.split()[-3:] for text in pdf_pages.texts(tmp_path / "some.pdf")]
        assert last == [[str(number), "of", "4"] for number in numbers]


def test_landscape_is_wider_and_lower(qapp: QApplication, tmp_path: Path) -> None:
    printer = pdf_printer(tmp_path / "wide.pdf")
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    list(print_pages(pages(150), printer))
    found = pdf_pages.texts(tmp_path / "wide.pdf")
    assert pdf_pages.size(tmp_path / "wide.pdf") == (842, 595)
    assert [one for text in found for one in names_in(text)] == [name(one) for one in range(150)]


def test_a_page_may_be_small_but_a_label_is_none(qapp: QApplication, tmp_path: Path) -> None:
    small = pdf_printer(tmp_path / "small.pdf", QPageSize.PageSizeId.A6)
    list(print_pages(pages(30), small))
    found = pdf_pages.texts(tmp_path / "small.pdf")
    assert sum(len(names_in(text)) for text in found) == 30
    with pytest.raises(PaperTooSmall):
        list(print_pages(pages(3), pdf_printer(tmp_path / "label.pdf", QPageSize.PageSizeId.A8)))


def test_what_people_wrote_is_never_read_as_html(qapp: QApplication, tmp_path: Path) -> None:
    html = "<h1>Big</h1> &amp; <img src=x> <!--"
    message = make_message(title=html, body=f"{html}\n{html}", sender=html)
    [text] = pdf_pages.texts(written(pages(2, message), tmp_path))
    assert text.count(html) == 4
    assert text.count(MARKUP) == 2


@pytest.mark.parametrize(
    "body", ["x\n" * 500, "word " * 1500, "x" * 8000, "One line.", "\ufdd0\ufffc"]
)
def test_a_text_of_any_length_is_there_to_its_end(
    qapp: QApplication, tmp_path: Path, body: str
) -> None:
    message = make_message(title="W" * 200, body=f"{body} end.")
    text = "".join(pdf_pages.texts(written(pages(60, message), tmp_path)))
    assert text.count("W") >= 200
    assert text.count("end.") == 1
    for part in ("x", "word"):
        assert text.count(part) >= body.count(part)
    assert names_in(text) == [name(one) for one in range(60)]


@pytest.mark.parametrize("lines", range(0, 60, 3))
def test_a_list_begins_with_its_heading_wherever_it_begins(
    qapp: QApplication, tmp_path: Path, lines: int
) -> None:
    """A heading alone at the foot of a page, or a row on two pages, would be hard to read."""
    report = pages(80, make_message(body="line\n" * lines), pc="long-name of-a-PC " * 5)
    found = pdf_pages.texts(written(report, tmp_path))
    assert [one for text in found for one in names_in(text)] == [name(one) for one in range(80)]
    for text in found:
        words = text.split()
        assert ("JKT-" in text) == ("seen" in words)
        assert text.count("long-name") == 5 * len(names_in(text))


def dark_edges(picture: Path) -> tuple[int, int]:
    """How many dark pixels there are within 12 mm of the sides, and of the top and bottom."""
    image = QImage(str(picture)).convertToFormat(QImage.Format.Format_Grayscale8)
    edge = round(12 / 25.4 * DPI)
    wide, high, line = image.width(), image.height(), image.bytesPerLine()
    raw = bytes(image.constBits())
    rows = [raw[row * line : row * line + wide] for row in range(high)]
    sides = sum(value < 200 for row in rows for value in row[:edge] + row[-edge:])
    ends = sum(value < 200 for row in rows[:edge] + rows[-edge:] for value in row)
    return sides, ends


@pytest.mark.parametrize("size", [A4, LETTER])
def test_nothing_runs_into_the_margins(
    qapp: QApplication, tmp_path: Path, size: QPageSize.PageSizeId
) -> None:
    report = pages(100, make_message(title="W" * 200, body="x" * 3000), pc="W" * 150)
    drawn = pdf_pages.pictures(written(report, tmp_path, size), tmp_path, DPI)
    assert len(drawn) > 2
    assert {dark_edges(one) for one in drawn} == {(0, 0)}


def test_where_nobody_is_asked_there_is_no_list(qapp: QApplication, tmp_path: Path) -> None:
    [text] = pdf_pages.texts(written(pages(2000, make_message(ack=Ack.NONE)), tmp_path))
    assert "acknowledged" not in text.lower()
    assert names_in(text) == []


def test_where_outlets_are_asked_outlets_are_listed_with_how_far_it_came(
    qapp: QApplication, tmp_path: Path
) -> None:
    message = make_message(ack=Ack.OUTLET)
    rows = [Row("B/1"), Row("A/1"), Row("A/2", 1, 2), Row("A/3", 1), Row("C/")]
    report = ReportPages(message, {}, Figures(Counts(5, places=3), message.ack), rows)
    cells = [report.cells(row)[:2] for row in range(report.count)]
    assert [(outlet, state.split(" · ")[0]) for outlet, state in cells] == [
        ("A", "Shown"),
        ("B", "Not received"),
        ("C", "Not received"),
    ]
    [text] = pdf_pages.texts(written(report, tmp_path))
    assert "Not acknowledged: 3 outlets" in text


def test_a_file_that_cannot_be_written_is_an_error(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        list(write_pdf(pages(3), tmp_path / "no folder" / "x.pdf", A4))


def test_a_disk_that_is_full_in_the_middle_is_an_error(qapp: QApplication, tmp_path: Path) -> None:
    """The console said that it was saved."""
    import resource

    report, limits = pages(200), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            written(report, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def longest(steps: Iterator[None]) -> float:
    """The processor's time of the longest step, in seconds."""
    most, begun = 0.0, time.thread_time()
    for _ in steps:
        now = time.thread_time()
        most, begun = max(most, now - begun), now
    return most


def test_ten_thousand_pcs_do_not_stop_the_window(qapp: QApplication, tmp_path: Path) -> None:
    """No step grows with the report; what a slow machine takes for one, it takes for any."""
    few = min(longest(write_pdf(pages(200), tmp_path / "few.pdf", A4)) for _ in range(3))
    many = longest(write_pdf(pages(10_000), tmp_path / "many.pdf", A4))
    assert many < 5 * few + 0.05
    found = pdf_pages.texts(tmp_path / "many.pdf")
    assert sum(len(names_in(text)) for text in found) == 10_000


@pytest.mark.parametrize(
    ("place", "size"), [("en_US", LETTER), ("es_MX", LETTER), ("en_GB", A4), ("id_ID", A4)]
)
def test_paper_is_that_of_the_country(
    place: str, size: QPageSize.PageSizeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    country = QLocale(place)
    monkeypatch.setattr(QLocale, "system", lambda: country)
    assert usual_paper() == size


@pytest.mark.qt_log_ignore(r"QPainter::begin\(\)")
def test_a_printer_that_gives_up_is_an_error(qapp: QApplication, tmp_path: Path) -> None:
    printer = pdf_printer(tmp_path / "no folder" / "x.pdf")
    sheets = Sheets(pages(3), printer)
    list(sheets.lay_out())
    with pytest.raises(OSError, match="error"):
        list(sheets.paint())
