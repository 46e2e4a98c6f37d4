"""Runs first in every frozen program: its modules are in the folder's one archive, not in it."""

import sys

# PyInstaller's loader looks here for the archive; its bootloader knows only one inside the program.
setattr(sys, "_pyinstaller_pyz", f"{getattr(sys, '_MEIPASS')}/siaran.pyz")  # noqa: B009, B010
