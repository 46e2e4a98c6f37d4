"""The console's window comes back as somebody has arranged it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication

from admin_app.models import SentModel
from admin_app.views import arrangement
from admin_app.views.main_window import MainWindow
from admin_app.views.rail import Page
from admin_app.views.rows_table import RowsTable


@pytest.fixture
def windows(qapp: QApplication) -> Iterator[tuple[MainWindow, MainWindow]]:
    """Two windows of the same version."""
    both = MainWindow(SentModel()), MainWindow(SentModel())
    for window in both:
        window.resize(1100, 720)
        window.show()
        window.show_page(Page.SCHEDULED)
    yield both
    for window in both:
        window.hide()
        window.deleteLater()


def test_place_columns_and_what_was_dragged_come_back(
    windows: tuple[MainWindow, MainWindow],
) -> None:
    before, after = windows
    before.resize(790, 560)
    table = before.scheduled.coming_table
    table.setColumnWidth(1, 333)
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    before.sent.splitter.setSizes([300, 400])
    before.show_page(Page.OUTLETS)  # Qt lists its tables in another order now
    before.show_page(Page.SCHEDULED)
    QApplication.processEvents()
    arrangement.restore(after, arrangement.kept(before))
    QApplication.processEvents()
    same = after.scheduled.coming_table
    assert after.size() == QSize(790, 560)
    assert same.columnWidth(1) == 333
    header = same.horizontalHeader()
    assert header.sortIndicatorSection() == 2
    assert header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
    for table in after.findChildren(RowsTable):
        assert table.horizontalHeader().count() == table.model().columnCount()
    assert after.sent.splitter.sizes() == before.sent.splitter.sizes()


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"{}", b'{"version": 1}', b"[" * 1000])
def test_what_cannot_be_read_changes_nothing(
    windows: tuple[MainWindow, MainWindow], raw: bytes
) -> None:
    size = windows[0].size()
    arrangement.restore(windows[0], raw)
    assert windows[0].size() == size


def test_another_version_takes_over_the_place_alone(
    windows: tuple[MainWindow, MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = windows
    before.resize(790, 560)
    before.scheduled.coming_table.setColumnWidth(1, 333)
    raw = arrangement.kept(before)
    monkeypatch.setattr(arrangement, "__version__", "9.9.9")
    arrangement.restore(after, raw)
    assert after.size() == QSize(790, 560)
    assert after.scheduled.coming_table.columnWidth(1) != 333
