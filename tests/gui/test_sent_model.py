"""The list of sent messages as a model: each once, at its place, whichever end it came by."""

from __future__ import annotations

import random

from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from admin_app.models import SentModel
from shared.qt.message_rows import ROW_ROLE
from shared.receipts import Counts
from tests.fakes import make_message


def test_messages_come_by_both_ends_and_are_found_again(qapp: QApplication) -> None:
    model = SentModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    chance, expected = random.Random(1), list[str]()
    for _ in range(40):
        some = [make_message() for _ in range(chance.randint(1, 5))]
        if chance.random() < 0.5:
            model.append([*some, *some])  # one that comes twice is there once
            expected += [one.id for one in some]
        else:
            model.prepend(some)
            model.prepend(some)
            expected = [one.id for one in some] + expected
    assert [model.message(row).id for row in range(model.rowCount())] == expected
    assert [model.row_of(one) for one in expected] == list(range(len(expected)))
    assert model.row_of("nobody") is None
    model.set_counts({expected[7]: Counts(10, 5, 5, 3)})
    assert model.index(7).data(ROW_ROLE).state == "3 of 10"
    model.clear()
    assert model.row_of(expected[0]) is None
    assert model.canFetchMore(model.index(-1))
    del tester
