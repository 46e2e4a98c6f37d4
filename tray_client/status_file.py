"""What the running tray says of itself, for ``siaran-tray status`` and whoever supports the PC."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from shared import held_files
from shared.codec import WireError
from shared.documents import MAX_OWN_FILE, decode_document
from shared.private import write_private

FILE_NAME = "status.json"


class TrayStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a tray stands. ``since`` and ``quiet_until`` are ms by Redis' clock."""

    running: bool
    state: str = ""
    address: str = ""
    error: str | None = None
    endpoint: str = ""
    channels: list[str] = msgspec.field(default_factory=list)
    waiting: int = 0
    quiet_until: int = 0
    rival: bool = False
    problems: list[str] = msgspec.field(default_factory=list)
    version: str = ""
    since: int = 0


def write(folder: Path, status: TrayStatus) -> None:
    """Keep *status* beside the inbox; a disk that refuses disturbs nothing else."""
    with contextlib.suppress(OSError):
        write_private(folder / FILE_NAME, msgspec.json.encode(status, enc_hook=str))


def read(folder: Path, *, running: bool) -> TrayStatus:
    """Return what the tray last wrote, if it is *running*."""
    if running:
        with contextlib.suppress(OSError, WireError):
            raw = held_files.read_bytes(folder / FILE_NAME)
            return decode_document(raw, TrayStatus, MAX_OWN_FILE)
    return TrayStatus(running=running)
