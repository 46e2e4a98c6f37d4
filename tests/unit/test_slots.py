"""Where a Cluster keeps what: slots of keys, keys of commands, what CLUSTER SLOTS says."""

from __future__ import annotations

from typing import Any

import pytest

from shared.keys import Keys
from shared.redis_bus.cluster import Node, _reads_on, key_of, read_slots, slot_of
from shared.redis_bus.connection import Command

KEYS = Keys()
ONE, TWO = "01a20000-0000-7000-8000-000000000001", "01a20000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("key", "slot"), [("123456789", 12739), ("foo", 12182), ("{foo}x", 12182), ("{}foo", 9500)]
)
def test_slots_of_the_specification(key: str, slot: int) -> None:
    assert slot_of(key) == slot


def test_what_one_script_touches_is_in_one_slot() -> None:
    publishing = [KEYS.sent(ONE), KEYS.sent(TWO), KEYS.log("A"), KEYS.log("B"), KEYS.log("*")]
    shared = [KEYS.channels, KEYS.outlets, KEYS.unlisted, KEYS.shelf("templates")]
    assert len({slot_of(key) for key in publishing + shared}) == 1
    receipts = [KEYS.receipts(ONE), KEYS.receipt_counts(ONE), KEYS.receipt_rest(ONE)]
    assert len({slot_of(key) for key in receipts}) == 1
    assert slot_of(KEYS.receipts(ONE)) != slot_of(KEYS.receipts(TWO))


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("TIME",), None),
        (("SCRIPT", "LOAD", "return 1"), None),
        (("GET", "a"), "a"),
        (("XINFO", "STREAM", "a"), "a"),
        (("EVALSHA", "sha", 2, "a", "b", "value"), "a"),
        (("EVAL", "script", 0, "value"), None),
    ],
)
def test_the_key_of_a_command(command: tuple[Any, ...], key: str | None) -> None:
    assert key_of(command) == key


@pytest.mark.parametrize("name", ["XREAD", "BITOP", "OBJECT", "MEMORY", "HSETEX"])
def test_a_command_whose_key_may_stand_anywhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        key_of((name, "a", "b"))


def test_a_server_without_a_name_is_called_as_it_was_asked() -> None:
    answer = [
        [0, 100, [None, 7000, b"id-1", []], [b"10.0.0.2", 7001, b"id-2", []]],
        [101, 200, [b"hq-redis-3", 7002, b"id-3"]],
    ]
    slots = read_slots(answer, "hq-redis-1")
    first, third = Node("hq-redis-1", 7000, "id-1"), Node("hq-redis-3", 7002, "id-3")
    assert slots.nodes == [first, Node("10.0.0.2", 7001, "id-2"), third]
    assert [slots.master_of(slot) for slot in (0, 100, 101, 201)] == [first, first, third, None]
    assert slots.masters() == {first: 1, third: 0}
    assert [slots.replicas_of(node) for node in (first, third, Node("x", 1))] == [1, 0, 0]
    slots.move(0, "hq-redis-3", 7002)
    slots.move(201, "10.0.0.9", 7009)
    moved = [slots.master_of(slot) for slot in (0, 1, 201)]
    assert moved == [third, first, Node("10.0.0.9", 7009)]


@pytest.mark.parametrize(
    ("command", "goes_on"),
    [
        (("HSCAN", "k", 0, "COUNT", 5), False),
        (("ZSCAN", "k", 7, "COUNT", 5), True),
        (("EVALSHA", "0" * 40, 1, "k", "HSCAN", 0, 5), False),
        (("EVAL", "return", 1, "k", "ZSCAN", 12, 5), True),
        (("EVALSHA", "0" * 40, 1, "k", "x", 12, 5), False),
        (("HGET", "k", "HSCAN"), False),
    ],
)
def test_a_reading_in_pages_is_known_as_one(command: Command, goes_on: bool) -> None:
    """Its position means nothing on another server."""
    assert _reads_on(command) == goes_on
