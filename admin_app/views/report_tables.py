"""The columns of a report: one row a PC, or one row an outlet."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter

from PySide6.QtCore import QCoreApplication

from admin_app.outlets import natural_key
from admin_app.report_rows import OutletRow, Progress, Row
from admin_app.views.table_model import Column, TableModel
from shared.documents import MAX_ENTRIES
from shared.qt.words import exact_moment, moment, number
from shared.receipts import Receipt

LATER = 2**63
"""Sorts behind every time."""


@lru_cache(maxsize=MAX_ENTRIES + 20_000)
def order_of(endpoint: str) -> str:
    """How an endpoint is sorted by its name."""
    return natural_key(endpoint.replace("/", "\0", 1))


def progress_name(progress: Progress) -> str:
    """How a message stands with one PC, in two words."""
    return {
        Progress.WAITING: QCoreApplication.translate("progress", "Not received"),
        Progress.RECEIVED: QCoreApplication.translate("progress", "Received"),
        Progress.DISPLAYED: QCoreApplication.translate("progress", "Shown"),
        Progress.ACKNOWLEDGED: QCoreApplication.translate("progress", "Acknowledged"),
        Progress.ANSWERED: QCoreApplication.translate("progress", "Answered by another PC"),
        Progress.EXPIRED: QCoreApplication.translate("progress", "Expired"),
        Progress.RECALLED: QCoreApplication.translate("progress", "Recalled"),
        Progress.UNREADABLE: QCoreApplication.translate("progress", "Receipt cannot be read"),
        Progress.CONTRADICTED: QCoreApplication.translate("progress", "Contradicted"),
    }[progress]


def pcs_model(sent_at: Callable[[], int]) -> TableModel:
    """The table of PCs; *sent_at* (ms) is on the day whose times need no date."""
    columns = [
        Column(
            QCoreApplication.translate("report", "Outlet"),
            lambda row: row.outlet,
            lambda row: order_of(row.endpoint),
            11,
        ),
        Column(
            QCoreApplication.translate("report", "PC"),
            lambda row: row.pc or "-",
            lambda row: natural_key(row.pc),
            9,
        ),
        Column(
            QCoreApplication.translate("report", "State"),
            lambda row: progress_name(row.progress),
            lambda row: _PROGRESS.index(row.progress),
            14,
            tooltip=_contradiction,
        ),
        _time_column(QCoreApplication.translate("report", "Received"), "received_at", sent_at),
        _time_column(QCoreApplication.translate("report", "Shown"), "displayed_at", sent_at),
        _time_column(
            QCoreApplication.translate("report", "Acknowledged"), "acknowledged_at", sent_at
        ),
        Column(
            QCoreApplication.translate("report", "Answer"),
            lambda row: row.reply,
            lambda row: row.reply.casefold(),
            10,
            tooltip=lambda row: row.reply,
        ),
        Column(
            QCoreApplication.translate("report", "Person"),
            lambda row: row.os_user,
            lambda row: row.os_user.casefold(),
            10,
        ),
        Column(
            QCoreApplication.translate("report", "PC last seen"),
            lambda row: moment(row.seen_at) if row.seen_at else "-",
            lambda row: row.seen_at or 0,
            14,
        ),
    ]
    return TableModel(columns, _pc_words, key=attrgetter("endpoint"))


def outlets_model(sent_at: Callable[[], int]) -> TableModel:
    """The table of outlets; *sent_at* as for PCs."""
    columns = [
        Column(
            QCoreApplication.translate("report", "Outlet"),
            lambda row: row.outlet,
            lambda row: natural_key(row.outlet),
            12,
        ),
        _count_column(QCoreApplication.translate("report", "PCs"), "expected"),
        _count_column(QCoreApplication.translate("report", "Received"), "received"),
        _count_column(QCoreApplication.translate("report", "Shown"), "displayed"),
        _count_column(QCoreApplication.translate("report", "Acknowledged"), "acknowledged"),
        Column(
            QCoreApplication.translate("report", "First answer"),
            lambda row: _first_answer(row, sent_at()),
            lambda row: row.first_at or LATER,
            20,
        ),
    ]
    return TableModel(columns, lambda row: row.outlet, key=attrgetter("outlet"))


_PROGRESS = list(Progress)


def _time_column(title: str, name: str, sent_at: Callable[[], int]) -> Column:
    time = attrgetter(name)
    return Column(
        title,
        lambda row: exact_moment(time(row), sent_at()) if time(row) else "-",
        lambda row: time(row) or LATER,
        12,
        tooltip=lambda row: exact_moment(time(row), sent_at()) if time(row) else "",
    )


def _contradiction(row: Row) -> str:
    """Both versions of what a PC has done, if there are two."""
    if row.claim is None:
        return ""
    words = QCoreApplication.translate(
        "report", "In the name of this PC: {claim}\nThe PC itself says: {truth}"
    )
    return words.format(claim=_done(row.claim), truth=_done(row))


def _done(one: Row | Receipt) -> str:
    """What somebody has done with the message, by one of two versions."""
    if one.acknowledged_at is None:
        return QCoreApplication.translate("report", "not acknowledged")
    words = (moment(one.acknowledged_at), one.os_user, one.reply)
    said = QCoreApplication.translate("report", "acknowledged {when}")
    return said.format(when=", ".join(filter(None, words)))


def _count_column(title: str, name: str) -> Column:
    count = attrgetter(name)
    return Column(title, lambda row: number(count(row)), count, 8)


def _pc_words(row: Row) -> str:
    return f"{row.endpoint} {row.os_user} {row.reply}"


def _first_answer(row: OutletRow, sent_at: int) -> str:
    if row.first_at is None:
        return "-"
    return f"{exact_moment(row.first_at, sent_at)} · {row.first_by.partition('/')[2]}"
