"""How somebody has arranged the window: its place, what was dragged, the columns of tables.

A picture of one version of the window: another version takes over the place and nothing else.
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter

from admin_app.views.main_window import MainWindow
from admin_app.views.rows_table import RowsTable
from shared import __version__
from shared.codec import WireError
from shared.documents import MAX_OWN_FILE, decode_document


class _Table(msgspec.Struct, frozen=True):
    """A table's columns. ``by_hand``: somebody has dragged one."""

    columns: bytes
    by_hand: bool


class _Arrangement(msgspec.Struct, frozen=True):
    """What is kept, as JSON; Qt's own states as they are.

    By name: in which order Qt lists what is in a window changes while it lives.
    """

    version: str
    geometry: bytes
    splitters: dict[str, bytes]
    tables: dict[str, _Table]


def kept(window: MainWindow) -> bytes:
    """The arrangement of *window*, for ``restore``."""
    return msgspec.json.encode(
        _Arrangement(
            version=__version__,
            geometry=_bytes(window.saveGeometry()),
            splitters={name: _bytes(one.saveState()) for name, one in _splitters(window).items()},
            tables={
                name: _Table(_bytes(one.horizontalHeader().saveState()), one.by_hand)
                for name, one in _tables(window).items()
            },
        )
    )


def restore(window: MainWindow, raw: bytes) -> None:
    """Arrange *window* as it was; what cannot be read changes nothing."""
    try:
        before = decode_document(raw, _Arrangement, MAX_OWN_FILE)
    except WireError:
        return
    window.restoreGeometry(QByteArray(before.geometry))
    if before.version != __version__:
        return
    for name, splitter in _splitters(window).items():
        splitter.restoreState(QByteArray(before.splitters.get(name, b"")))
    for name, table in _tables(window).items():
        if name in before.tables:
            _restore_table(table, before.tables[name])


def _restore_table(table: RowsTable, before: _Table) -> None:
    header = table.horizontalHeader()
    header.restoreState(QByteArray(before.columns))
    table.by_hand = before.by_hand
    table.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())


def _splitters(window: MainWindow) -> dict[str, QSplitter]:
    return {"sent": window.sent.splitter, "scheduled": window.scheduled.splitter}


def _tables(window: MainWindow) -> dict[str, RowsTable]:
    return {
        "outlets": window.outlets.table,
        "scheduled": window.scheduled.coming_table,
        "recurring": window.scheduled.series_table,
        "report by PC": window.sent.report.pcs_table,
        "report by outlet": window.sent.report.outlets_table,
    }


def _bytes(state: QByteArray) -> bytes:
    return bytes(state.data())
