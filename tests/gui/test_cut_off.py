"""No text is cut off, and no access key is there twice, in either language and at any scale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from shared.qt.text import PlainLabel, WrappedLabel
from tests.gui import offscreen
from tests.gui.walk import cut_off, keys_twice, settle

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 60.0
LAPTOP = (1366, 768)
"""Device-independent pixels of the smallest usual screen."""


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_window_has_room_for_its_words(language: str, scale: int, tmp_path: Path) -> None:
    screen = {"name": "till", "x": 0, "y": 0, "dpr": 1}
    screen |= {"width": LAPTOP[0] * scale, "height": LAPTOP[1] * scale}
    given = offscreen.environment(tmp_path, [screen]) | {"PYTHONPATH": str(ROOT)}
    given |= {"QT_SCALE_FACTOR": str(scale), "TZ": "Asia/Makassar"}  # times say WITA
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.every_window", language],
        cwd=tmp_path,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}


def test_the_walk_sees_what_is_cut_off(qapp: QApplication) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    words = "Kotak masuk PC ini rusak dan sudah dibangun ulang"
    narrow, low, button, line = (
        PlainLabel(words),
        WrappedLabel(words * 3),
        QPushButton(words),
        QLineEdit(),
    )
    line.setPlaceholderText(words)
    for widget in (narrow, low, button, line):
        column.addWidget(widget)
    for widget in (narrow, button, line):
        widget.setFixedWidth(80)
    low.setFixedHeight(10)
    window.resize(200, 200)
    window.show()
    settle()
    found = cut_off(window)
    window.hide()
    window.deleteLater()
    assert [one.split()[0] for one in found] == [
        "PlainLabel",
        "WrappedLabel",
        "QPushButton",
        "QLineEdit",
    ]


def test_the_walk_sees_what_sticks_out_and_keys_twice(qapp: QApplication) -> None:
    window = QWidget()
    window.resize(100, 100)
    one, other = QPushButton("&Save", window), QPushButton("&Send", window)
    label = QLabel("fine", window)
    other.move(90, 0)
    label.move(0, 50)
    window.show()
    settle()
    found, keys = cut_off(window), keys_twice(window)
    one.hide()
    settle()
    again = keys_twice(window)
    window.deleteLater()
    assert [line for line in found if "sticks out" in line] == [
        "QPushButton '&Send': sticks out of QWidget"
    ]
    assert (keys, again) == (["s"], [])
