"""``siaran-console``, and ``python -m admin_app``."""

from __future__ import annotations

import sys

from admin_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
