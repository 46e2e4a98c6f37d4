"""Writes the two sounds of loud messages: ``python packaging/sounds/make_wav.py``.

They are made here from nothing but sine waves, so they are the project's own. Their tones lie where
small speakers are loudest and ears are sharpest (1 to 3 kHz), so that they are heard over a shop.
A test compares the files with what this makes.
"""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "tray_client" / "resources"
RATE = 16_000
"""Samples a second; the highest overtone is below half of it."""
LOUDEST = 0.9
ATTACK_S = 0.005
"""A tone that starts at once would click."""

Tone = tuple[float, float, float]
"""Begin and length in seconds, and frequency in Hz."""

URGENT: list[Tone] = [(0.0, 0.45, 1568.0), (0.18, 0.55, 1244.5)]
"""A bell with two tones."""
EMERGENCY: list[Tone] = [
    (0.22 * number, 0.2, 2093.0 if number % 2 == 0 else 1396.9) for number in range(6)
]
"""An alarm that goes up and down."""


def sound(tones: Iterable[Tone], *, bell: bool) -> bytes:
    """A WAV file; tones of a *bell* die away."""
    tones = list(tones)
    length = max(begin + seconds for begin, seconds, _ in tones)
    values = [0.0] * round(length * RATE)
    for begin, seconds, frequency in tones:
        first = round(begin * RATE)
        for index in range(min(round(seconds * RATE), len(values) - first)):
            values[first + index] += _value(index / RATE, seconds, frequency, bell)
    top = max(map(abs, values))
    frames = b"".join(struct.pack("<h", round(32767 * LOUDEST * one / top)) for one in values)
    return _file(frames)


def _value(at: float, seconds: float, frequency: float, bell: bool) -> float:
    edge = min(1.0, at / ATTACK_S, (seconds - at) / ATTACK_S)
    fade = math.exp(-5 * at / seconds) if bell else 1.0
    turn = 2 * math.pi * frequency * at
    return edge * fade * (math.sin(turn) + 0.4 * math.sin(2 * turn) + 0.2 * math.sin(3 * turn))


def _file(frames: bytes) -> bytes:
    made = BytesIO()
    with wave.open(made, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(frames)
    return made.getvalue()


def files() -> dict[Path, bytes]:
    """Every file with its content."""
    return {
        FOLDER / "urgent.wav": sound(URGENT, bell=True),
        FOLDER / "emergency.wav": sound(EMERGENCY, bell=False),
    }


if __name__ == "__main__":
    for path, content in files().items():
        path.write_bytes(content)
