"""``siaran-tray``, and ``python -m tray_client``."""

from __future__ import annotations

import sys

from tray_client.cli import main

if __name__ == "__main__":
    sys.exit(main())
