"""Windows' own player: what is heard with a sound device, and without any."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shared.model import Level
from shared.settings import Sound
from tests import children, needs
from tray_client.sound import FOLDER, Sounder

if sys.platform != "win32":
    pytest.skip("needs Windows: its player", allow_module_level=True)

RINGS = """
import sys
from PySide6.QtWidgets import QApplication
from shared.model import Level
from shared.settings import Sound
from tray_client.sound import Sounder

app = QApplication([])
QApplication.beep = lambda: sys.exit("it beeped")
sounder = Sounder(Sound.URGENT)
sounder.ring(Level.IMPORTANT)
sounder.ring(Level.URGENT)
sys.stdin.read()
sounder.stop()
"""


@pytest.fixture
def beeps(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Gets an entry for each beep of the system."""
    heard: list[bool] = []
    monkeypatch.setattr(QApplication, "beep", lambda: heard.append(True))
    return heard


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Path]:
    """Gives programs that start from now on a sound device, which writes what it plays to a file.

    16 bits, mono, 16,000 a second, as our sounds have.
    """
    if not needs.is_wine():
        pytest.skip("needs Wine: its sound device is what a file says")
    heard = tmp_path / "heard.raw"
    settings = Path(os.environ["WINEHOMEDIR"].removeprefix("\\??\\")) / ".asoundrc"
    settings.write_text(
        f'pcm.!default {{ type file format raw file "{unix_path(heard)}" slave.pcm '
        "{ type null } }\nctl.!default { type null }\n",
        encoding="ascii",
        newline="\n",
    )
    yield heard
    settings.unlink()


def unix_path(path: Path) -> str:
    """What Wine makes of *path*."""
    translate = ctypes.CDLL("kernel32").wine_get_unix_file_name
    translate.restype = ctypes.c_char_p
    translate.argtypes = (ctypes.c_wchar_p,)
    return str(translate(str(path)).decode())


def test_without_a_sound_device_the_system_beeps_as_policy_says(
    qapp: QApplication, beeps: list[bool]
) -> None:
    if ctypes.WinDLL("winmm").waveOutGetNumDevs():
        pytest.skip("needs a PC without a sound device")
    for wanted, level, count in (
        (Sound.OFF, Level.EMERGENCY, 0),
        (Sound.EMERGENCY, Level.URGENT, 0),
        (Sound.URGENT, Level.IMPORTANT, 0),
        (Sound.URGENT, Level.URGENT, 1),
        (Sound.EMERGENCY, Level.EMERGENCY, 2),
    ):
        sounder = Sounder(wanted)
        sounder.ring(level)
        sounder.stop()
        assert len(beeps) == count, (wanted, level)


def test_a_sound_device_plays_the_file_of_the_level_to_its_end(device: Path) -> None:
    with wave.open(str(FOLDER / "urgent.wav")) as sound:
        frames = sound.readframes(sound.getnframes())
    with subprocess.Popen(
        [children.python(), "-c", RINGS], env=children.environment(), stdin=subprocess.PIPE
    ) as child:
        try:
            deadline = time.monotonic() + 40
            while not device.exists() or device.stat().st_size < len(frames):
                assert child.poll() is None
                assert time.monotonic() < deadline, "it is silent"
                time.sleep(0.05)
            assert device.read_bytes().rstrip(b"\0") == frames.rstrip(b"\0")
        finally:
            child.communicate(b"")
    assert child.returncode == 0
