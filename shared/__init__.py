"""What the console and the tray share. Nothing here knows either of them."""

__version__ = "0.1.0"
