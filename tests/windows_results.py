"""What became of each test, from pytest in Windows' Python to the runner on Linux, and its summary.

An exit code does not say it: Wine keeps its last eight bits, so an access violation (0xC0000005)
looks like pytest's "no tests". As a plugin of pytest this module appends a line of JSON for each
test to a file; without the last line the process died.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.needs import PROPERTY, listed, reason_of

VARIABLE = "TEST_RESULTS"
"""The file; the plugin does nothing without it. (Wine hides names that begin with QT_.)"""
BEGAN, ENDED, FINISHED = "began", "ended", "finished"
FAILED = frozenset({"failed", "error"})


@dataclass(frozen=True)
class Event:
    """A line of the file."""

    kind: str
    test: str = ""
    outcome: str = ""
    seconds: float = 0.0
    detail: str = ""
    """Of a failure its text; of a skip the reason; of what is left out its entry."""
    code: int = 0
    """Of the end: pytest's own exit code."""

    @property
    def file(self) -> str:
        """The test's file."""
        return self.test.partition("::")[0]


# --- inside: the plugin --------------------------------------------------------------------------


def _tell(event: Event) -> None:
    if path := os.environ.get(VARIABLE):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(event)) + "\n")


def pytest_runtest_logstart(nodeid: str) -> None:
    """Note which test runs, for the case that it ends the process."""
    _tell(Event(BEGAN, nodeid))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what became of it."""
    outcome, detail = report.outcome, ""
    if report.skipped:
        left_out = dict(report.user_properties).get(PROPERTY)
        detail = str(left_out or _reason(report.longrepr))
        outcome = "left out" if left_out else outcome  # type: ignore[assignment]
    elif report.failed:
        detail = "\n".join([report.longreprtext, *(f"{a}:\n{b}" for a, b in report.sections)])
        outcome = "failed" if report.when == "call" else "error"  # type: ignore[assignment]
    elif report.when != "call":
        outcome = ""  # type: ignore[assignment]  # a fixture's time, and nothing to count
    _tell(Event(ENDED, report.nodeid, outcome, report.duration, detail))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a file that cannot be read."""
    if report.failed:
        _tell(Event(ENDED, report.nodeid, "error", 0.0, report.longreprtext))


def pytest_sessionfinish(exitstatus: int) -> None:
    """Note that the process came to its end."""
    _tell(Event(FINISHED, code=int(exitstatus)))


def _reason(longrepr: Any) -> str:
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)


# --- outside -------------------------------------------------------------------------------------


class Reader:
    """Reads the lines that were added since the last time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def new(self) -> list[Event]:
        """Whole lines only: the last one may be half written."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [Event(**json.loads(line)) for line in whole.splitlines()]


@dataclass
class Results:
    """What became of all tests."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """By file: what the next run divides by."""

    def add(self, event: Event) -> None:
        """Count one."""
        if event.kind != ENDED:
            return
        self.seconds[event.file] = self.seconds.get(event.file, 0.0) + event.seconds
        if not event.outcome:
            return
        self.counts[event.outcome] += 1
        if event.outcome in FAILED:
            self.failures.append(event.test)
        elif event.outcome == "skipped":
            self.skipped[event.detail] += 1
        elif event.outcome == "left out":
            self.left_out[event.detail] += 1

    @property
    def code(self) -> int:
        """The exit code: pytest's for failures, for no tests at all, for success."""
        if self.failures:
            return int(pytest.ExitCode.TESTS_FAILED)
        return int(pytest.ExitCode.OK if self.counts else pytest.ExitCode.NO_TESTS_COLLECTED)

    def summary(self) -> Iterator[str]:
        """Print it at the end."""
        if self.left_out:
            yield "== left out, by what it needs"
            yield from listed(self.left_out, reason_of)
        if self.skipped:
            yield "== skipped"
            yield from (f"{count:4d}  {reason}" for reason, count in sorted(self.skipped.items()))
        if self.failures:
            yield "== failed"
            yield from sorted(set(self.failures))
        yield "== " + ", ".join(f"{number} {name}" for name, number in self.counts.items())


def died(events: Sequence[Event]) -> str | None:
    """The test that ended the process of these *events*; None: it came to its end."""
    if any(event.kind == FINISHED for event in events):
        return None
    return next((event.test for event in reversed(events) if event.kind == BEGAN), "")
