"""A report on paper."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from admin_app.report_rows import Row
from admin_app.reports import Figures
from admin_app.views.report_pages import PAGE, ReportPages
from shared.model import Ack, Message
from shared.receipts import Counts, Stage
from tests.fakes import make_message


def pages(pcs: int, message: Message | None = None) -> ReportPages:
    """A report in which *pcs* have not acknowledged."""
    counts = Counts(pcs + 5, pcs + 5, 5, 5, reach={Stage.DISPLAYED: {72: 5}})
    rows = [Row(f"JKT-{number:04}/till <b>x</b>", 1, 2) for number in range(pcs)]
    return ReportPages(message or make_message(), {}, Figures(counts), rows)


def ink(report: ReportPages, page: int) -> list[int]:
    """How much is printed in each tenth of a page, from the top."""
    image = QImage(int(PAGE.width()), int(PAGE.height()), QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    painter = QPainter(image)
    report.paint(painter, page)
    painter.end()
    tenth, wide, line = image.height() // 10, image.width(), image.bytesPerLine()
    raw = bytes(image.constBits())
    rows = [raw[row * line : row * line + wide] for row in range(image.height())]  # less padding
    dark = [sum(value < 160 for value in row) for row in rows]
    return [sum(dark[part * tenth : (part + 1) * tenth]) for part in range(10)]


@pytest.mark.parametrize("pcs", [0, 3, 2000])
def test_a_report_is_as_many_pages_as_it_needs(
    qapp: QApplication, tmp_path: Path, pcs: int
) -> None:
    file = tmp_path / "report.pdf"
    report = pages(pcs)
    assert len(list(report.write(file))) == report.count
    raw = file.read_bytes()
    assert raw.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", raw)) == report.count
    assert (report.count > 1) == (pcs > 1000)


def test_every_page_has_something_and_nothing_stands_on_the_footer(qapp: QApplication) -> None:
    report = pages(2000)
    first, last = ink(report, 0), ink(report, report.count - 1)
    assert min(first[0], first[3], first[8]) > 50
    assert last[0] > 50
    assert 0 < first[9] < first[8]


@pytest.mark.parametrize("body", ["x\n" * 500, "word " * 1500, "x" * 8000, "One line."])
def test_a_long_text_leaves_room_for_the_rest(qapp: QApplication, body: str) -> None:
    report = pages(3, make_message(title="W" * 200, body=body))
    assert report.count == 1
    printed = ink(report, 0)
    assert max(printed[4:6]) > 1000  # the list
    assert printed[6:9] == [0, 0, 0]


def test_where_nobody_is_asked_there_is_no_list(qapp: QApplication) -> None:
    assert pages(2000, make_message(ack=Ack.NONE)).count == 1


def test_a_file_that_cannot_be_written_is_an_error(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        list(pages(3).write(tmp_path / "no folder" / "x.pdf"))


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of that kind")
def test_a_disk_that_is_full_in_the_middle_is_an_error(qapp: QApplication, tmp_path: Path) -> None:
    """The console said that it was saved."""
    import resource

    report, limits = pages(200), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            list(report.write(tmp_path / "report.pdf"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_where_outlets_are_asked_outlets_are_listed_with_how_far_it_came(
    qapp: QApplication,
) -> None:
    message = make_message(ack=Ack.OUTLET)
    rows = [Row("B/1"), Row("A/1"), Row("A/2", 1, 2), Row("A/3", 1), Row("C/")]
    report = ReportPages(message, {}, Figures(Counts(5, places=3), message.ack), rows)
    assert report._pending == ["A, shown", "B, not received", "C, not received"]
    assert report.count == 1
    assert max(ink(report, 0)[4:6]) > 0
