"""In place of ``importlib.metadata`` in frozen programs, which carry no notes of pip.

The real one would find nothing either, after loading e-mail, CSV and ZIP readers. redis-py asks for
its own version and goes on without.
"""

from __future__ import annotations

from typing import NoReturn


class PackageNotFoundError(ModuleNotFoundError):
    """Nothing is installed here as pip would install it."""


def version(distribution_name: str) -> NoReturn:
    """Raise: there is nothing to look it up in."""
    raise PackageNotFoundError(distribution_name)
