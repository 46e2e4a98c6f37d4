"""The report of spoiled receipts: what is contradicted, whom nobody knows, and what counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPageSize
from PySide6.QtWidgets import QApplication

from admin_app.evidence import Doubts
from admin_app.report_rows import Row
from admin_app.reports import Figures
from admin_app.views.paper import write_pdf
from admin_app.views.report_pages import ReportPages
from admin_app.views.report_pane import ReportPane, View
from shared.qt.words import exact_moment
from shared.receipts import Counts, Receipt
from tests.fakes import make_message
from tests.gui import pdf_pages

AT = 1_800_000_000_000
CLAIM = Receipt("m", AT, AT, AT, AT + 60_000, "budi", reply="Yes")
ROWS = [
    Row("A/1", AT, AT, AT + 9, "sari"),
    Row("A/2", AT, AT, claim=CLAIM),
    Row("A/fake", AT, AT, AT, "x", known=False),
    Row("B/1", AT),
    Row("0/fake", AT, known=False),
]
DOUBTS = Doubts(1, 2, Counts(received=500, displayed=500, acknowledged=499))


@pytest.fixture
def pane(qapp: QApplication) -> ReportPane:
    pane = ReportPane()
    pane.resize(900, 700)
    pane.show_message(make_message(replies=["Yes", "No"]), {})
    pane.show_figures(Figures(Counts(3, received=3, displayed=2, acknowledged=1), doubts=DOUBTS))
    pane.show_rows(ROWS, complete=True)
    return pane


def listed(pane: ReportPane) -> list[str]:
    return [row.endpoint for row in pane.pcs.shown]


def test_what_is_wrong_is_said_in_words(pane: ReportPane) -> None:
    assert pane.doubts.text() == (
        "1 PC says that the receipt in its name is not its own."
        " 2 PCs are not known and do not count."
        " The counters are wrong (500 received, 500 displayed, 499 acknowledged);"
        " this report counts the receipts themselves."
    )
    pane.show_figures(Figures(Counts(3)))
    assert not pane.doubts.isVisibleTo(pane)


def test_those_that_nobody_knows_have_a_list_of_their_own(pane: ReportPane) -> None:
    assert listed(pane) == ["A/1", "A/2", "B/1"]
    assert pane.views[View.PCS].text() == "PCs (3)"
    assert pane.views[View.UNKNOWN].text() == "Not known (2)"
    assert pane.views[View.UNKNOWN].isVisibleTo(pane)
    pane.views[View.UNKNOWN].setChecked(True)
    assert listed(pane) == ["0/fake", "A/fake"]
    pane.show_rows(ROWS[:2], complete=True)
    assert pane.view is View.PCS
    assert not pane.views[View.UNKNOWN].isVisibleTo(pane)


def test_what_is_contradicted_has_not_acknowledged_and_shows_both_versions(
    pane: ReportPane,
) -> None:
    assert pane.silent == 2
    pane.views[View.SILENT].setChecked(True)
    assert listed(pane) == ["A/2", "B/1"]
    state = pane.pcs.index(0, 2)
    assert state.data() == "Contradicted"
    tip = state.data(Qt.ItemDataRole.ToolTipRole)
    assert "acknowledged" in tip
    assert "budi, Yes" in tip
    assert "The PC itself says: not acknowledged" in tip
    heard = state.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert heard.endswith("The PC itself says: not acknowledged")
    assert pane.answers.text() == "Answers: Yes: 0 · No: 0"


def test_printed_pages_say_it_too(qapp: QApplication, tmp_path: Path) -> None:
    known = [row for row in ROWS if row.known and row.pending]
    figures = Figures(Counts(3, received=3), doubts=DOUBTS)
    report = ReportPages(make_message(), {}, figures, known)
    assert [report.cells(row)[:3] for row in range(report.count)] == [
        ["A", "2", "Contradicted"],
        ["B", "1", f"Received · {exact_moment(AT, make_message().sent_at)}"],
    ]
    file = tmp_path / "report.pdf"
    list(write_pdf(report, file, QPageSize.PageSizeId.A4))
    [text] = pdf_pages.texts(file)
    assert text.count("not known") == 1
