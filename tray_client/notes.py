"""What a person has done and the disk has not taken yet: kept, and tried again until it does."""

from __future__ import annotations

import logging
from collections.abc import Callable

from shared.errors import StorageError

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""A message id, or another name, and what happened to it."""


class Notes:
    """Writes that must not be lost. *failed* is called with what the disk says when it refuses."""

    def __init__(self, failed: Callable[[StorageError], None]) -> None:
        self._failed = failed
        self._unwritten: dict[Key, Callable[[], object]] = {}

    def take(self, key: Key, write: Callable[[], object]) -> None:
        """Have *write* done, now or as soon as the disk lets it be done."""
        self._unwritten[key] = write
        self.write()

    def write(self) -> None:
        """Try everything that is not written yet, in its order."""
        for key, write in list(self._unwritten.items()):
            try:
                write()
            except StorageError as error:
                log.error("not written down yet: %s", error)  # noqa: TRY400  # a full disk
                self._failed(error)
                return
            except Exception:
                # It never will be, and must not keep the others, or the caller, from going on.
                log.exception("cannot be written down: %s of %s", key[1], key[0])
            del self._unwritten[key]

    def unwritten(self) -> bool:
        """Whether there is something that the disk has not taken yet."""
        return bool(self._unwritten)

    def settled(self) -> set[str]:
        """Names of messages whose end the disk has not taken yet."""
        return {name for name, what in self._unwritten if what == SETTLED}


SETTLED = "settled"
"""The message asks nobody any more."""
