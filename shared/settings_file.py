"""Changing this person's settings file, and keeping a password beside the program's data.

Only what the person changed is touched: comments, order and settings of the other program stay.
Both files can be read by their owner alone; a settings file that others may write would be ignored.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from shared import held_files
from shared.errors import StorageError
from shared.phrases import phrase
from shared.private import create_folder, open_private
from shared.settings import Program

PASSWORD_FILE = "redis-password"  # noqa: S105  # the name of a file, not a password


def save_settings(path: Path, program: Program, changes: Mapping[str, str | int | None]) -> None:
    """Write *changes* into *program*'s part of the TOML file *path*; None takes a value out.

    A value goes into the program's own table, because the console's account is not the tray's.

    Raises:
        StorageError: the file cannot be read or written; it is as it was.
    """
    document = _parsed(path)
    own = document.setdefault(program.value, tomlkit.table())
    if not isinstance(own, Table):
        raise StorageError(
            phrase("In {path}, {name!r} is no table.", path=path, name=program.value),
            phrase("Mend or remove the file."),
        )
    for name, value in changes.items():
        if value is not None:
            own[name] = value
        else:  # a value for both programs would show through
            own.pop(name, None)
            document.pop(name, None)
    if not own:
        document.pop(program.value)
    _replace(path, tomlkit.dumps(document).encode())


def save_password(folder: Path, password: str) -> Path:
    """Keep *password* in a file in *folder* that only its owner can read, and return that file.

    Raises:
        StorageError: it cannot be written.
    """
    path = folder / PASSWORD_FILE
    _replace(path, f"{password}\n".encode())
    return path


def _parsed(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(held_files.read_bytes(path).decode("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except OSError as error:
        raise StorageError(
            phrase("{path} cannot be read ({reason}).", path=path, reason=error.strerror)
        ) from error
    except (TOMLKitError, UnicodeDecodeError) as error:
        sentence = phrase(
            "{path} is not valid TOML, so nothing was saved: {reason}.",
            path=path,
            reason=str(error),
        )
        raise StorageError(sentence, phrase("Mend or remove the file.")) from error


def _replace(path: Path, content: bytes) -> None:
    """Write all or nothing: a full disk must not cost the settings there were."""
    try:
        create_folder(path.parent)
        beside = path.with_name(f".{path.name}-{os.urandom(4).hex()}")
        descriptor = open_private(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        held_files.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            held_files.patiently(beside.unlink)
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> StorageError:
    sentence = phrase("{path} cannot be written ({reason}).", path=path, reason=error.strerror)
    return StorageError(sentence, phrase("Make room on the disk, or let this user write there."))
