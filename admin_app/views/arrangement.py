"""How somebody has arranged the window: its place, what was dragged, the columns of tables.

A picture of one version of the window: another version takes over the place and nothing else.
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow, QSplitter

from admin_app.views.rows_table import RowsTable
from shared import __version__


class _Arrangement(msgspec.Struct, frozen=True):
    """What is kept, as JSON; Qt's own states as they are."""

    version: str
    geometry: bytes
    splitters: list[bytes]
    columns: list[bytes]
    by_hand: list[bool] = []
    """Of the tables: whether somebody has dragged a column."""


def kept(window: QMainWindow) -> bytes:
    """The arrangement of *window*, for ``restore``."""
    return msgspec.json.encode(
        _Arrangement(
            version=__version__,
            geometry=_bytes(window.saveGeometry()),
            splitters=[_bytes(one.saveState()) for one in window.findChildren(QSplitter)],
            columns=[_bytes(one.horizontalHeader().saveState()) for one in _tables(window)],
            by_hand=[one.by_hand for one in _tables(window)],
        )
    )


def restore(window: QMainWindow, raw: bytes) -> None:
    """Arrange *window* as it was; what cannot be read changes nothing."""
    try:
        before = msgspec.json.decode(raw, type=_Arrangement)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    window.restoreGeometry(QByteArray(before.geometry))
    splitters, tables = window.findChildren(QSplitter), _tables(window)
    same = (len(splitters), len(tables)) == (len(before.splitters), len(before.columns))
    if before.version != __version__ or not same:
        return
    for splitter, state in zip(splitters, before.splitters, strict=True):
        splitter.restoreState(QByteArray(state))
    dragged = before.by_hand or [False] * len(tables)
    for table, state, by_hand in zip(tables, before.columns, dragged, strict=False):
        header = table.horizontalHeader()
        header.restoreState(QByteArray(state))
        table.by_hand = by_hand
        table.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())


def _tables(window: QMainWindow) -> list[RowsTable]:
    return window.findChildren(RowsTable)


def _bytes(state: QByteArray) -> bytes:
    return bytes(state.data())
