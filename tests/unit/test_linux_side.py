"""Linux programs for tests in Windows' Python: the helper outside does what it is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import linux_side

if sys.platform != "linux":
    pytest.skip("the helper runs on Linux", allow_module_level=True)


@pytest.fixture(params=["here", "through the helper"])
def side(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both ways to the same programs."""
    if request.param == "here":
        monkeypatch.delenv(linux_side.VARIABLE, raising=False)
        yield request.param
        return
    with linux_side.helper(Path) as variable:
        monkeypatch.setenv(linux_side.VARIABLE, variable)
        yield request.param


@pytest.mark.usefixtures("side")
def test_a_program_runs_to_its_end() -> None:
    done = linux_side.run(["sh", "-c", "cat; echo wrong >&2; exit 3"], stdin="said")
    assert (done.returncode, done.stdout, done.stderr) == (3, "said", "wrong\n")
    with pytest.raises(subprocess.TimeoutExpired):
        linux_side.run(["sleep", "60"], timeout_s=0.1)


@pytest.mark.usefixtures("side")
def test_a_program_is_started_told_and_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "echo $WHAT in $PWD; exec sleep 60"]
    environment = {"PATH": os.environ["PATH"], "WHAT": "begun"}
    process = linux_side.start(command, env=environment, cwd=tmp_path, stdout=log)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)
    linux_side.tell(process, "SIGTERM")
    assert process.wait(30) == -signal.SIGTERM
    assert log.read_text() == f"begun in {tmp_path}\n"


@pytest.mark.usefixtures("side")
def test_programs_are_found_or_not() -> None:
    assert linux_side.which("sh")
    assert linux_side.which("no-such-program") is None


def test_the_helper_ends_what_it_started_a_frozen_program_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with linux_side.helper(Path) as variable:
        monkeypatch.setenv(linux_side.VARIABLE, variable)
        process = linux_side.start(["sleep", "60"])
        linux_side.tell(process, "SIGSTOP")
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_the_helper_does_nothing_without_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with linux_side.helper(Path) as variable:
        monkeypatch.setenv(linux_side.VARIABLE, variable.partition(":")[0] + ":wrong")
        with pytest.raises(ValueError, match="Expecting value"):
            linux_side.which("sh")


def test_many_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[str] = []
    with linux_side.helper(Path) as variable:
        monkeypatch.setenv(linux_side.VARIABLE, variable)
        ask = [
            threading.Thread(
                target=lambda n=n: answers.append(linux_side.run(["echo", str(n)]).stdout)
            )
            for n in range(8)
        ]
        for thread in ask:
            thread.start()
        for thread in ask:
            thread.join(timeout=40)
    assert sorted(answers) == [f"{n}\n" for n in range(8)]
