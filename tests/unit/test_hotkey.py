"""Hotkeys as people write them."""

from __future__ import annotations

import pytest

from shared.hotkey import Hotkey, Modifier, parse_hotkey


@pytest.mark.parametrize("text", ["Ctrl+Alt+M", "ctrl + alt + m", "ALT+CTRL+M"])
def test_it_is_read_in_any_case_and_order(text: str) -> None:
    assert parse_hotkey(text) == Hotkey(frozenset({Modifier.CTRL, Modifier.ALT}), "M")


def test_function_keys() -> None:
    assert parse_hotkey("Win+F12") == Hotkey(frozenset({Modifier.WIN}), "F12")


@pytest.mark.parametrize(
    "text",
    ["", "M", "Shift+M", "F5", "Ctrl+", "Ctrl+Enter", "Ctrl+F13", "Hyper+M", "Ctrl+Alt", "+"],
)
def test_a_tills_own_keys_stay_its_own(text: str) -> None:
    assert parse_hotkey(text) is None
