"""The runner of ``run.py test --windows``: what it shares out, what it is told, what it prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import windows_results
from tests.windows_results import Event, Reader, Results, died
from tests.windows_share import (
    Wanted,
    files_of,
    processes_for,
    remember,
    remembered,
    shares,
    wanted,
)

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[2]


def test_tests_are_what_exists_and_all_else_is_options(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "unit"
    folder.mkdir(parents=True)
    (folder / "test_a.py").touch()
    given = ["-q", "-k", "a or b", "./tests/unit", "test_a.py::test_x", str(folder / "test_a.py")]
    assert wanted(given, tmp_path, here=folder) == Wanted(
        ["tests/unit", "tests/unit/test_a.py::test_x", "tests/unit/test_a.py"],
        ["-q", "-k", "a or b"],
    )
    assert wanted([str(tmp_path.parent)], tmp_path, here=folder).tests == []


def test_folders_become_their_files_and_single_tests_stay(tmp_path: Path) -> None:
    for name in ("tests/unit/test_b.py", "tests/unit/test_a.py", "tests/gui/test_c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    a, b = "tests/unit/test_a.py", "tests/unit/test_b.py"
    assert files_of([], tmp_path) == ["tests/gui/test_c.py", a, b]
    assert files_of(["tests/unit", a], tmp_path) == [a, b]
    assert files_of([f"{a}::test_x"], tmp_path) == [f"{a}::test_x"]


def test_shares_take_about_the_same_time() -> None:
    seconds = {"long": 10.0, "b": 4.0, "c": 4.0, "d": 2.0}
    assert shares(list(seconds), seconds, 2) == [["long"], ["b", "c", "d"]]
    assert shares(["x::test_1"], {}, 2) == [["x::test_1"]]


def test_few_files_and_pytests_own_output_are_one_process() -> None:
    many = [f"test_{n}.py" for n in range(50)]
    assert processes_for(many, ["-q"], cores=2) == 2
    assert processes_for(many, ["--collect-only"], cores=2) == 1
    assert processes_for(many[:3], [], cores=2) == 1
    assert processes_for(many, [], cores=1) == 1


def test_times_are_kept_and_a_spoiled_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "times.json"
    remember(path, {"a": 1.0, "b": 2.0})
    remember(path, {"b": 3.0})
    assert remembered(path) == {"a": 1.0, "b": 3.0}
    path.write_text("{")
    assert remembered(path) == {}


def test_pytest_tells_what_became_of_each_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        test_it="""
            import pytest
            @pytest.fixture
            def broken(): raise OSError("no disk")
            def test_good(): pass
            def test_bad(): print("shown too"); assert 1 == 2
            def test_set_up(broken): pass
            def test_skipped(): pytest.skip("no server")
        """,
        test_unread="import nothing_like_it",
    )
    told = pytester.path / "told.jsonl"
    monkeypatch.setenv(windows_results.VARIABLE, str(told))
    options = ("-p", "no:cacheprovider", "--continue-on-collection-errors")
    pytester.runpytest_inprocess(*options, plugins=[windows_results])
    events = Reader(told).new()
    results = Results()
    for event in events:
        results.add(event)
    assert results.counts == {"passed": 1, "failed": 1, "error": 2, "skipped": 1}
    assert results.skipped == {"Skipped: no server": 1}
    assert sorted(results.failures) == [
        "test_it.py::test_bad",
        "test_it.py::test_set_up",
        "test_unread.py",
    ]
    assert results.code == pytest.ExitCode.TESTS_FAILED
    bad = next(one for one in events if one.outcome == "failed")
    assert "assert 1 == 2" in bad.detail
    assert "shown too" in bad.detail
    assert died(events) is None


def test_a_process_without_an_end_died_in_its_last_test(tmp_path: Path) -> None:
    told = tmp_path / "told.jsonl"
    lines = [
        '{"kind": "began", "test": "test_a.py::test_1"}',
        '{"kind": "ended", "test": "test_a.py::test_1", "outcome": "passed"}',
        '{"kind": "began", "test": "test_a.py::test_2"}',
    ]
    told.write_text("\n".join(lines) + '\n{"kind": "ended", "te')
    reader = Reader(told)
    assert died(reader.new()) == "test_a.py::test_2"
    with told.open("a") as file:
        file.write('st": "test_a.py::test_2", "outcome": "passed"}\n')
    assert [one.outcome for one in reader.new()] == ["passed"]
    assert died([]) == ""


def test_the_summary_lists_by_reason() -> None:
    results = Results()
    for event in (
        Event("ended", "test_a.py::test_1", "passed", 1.0),
        Event("ended", "test_a.py::test_1", "", 0.5),
        Event("ended", "test_a.py::test_2", "failed", 1.0, "why"),
        Event("ended", "test_b.py::test_3", "skipped", 0.0, "no server"),
        Event("ended", "frozen/test_deb.py::test_4", "left out", 0.0, "frozen"),
    ):
        results.add(event)
    assert list(results.summary()) == [
        "== left out, by what it needs",
        "   1  needs programs frozen for Linux",
        "           1  frozen",
        "== skipped",
        "   1  no server",
        "== failed",
        "test_a.py::test_2",
        "== 1 passed, 1 failed, 1 skipped, 1 left out",
    ]
    assert results.seconds["test_a.py"] == 2.5
    assert Results().code == pytest.ExitCode.NO_TESTS_COLLECTED


def from_runner(words: str) -> list[str]:
    """What the runner has, printed a line each by a process of its own."""
    code = f"from tests import windows_suite as w; print({words}, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="the runner runs on Linux")
def test_the_part_that_always_runs_exists() -> None:
    names = from_runner("*w.PART, *w.part(), *w.WHOLE")
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert "tests/unit/test_system_events_windows.py" in names


@pytest.mark.skipif(sys.platform != "linux", reason="the runner runs on Linux")
def test_every_pattern_of_the_side_of_windows_finds_files() -> None:
    patterns = from_runner("*w.SIDE_OF_WINDOWS")
    assert [one for one in patterns if not list(ROOT.glob(one))] == []


@pytest.mark.skipif(sys.platform != "linux", reason="the runner runs on Linux")
def test_screens_end_with_the_runner() -> None:
    code = (
        "import os, signal\n"
        "from tests import windows_suite as w\n"
        "signal.signal(signal.SIGTERM, w._interrupt)\n"
        "try:\n"
        "    with w.screen() as display:\n"
        "        print(display, flush=True)\n"
        "        signal.pause()\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )
    if not any(Path(folder, "Xvfb").exists() for folder in os.environ["PATH"].split(":")):
        pytest.skip("NO Xvfb: NOT TESTED")
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        display = process.stdout.readline().strip()
        socket = Path(f"/tmp/.X11-unix/X{display[1:]}")
        assert socket.exists()
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=40)[0] == "stopped\n"
    assert not socket.exists()
