"""Log files: one line an event, and a folder that refuses costs only the file."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from shared import logs
from tests.conftest import LogGuard

pytestmark = pytest.mark.usefixtures("clean_root")


def lines(folder: Path, name: str = "tray") -> list[str]:
    """The log file."""
    return (folder / f"{name}.log").read_text(encoding="utf-8").splitlines()


def test_a_text_from_outside_cannot_fake_a_line(tmp_path: Path) -> None:
    logs.set_up(tmp_path / "logs", "tray")
    log = logging.getLogger("siaran.test")
    log.info("from %s", "A\n2026-01-01 00:00:00,000 ERROR   shared: forged\u2028too")
    log.info("next")
    first, second, third, fourth = lines(tmp_path / "logs")
    assert first.endswith("INFO    siaran.test: from A")
    assert second.startswith("    2026-01-01")
    assert third == "    too"
    assert fourth.endswith("next")


def test_a_traceback_is_kept_below_its_line(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("went wrong")
    logs.set_up(tmp_path, "tray")
    try:
        int("x")
    except ValueError:
        logging.getLogger("siaran.test").exception("went wrong")
    head, *rest = lines(tmp_path)
    assert head.endswith("went wrong")
    assert all(line.startswith("    ") for line in rest)
    assert "ValueError: invalid literal" in rest[-1]


def test_the_files_are_bounded(tmp_path: Path) -> None:
    logs.set_up(tmp_path, "tray")
    log = logging.getLogger("siaran.test")
    for _ in range(60):
        log.info("%s", "x" * 100_000)
    files = list(tmp_path.iterdir())
    assert len(files) == 1 + logs.KEPT_FILES
    assert all(path.stat().st_size <= logs.MAX_BYTES for path in files)


def test_a_folder_that_refuses_costs_only_the_file(
    tmp_path: Path, log_guard: LogGuard, capsys: pytest.CaptureFixture[str]
) -> None:
    log_guard.expect("no log file in")
    (tmp_path / "logs").write_text("in the way")
    logs.set_up(tmp_path / "logs", "tray")
    logging.getLogger("siaran.test").info("still told")
    assert "still told" in capsys.readouterr().err
