"""In place of ``decimal`` in frozen programs, which count in whole numbers.

msgspec asks for the type while it is loaded, to know one if it meets it. It never does.
"""

from __future__ import annotations

from typing import NoReturn


class Decimal:
    """Nothing is one."""

    def __new__(cls, *_arguments: object) -> NoReturn:
        """Raise: there are none here."""
        raise NotImplementedError("The frozen programs carry no decimal numbers.")
