"""Screens of any number, size and scaling: Qt's offscreen platform, on every system."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def environment(folder: Path, screens: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Describe *screens* in a file in *folder*; return the variables of a program that has them.

    The program has to start in *folder*: Qt reads a colon as the end of the file's name, so that a
    name with a drive ends the program (0xC0000409, Qt's fatal error).
    """
    dpi = {"logicalDpi": 96, "logicalBaseDpi": 96}
    described = json.dumps({"screens": [{**dpi, **screen} for screen in screens]})
    (folder / "screens.json").write_text(described)
    platform = {"QT_QPA_PLATFORM": "offscreen:configfile=screens.json"}
    return platform | (fonts() if sys.platform == "win32" else {})


def fonts() -> dict[str, str]:
    """Where the offscreen platform finds fonts on Windows: it reads files of one folder.

    Wine's own fonts are bitmaps, and not in Windows' folder; what it runs on has DejaVu.
    """
    windows, linux = Path(os.environ["SYSTEMROOT"]) / "Fonts", Path("Z:/usr/share/fonts/truetype")
    return {"QT_QPA_FONTDIR": str(windows if any(windows.glob("*.ttf")) else linux / "dejavu")}
