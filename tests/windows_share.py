"""Which tests the runner gives to which of its processes, and what has to run at all."""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_S = 3.0
"""How long a file is taken to run whose time has not been measured yet."""
SHARED_FROM = 9
"""Files; fewer are over before a second process has started."""
ALONE = frozenset({"-x", "-s", "--collect-only", "--co", "--pdb", "--exitfirst", "--version"})
"""Options that make sense in a single process whose output is pytest's own."""


@dataclass(frozen=True)
class Wanted:
    """The tests and the options of a command line."""

    tests: list[str]
    """Files, folders and single tests, from the root, with ``/``."""
    options: list[str]


def wanted(arguments: Sequence[str], root: Path, here: Path) -> Wanted:
    """Divide *arguments* of pytest: what exists below *root* (seen from *here*) is tests."""
    tests, options = [], []
    for argument in arguments:
        path, colons, name = argument.partition("::")
        found = _below(root, [here / path, root / path]) if path and path[0] != "-" else None
        if found is None:
            options.append(argument)
        else:
            tests.append(f"{found}{colons}{name}")
    return Wanted(tests, options)


def _below(root: Path, paths: Iterable[Path]) -> str | None:
    for path in paths:
        whole = Path(os.path.normpath(path))
        if whole.exists() and whole.is_relative_to(root):
            return whole.relative_to(root).as_posix()
    return None


def files_of(tests: Sequence[str], root: Path) -> list[str]:
    """The files of *tests*; single tests stay as they are."""
    found: dict[str, None] = {}
    for test in tests or ["tests"]:
        folder = root / test
        inside = sorted(folder.rglob("test_*.py")) if folder.is_dir() else []
        names = [one.relative_to(root).as_posix() for one in inside] or [test]
        found.update(dict.fromkeys(names))
    return list(found)


def shares(files: Sequence[str], seconds: Mapping[str, float], processes: int) -> list[list[str]]:
    """Divide *files* so that all *processes* end at about the same time.

    The longest goes first, each to whom has least: at most a third longer than the best division
    (Graham, Bounds on Multiprocessing Timing Anomalies, 1969).
    """
    loads = [(0.0, number) for number in range(processes)]
    divided: list[list[str]] = [[] for _ in range(processes)]
    for file in sorted(files, key=lambda file: -_seconds(file, seconds)):
        load, number = heapq.heappop(loads)
        divided[number].append(file)
        heapq.heappush(loads, (load + _seconds(file, seconds), number))
    return [sorted(share) for share in divided if share]


def _seconds(file: str, seconds: Mapping[str, float]) -> float:
    return seconds.get(file.partition("::")[0], UNKNOWN_S)


def processes_for(files: Sequence[str], options: Sequence[str], cores: int) -> int:
    """How many processes: one for few files or where pytest's own output is wanted."""
    if len(files) < SHARED_FROM or ALONE & set(options):
        return 1
    return max(1, min(cores, 2))


def remembered(path: Path) -> dict[str, float]:
    """Seconds by file, of earlier runs."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(file): float(seconds) for file, seconds in found.items()}


def remember(path: Path, seconds: Mapping[str, float]) -> None:
    """Keep *seconds* for the next run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps({**remembered(path), **seconds}), encoding="utf-8")
    unfinished.replace(path)
