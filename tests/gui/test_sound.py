"""Loud messages are heard, as policy says, and the GUI thread never waits for it."""

from __future__ import annotations

import os
import runpy
import time
import wave
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shared.model import Level
from shared.settings import Sound
from tests.conftest import until
from tray_client.sound import FOLDER, Sounder

ROOT = Path(__file__).resolve().parents[2]
make_wav = runpy.run_path(str(ROOT / "packaging" / "sounds" / "make_wav.py"))


def test_the_sounds_are_what_the_script_makes() -> None:
    for path, content in make_wav["files"]().items():
        assert path.read_bytes() == content
        with wave.open(str(path)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
            assert 0.5 < seconds < 2
            assert sound.getnchannels() == 1


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A player that writes down what it was given; the file of its lines."""
    heard = tmp_path / "heard"
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "pw-play"
    program.write_text(f'#!/bin/sh\nsleep 0.3\necho "$1" >> {heard}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return heard


def lines(path: Path) -> list[str]:
    """What was played so far."""
    return path.read_text().splitlines() if path.exists() else []


async def test_urgent_messages_are_heard_without_waiting(qapp: QApplication, player: Path) -> None:
    sounder = Sounder(Sound.URGENT)
    began = time.monotonic()
    sounder.ring(Level.URGENT)
    sounder.ring(Level.URGENT)  # it is playing already
    assert time.monotonic() - began < 0.25
    await until(lambda: lines(player) == [str(FOLDER / "urgent.wav")])
    await until(lambda: not sounder.is_playing)
    sounder.ring(Level.EMERGENCY)
    await until(lambda: lines(player)[1:] == [str(FOLDER / "emergency.wav")])
    sounder.stop()


async def test_policy_decides_what_is_heard(qapp: QApplication, player: Path) -> None:
    for wanted, level in (
        (Sound.OFF, Level.EMERGENCY),
        (Sound.EMERGENCY, Level.URGENT),
        (Sound.URGENT, Level.IMPORTANT),
    ):
        sounder = Sounder(wanted)
        sounder.ring(level)
        assert not sounder.is_playing


async def test_without_a_player_the_system_beeps(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beeps: list[bool] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(True))
    monkeypatch.setenv("PATH", str(tmp_path))
    Sounder(Sound.URGENT).ring(Level.URGENT)
    assert beeps == [True]
    (tmp_path / "aplay").write_text("#!/bin/sh\nexit 1\n")  # no sound card
    (tmp_path / "aplay").chmod(0o755)
    sounder = Sounder(Sound.URGENT)
    sounder.ring(Level.URGENT)
    await until(lambda: beeps == [True, True])
    await until(lambda: not sounder.is_playing)
