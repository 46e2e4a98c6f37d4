"""Announcing changes without Qt."""

from __future__ import annotations

from shared.signals import Signal


def test_receivers_are_called_in_order_with_every_argument() -> None:
    heard: list[tuple[str, int]] = []
    signal: Signal[[int]] = Signal()
    signal.connect(lambda number: heard.append(("first", number)))
    signal.connect(lambda number: heard.append(("second", number)))
    signal.emit(7)
    assert heard == [("first", 7), ("second", 7)]


def test_a_disconnected_receiver_hears_nothing_more() -> None:
    heard: list[int] = []
    signal: Signal[[int]] = Signal()
    signal.connect(heard.append)
    signal.disconnect(heard.append)
    signal.disconnect(heard.append)
    signal.emit(1)
    assert heard == []


def test_a_receiver_may_disconnect_itself_without_robbing_the_next() -> None:
    heard: list[str] = []
    signal: Signal[[]] = Signal()

    def once() -> None:
        heard.append("once")
        signal.disconnect(once)

    signal.connect(once)
    signal.connect(lambda: heard.append("always"))
    signal.emit()
    signal.emit()
    assert heard == ["once", "always", "always"]
