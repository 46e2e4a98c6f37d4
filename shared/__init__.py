"""What the console and the tray share. Nothing here knows either of them."""

__version__ = "0.1.0"

RELEASED_MS = 1_795_910_400_000
"""When this version was made (29 November 2026), in ms: no clock is earlier. Raise it with the
version."""
