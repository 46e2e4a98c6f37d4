"""Where files live on this PC. Every function only names a place; callers create it."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

APP = "siaran"
VENDOR_FOLDER = "Siaran"


def default_data_dir(program: str) -> Path:
    """Per user and local to the PC: inbox, draft, logs. *program* is ``console`` or ``tray``."""
    if sys.platform == "win32":
        return platformdirs.user_data_path(VENDOR_FOLDER, appauthor=False) / program.capitalize()
    return platformdirs.user_data_path(APP) / program


def user_settings_file() -> Path:
    """Settings of this person, roaming where the system roams."""
    if sys.platform == "win32":
        return (
            platformdirs.user_config_path(VENDOR_FOLDER, appauthor=False, roaming=True)
            / "siaran.toml"
        )
    return platformdirs.user_config_path(APP) / "siaran.toml"


def machine_settings_file() -> Path | None:
    """Settings of this PC; Windows has the registry instead."""
    return None if sys.platform == "win32" else Path("/etc/siaran/siaran.toml")


def policy_dir() -> Path | None:
    """Folder of managed JSON policies; Windows has the registry instead."""
    return None if sys.platform == "win32" else Path("/etc/siaran/policies/managed")
