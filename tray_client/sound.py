"""Makes urgent messages heard. Nothing here waits: the GUI thread only says what to play.

Qt's own player (QtMultimedia) would weigh more than the rest of the program. Windows has
a player; on Linux whichever player of PipeWire, PulseAudio or ALSA is there does. Without any,
without a sound device or when it fails, the system beeps.
"""

from __future__ import annotations

import logging
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess
from PySide6.QtWidgets import QApplication

from shared.model import Level
from shared.settings import Sound

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "resources"
PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"))
"""Programs that play the file that comes as the last argument, the most modern first."""

_HEARD = {
    Sound.OFF: frozenset[Level](),
    Sound.EMERGENCY: frozenset({Level.EMERGENCY}),
    Sound.URGENT: frozenset({Level.URGENT, Level.EMERGENCY}),
}


class Sounder(QObject):
    """Plays the sound of a level, if policy wants it heard."""

    def __init__(self, wanted: Sound, folder: Path = FOLDER) -> None:
        super().__init__()
        self._heard = _HEARD[wanted]
        self._folder = folder
        self._player: QProcess | None = None

    @property
    def is_playing(self) -> bool:
        """Whether a player runs (Windows does not say)."""
        return self._player is not None

    def ring(self, level: Level) -> None:
        """Let a message of *level* be heard once."""
        if level not in self._heard:
            return
        path = self._folder / f"{level}.wav"
        if sys.platform == "win32":
            self._play_on_windows(path)
        else:
            self._play(path)

    def stop(self) -> None:
        """Be silent: the message was answered, or the program ends."""
        if sys.platform == "win32":
            import winsound

            winsound.PlaySound(None, winsound.SND_PURGE)
        elif self._player is not None:
            self._player.kill()

    def _play(self, path: Path) -> None:
        if self._player is not None:  # still playing
            return
        command = next((one for one in PLAYERS if shutil.which(one[0])), None)
        if command is None:
            QApplication.beep()
            return
        self._player = QProcess(self)
        self._player.setStandardOutputFile(QProcess.nullDevice())
        self._player.setStandardErrorFile(QProcess.nullDevice())
        self._player.finished.connect(self._ended)
        self._player.errorOccurred.connect(self._failed)
        self._player.start(command[0], [*command[1:], str(path)])

    def _ended(self, code: int) -> None:
        player, self._player = self._player, None
        if player is not None:
            player.deleteLater()
            if code and player.exitStatus() is QProcess.ExitStatus.NormalExit:
                log.info("the player ended with %d", code)
                QApplication.beep()

    def _failed(self, error: QProcess.ProcessError) -> None:
        """It could not be started; whatever else goes wrong ends with ``finished``."""
        if error is QProcess.ProcessError.FailedToStart:
            self._ended(0)
            QApplication.beep()

    def _play_on_windows(self, path: Path) -> None:
        if sys.platform != "win32":
            return
        import ctypes
        import winsound

        # PlaySound returns before it opens a device: that there is none, it does not say.
        if not ctypes.WinDLL("winmm").waveOutGetNumDevs():
            log.info("no sound: this PC, or this remote session, has no sound device")
            QApplication.beep()
            return
        flags = winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT
        try:
            winsound.PlaySound(str(path), flags)
        except RuntimeError as error:
            log.info("no sound: %s", error)
            QApplication.beep()
