"""Several monitors with different scaling: what opens where, as policy says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect

from tests.gui import offscreen

ROOT = Path(__file__).resolve().parents[2]
SCREENS = [
    {"name": "till", "x": 0, "y": 0, "width": 1366, "height": 768, "dpr": 1},
    {"name": "office", "x": 1366, "y": 0, "width": 1920, "height": 1080, "dpr": 1.5},
    {"name": "customer", "x": 3286, "y": 0, "width": 1024, "height": 600, "dpr": 2},
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program on three screens says."""
    folder = tmp_path_factory.mktemp("screens")
    environment = {**os.environ, **offscreen.environment(folder, SCREENS), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.many_screens"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def where(seen: dict[str, Any], what: str) -> list[int]:
    """On which screens the windows are; each is wholly on its screen."""
    screens = [QRect(*one) for one in seen["screens"]]
    return [
        next(number for number, screen in enumerate(screens) if screen.contains(QRect(*one)))
        for one in seen[what]
    ]


def test_an_emergency_is_on_every_screen_and_others_where_the_pointer_is(
    seen: dict[str, Any],
) -> None:
    assert where(seen, "every normal") == [1]
    assert where(seen, "every") == [1, 0, 2]


def test_policy_keeps_the_other_screens_free(seen: dict[str, Any]) -> None:
    assert where(seen, "pointer") == [1]
    assert where(seen, "primary") == [0]


def test_an_emergency_may_fill_its_screens(seen: dict[str, Any]) -> None:
    assert [seen["full"][n] for n in (1, 0, 2)] == seen["screens"]


def test_a_popup_may_be_in_a_corner(seen: dict[str, Any]) -> None:
    screen, popup = QRect(*seen["screens"][1]), QRect(*seen["corner"][0])
    assert screen.right() - popup.right() == screen.bottom() - popup.bottom() == 24


def test_no_popup_takes_more_than_80_percent_of_its_screen(seen: dict[str, Any]) -> None:
    for number, popup in zip(where(seen, "every"), seen["every"], strict=True):
        screen = seen["screens"][number]
        assert popup[2] <= 0.8 * screen[2]
        assert popup[3] <= 0.8 * screen[3]


def test_mirrors_follow_and_answer_for_all(seen: dict[str, Any]) -> None:
    assert seen["answers"] == ["Changed", "Changed", "Changed", "1", "0"]
