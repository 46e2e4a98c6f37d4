"""What IT has decided for this PC on Linux: policies, and the machine's own settings.

JSON files in ``/etc/siaran/policies/managed`` and ``/etc/siaran/siaran.toml``, with objects
or tables ``console`` and ``tray``. They count only if nobody but root could have written them.

What is there but cannot be used makes its layer ``broken``: nobody knows what it demands. Windows
has the registry for all this: ``shared.registry``.
"""

from __future__ import annotations

import json
import stat
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared import held_files
from shared.errors import Problem
from shared.phrases import Phrase, phrase, reason_of
from shared.settings import Layer, Program, Source

TRUSTED_UIDS = frozenset({0})
"""Who may own a file that decides for everybody on this PC: root."""
Values = dict[str, Any]


def for_program(path: Path, values: Values, program: Program, problems: list[Problem]) -> Values:
    """Merge the part ``console`` or ``tray`` of *values* over the rest of them.

    Raises:
        UnusableFile: that part is no table; the problem has been noted.
    """
    general = {name: value for name, value in values.items() if name not in list(Program)}
    own = values.get(program, {})
    if not isinstance(own, Mapping):
        sentence = phrase("In {path}, {name!r} is no table.", path=path, name=program.value)
        problems.append(Problem("", sentence))
        raise UnusableFile
    return general | dict(own)


class UnusableFile(Exception):
    """A file is there but cannot be used; the problem has been noted."""


# --- files ---------------------------------------------------------------------------------------


def json_policy_layer(
    folder: Path,
    program: Program,
    problems: list[Problem],
    *,
    uids: frozenset[int] = TRUSTED_UIDS,
) -> Layer:
    """Policies of all ``*.json`` in *folder*; of two files the later name wins."""
    values: Values = {}
    broken = False
    try:
        files = sorted(path for path in folder.iterdir() if path.name.endswith(".json"))
    except FileNotFoundError:  # no folder, no policies
        files = []
    except OSError as error:
        problems.append(_unreadable(folder, error))
        files, broken = [], True
    for path in files:
        try:
            values |= for_program(path, read_json(path, problems, uids=uids), program, problems)
        except UnusableFile:
            broken = True
    return Layer(Source.POLICY, str(folder), values, broken=broken)


def toml_layer(
    source: Source,
    path: Path,
    program: Program,
    problems: list[Problem],
    *,
    uids: frozenset[int] = TRUSTED_UIDS,
) -> Layer:
    """Settings of the TOML file *path*; none if there is no such file."""
    try:
        values = for_program(path, read_toml(path, problems, uids=uids), program, problems)
    except UnusableFile:
        return Layer(source, str(path), {}, broken=source is not Source.USER)
    return Layer(source, str(path), values)


def read_json(path: Path, problems: list[Problem], *, uids: frozenset[int]) -> Values:
    """Return what a policy file holds; nothing if it is gone.

    Raises:
        UnusableFile: it is there but cannot be used.
    """
    raw = _read(path, problems, uids)
    if raw is None:
        return {}
    try:
        values = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = reason_of(error)
        sentence = phrase(
            "{path} is not valid JSON: {reason}.",
            path=path,
            reason=reason if isinstance(reason, Phrase) else reason[:120],
        )
        problems.append(Problem("", sentence))
        raise UnusableFile from None
    if not isinstance(values, dict):
        problems.append(Problem("", phrase("{path} has to hold a JSON object.", path=path)))
        raise UnusableFile
    values.pop("$schema", None)  # for editors
    return values


def read_toml(path: Path, problems: list[Problem], *, uids: frozenset[int]) -> Values:
    """Return what a TOML file holds; nothing if there is none.

    Raises:
        UnusableFile: it is there but cannot be used.
    """
    raw = _read(path, problems, uids)
    if raw is None:
        return {}
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        sentence = phrase("{path} is not valid TOML: {reason}.", path=path, reason=str(error)[:120])
        problems.append(Problem("", sentence))
        raise UnusableFile from None


def _read(path: Path, problems: list[Problem], uids: frozenset[int]) -> bytes | None:
    """Read a file that nobody but *uids* could have written; None if there is none."""
    if _is_missing(path):
        return None
    if not is_trustworthy(path, problems, uids=uids):
        raise UnusableFile
    try:
        return held_files.read_bytes(path)
    except OSError as error:
        problems.append(_unreadable(path, error))
        raise UnusableFile from None


def _is_missing(path: Path) -> bool:
    """Whether the system says that there is no *path*, and not that nobody may look."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def is_trustworthy(
    path: Path, problems: list[Problem], *, uids: frozenset[int] = TRUSTED_UIDS
) -> bool:
    """Whether *path* is a file that only *uids*, normally root, could have written."""
    if sys.platform == "win32":
        return True
    for place in (path, path.parent):
        try:
            facts = place.stat()
        except OSError as error:
            problems.append(_unreadable(place, error))
            return False
        if facts.st_uid not in uids or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            sentence = phrase(
                "{place} is ignored: others than its owner could have written it. "
                "Let it belong to root, with mode 644 or 755.",
                place=place,
            )
            problems.append(Problem("", sentence))
            return False
        if place is path and stat.S_ISFIFO(facts.st_mode):  # reading it would wait for ever
            problems.append(Problem("", phrase("{path} is no file.", path=path)))
            return False
    return True


def _unreadable(path: Path, error: OSError) -> Problem:
    sentence = phrase("{path} cannot be read ({reason}).", path=path, reason=error.strerror)
    return Problem("", sentence)


def _once(pairs: list[tuple[str, Any]]) -> Values:
    """Refuse an object in which a name stands twice: which one counts is anybody's guess."""
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(phrase("{name!r} stands in it twice", name=twice))
    return values
