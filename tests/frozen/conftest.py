"""The frozen programs, as ``run.py freeze`` left them in dist/, and screens to put them on."""

from __future__ import annotations

import os
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.frozen.programs import Frozen
from tests.frozen.screen import Screen

ROOT = Path(__file__).resolve().parents[2]
freeze = runpy.run_path(str(ROOT / "packaging" / "freeze" / "freeze.py"))


def not_tested(reason: str) -> NoReturn:
    """Skip loudly; in CI, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs the frozen programs: {reason}")
    pytest.skip(f"NOT TESTED: {reason}")


@pytest.fixture(scope="session")
def frozen() -> Frozen:
    """The frozen programs of exactly this source."""
    folder: Path = freeze["folder_of"]()
    stamp = folder / "stamp"
    if not stamp.is_file():
        not_tested("nothing is frozen here; python3 run.py freeze does it")
    if stamp.read_text() != freeze["digest"]():
        not_tested("what is frozen in dist/ is of another source; python3 run.py freeze renews it")
    return Frozen(folder)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """An empty screen."""
    yield from _screen(tmp_path / "screen")


@pytest.fixture
def other_screen(tmp_path: Path) -> Iterator[Screen]:
    """A second one, to compare with."""
    yield from _screen(tmp_path / "other-screen")


def _screen(folder: Path) -> Iterator[Screen]:
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            not_tested(f"there is no {program}")
    folder.mkdir()
    screen = Screen(folder)
    yield screen
    screen.close()
