"""A table that is given whole new states: what stays keeps its place and its selection."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from admin_app.views.rows_table import RowsTable
from admin_app.views.table_model import Column, TableModel


@dataclass(frozen=True)
class Thing:
    """A row."""

    key: str
    size: int


def make() -> TableModel:
    """A table of things."""
    columns = [
        Column("Name", lambda row: row.key, lambda row: row.key, 10),
        Column("Size", lambda row: str(row.size), lambda row: row.size, 10),
    ]
    return TableModel(columns, lambda row: row.key)


def cells(model: TableModel) -> list[str]:
    """The first column."""
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_whatever_changes_the_model_stays_consistent_and_the_selection_stays(
    qapp: QApplication,
) -> None:
    model, chance = make(), random.Random(1)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    table = RowsTable(model)
    table.show()
    chosen = {"t03", "t04", "t17"}
    model.set_rows([Thing(f"t{number:02}", 0) for number in range(30)])
    table.setSelectionMode(RowsTable.SelectionMode.MultiSelection)
    for name in sorted(chosen):
        table.selectRow(cells(model).index(name))
    for _ in range(60):
        there = [number for number in range(60) if chance.random() < 0.5]
        names = sorted({f"t{number:02}" for number in there} | chosen)
        model.set_rows([Thing(name, chance.randint(0, 5)) for name in names])
        model.sort(chance.randint(0, 1), chance.choice(list(Qt.SortOrder)))
        assert {row.key for row in table.chosen()} == chosen  # type: ignore[attr-defined]
        assert sorted(cells(model)) == names
    model.set_filter(lambda row: row.key != "t17", "t")
    assert {row.key for row in table.chosen()} == {"t03", "t04"}  # type: ignore[attr-defined]
    model.set_rows([])
    assert table.chosen() == []
    table.deleteLater()
    del tester


def test_search_is_for_every_word_in_capitals_or_not(qapp: QApplication) -> None:
    model = make()
    model.set_rows([Thing("Jakarta 014", 1), Thing("Bandung 014", 2)])
    model.set_filter(None, "014 JAK")
    assert cells(model) == ["Jakarta 014"]
    assert (model.rowCount(), model.total) == (1, 2)


def test_home_and_end_go_to_the_ends_and_a_header_sorts(qapp: QApplication) -> None:
    model = make()
    table = RowsTable(model)
    model.set_rows([Thing("a", 3), Thing("b", 1), Thing("c", 2)])
    QTest.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == 2
    QTest.keyClick(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 0
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert cells(model) == ["b", "c", "a"]
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert cells(model) == ["a", "c", "b"]
    table.choose(range(1, 3))
    assert [row.key for row in table.chosen()] == ["c", "b"]  # type: ignore[attr-defined]
    table.deleteLater()


def test_an_empty_table_says_its_hint(qapp: QApplication) -> None:
    table = RowsTable(make())
    table.resize(300, 200)
    blank = table.grab().toImage()
    table.set_hint("Nothing here <b>yet</b>")
    assert table.grab().toImage() != blank
    assert table.accessibleDescription() == "Nothing here <b>yet</b>"
    table.deleteLater()
