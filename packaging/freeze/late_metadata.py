"""Runs before every frozen program: ``importlib.metadata`` is loaded when it is first used.

redis-py imports it to tell servers its version, which the programs do not do. With the modules that
it needs in turn it takes 1.0 of the 34 MiB that an idle tray may have; without this, 34.1 were in
use.

The standard library's own lazy loader. It helps with hardly any other module: in Python 3.11 a
second import looks at the module's ``__spec__``, and any look loads it.
"""

from __future__ import annotations

import importlib.util
import sys

TYPE_CHECKING = False  # without typing, which a start does not need yet
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

NAME = "importlib.metadata"


class Late:
    """Finds one module once, and leaves loading it to its first use."""

    def find_spec(
        self,
        fullname: str,
        _path: Sequence[str] | None = None,
        _target: ModuleType | None = None,
        /,
    ) -> ModuleSpec | None:
        """Return the spec that the other finders have, with a lazy loader."""
        if fullname != NAME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(NAME)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


sys.meta_path.insert(0, Late())
