"""Freezing a tree that came without its history, on a machine without git."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FREEZE = Path(__file__).resolve().parents[2] / "packaging" / "freeze" / "freeze.py"


def test_a_tree_without_git_is_frozen_as_of_1980(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("PATH", "")
    freeze = runpy.run_path(str(FREEZE))
    assert freeze["sameness"]()["SOURCE_DATE_EPOCH"] == freeze["NO_COMMIT_TIME"]


def test_the_moment_that_is_given_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert runpy.run_path(str(FREEZE))["sameness"]()["SOURCE_DATE_EPOCH"] == "1700000000"
