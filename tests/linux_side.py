"""Linux programs (servers, above all) that tests start, also when the tests run in Windows' Python.

Under Wine nothing but loopback is common to both sides. So ``run.py test --windows`` keeps a helper
on the Linux side: it starts, signals and waits for what the tests inside ask for, and ends all of
it when it ends. On Linux the same functions are plain ``subprocess``.

The helper listens on 127.0.0.1 for lines of JSON, each with the token of its environment variable;
it runs whatever it is told, as the user who started the tests, and lives as long as they do.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

VARIABLE = "TEST_LINUX_SIDE"
"""``PORT:TOKEN`` of the helper; set where the tests run on Windows' side. (A fixture removes what
begins with SIARAN_.)"""
ENDED_WITHIN_S = 15.0
DISK = "Z:/disk"
"""On Windows' side, a file system of its own that tests may fill and make read-only."""
DISK_SIZE = "32m"


class Process(Protocol):
    """What tests use of ``subprocess.Popen``; signals by name, since Windows has no SIGSTOP."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; *timeout* in seconds."""


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: Path | None = None,
) -> Process:
    """Start a Linux program; its output goes to the file *stdout*, or nowhere.

    *env*: variables besides those that Linux' side has.
    """
    if _is_inside():
        return _FarProcess(command, env, cwd, stdout)
    return _start(command, env, cwd, stdout)


def tell(process: Process, name: str) -> None:
    """Send the signal *name*, like SIGSTOP."""
    if isinstance(process, _FarProcess):
        _ask("signal", pid=process.pid, name=name)
    elif process.poll() is None:
        os.kill(process.pid, signal.Signals[name])


def run(
    command: Sequence[str | Path], *, stdin: str = "", timeout_s: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run a Linux program to its end; never raises for its exit code.

    Raises:
        TimeoutExpired: it takes longer than *timeout_s*.
    """
    if _is_inside():
        said = _ask("run", command=[linux_path(one) for one in command], stdin=stdin, s=timeout_s)
        return subprocess.CompletedProcess(list(command), said["code"], said["out"], said["err"])
    return _run(command, stdin, timeout_s)


def which(program: str) -> str | None:
    """Where the Linux program is, on the Linux side."""
    if _is_inside():
        found = _ask("which", program=program)["path"]
        return None if found is None else str(found)
    return shutil.which(program)


def python() -> str:
    """A Python of the Linux side, for what runs on servers."""
    return (which("python3") or "python3") if _is_inside() else sys.executable


def small_disk() -> Path | None:
    """The folder ``DISK``; None where the tests do not run beside Linux."""
    return Path(DISK) if _is_inside() else None


def linux_path(path: str | Path) -> str:
    """The same file as Linux names it; what is no absolute path stays as it is."""
    text = str(path)
    if not _is_inside() or not (text[1:3] in (":\\", ":/") and text[0].isalpha()):
        return text
    return str(_ask("path", path=text)["path"])


def _is_inside() -> bool:
    return VARIABLE in os.environ


def _start(
    command: Sequence[str | Path],
    env: Mapping[str, str] | None,
    cwd: Path | None,
    stdout: Path | None,
) -> subprocess.Popen[bytes]:
    out: Any = subprocess.DEVNULL if stdout is None else stdout.open("ab")
    try:
        return subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL if stdout is None else subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
    finally:
        if stdout is not None:
            out.close()


def _run(
    command: Sequence[str | Path], stdin: str, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


# --- inside, on Windows' side --------------------------------------------------------------------


class _FarProcess:
    """A program on the Linux side."""

    def __init__(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None,
        cwd: Path | None,
        stdout: Path | None,
    ) -> None:
        self.pid: int = _ask(
            "start",
            command=[linux_path(one) for one in command],
            env=None if env is None else dict(env),
            cwd=None if cwd is None else linux_path(cwd),
            stdout=None if stdout is None else linux_path(stdout),
        )["pid"]

    def poll(self) -> int | None:
        """See ``Process``."""
        code = _ask("wait", pid=self.pid, s=0)["code"]
        return None if code is None else int(code)

    def wait(self, timeout: float | None = None) -> int:
        """See ``Process``."""
        code = _ask("wait", pid=self.pid, s=timeout)["code"]
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return int(code)


def _ask(what: str, **details: Any) -> Any:
    port, _, token = os.environ[VARIABLE].partition(":")
    with socket.create_connection(("127.0.0.1", int(port))) as link:
        link.sendall(json.dumps({"token": token, "what": what, **details}).encode() + b"\n")
        answer = json.loads(link.makefile("rb").readline())
    if "error" in answer:
        if answer["error"] == "TimeoutExpired":
            raise subprocess.TimeoutExpired(str(details.get("command")), details.get("s") or 0)
        raise OSError(answer["error"])
    return answer


# --- outside, on the Linux side ------------------------------------------------------------------


class Helper:
    """Does what tests on Windows' side ask for. *find* translates paths."""

    def __init__(self, find: Callable[[str], Path]) -> None:
        self._find = find
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def answer(self, what: str, details: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do one thing."""
        return getattr(self, f"_do_{what}")(**details)  # type: ignore[no-any-return]

    def close(self) -> None:
        """End all that was started."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(timeout=ENDED_WITHIN_S)

    def _do_start(
        self,
        command: list[str],
        env: dict[str, str] | None,
        cwd: str | None,
        stdout: str | None,
    ) -> dict[str, int]:
        folder = None if cwd is None else Path(cwd)
        process = _start(command, env, folder, None if stdout is None else Path(stdout))
        self._processes[process.pid] = process
        return {"pid": process.pid}

    def _do_signal(self, pid: int, name: str) -> dict[str, int]:
        process = self._processes[pid]
        process.send_signal(signal.Signals[name])
        return {}

    def _do_wait(self, pid: int, s: float | None) -> dict[str, int | None]:
        try:
            return {"code": self._processes[pid].wait(s)}
        except subprocess.TimeoutExpired:
            return {"code": None}

    def _do_run(self, command: list[str], stdin: str, s: float) -> dict[str, object]:
        ran = _run(command, stdin, s)
        return {"code": ran.returncode, "out": ran.stdout, "err": ran.stderr}

    def _do_which(self, program: str) -> dict[str, str | None]:
        return {"path": shutil.which(program)}

    def _do_path(self, path: str) -> dict[str, str]:
        return {"path": str(self._find(path))}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def helper(find: Callable[[str], Path]) -> Iterator[str]:
    """Run the helper; gives what ``VARIABLE`` has to hold. *find* translates Windows' paths."""
    token = secrets.token_hex(16)
    does = Helper(find)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            details = json.loads(self.rfile.readline())
            if details.pop("token", "") != token:
                return
            try:
                said = does.answer(details.pop("what"), details)
            except Exception as error:  # noqa: BLE001  # whatever it is, the test has to hear it
                timed_out = isinstance(error, subprocess.TimeoutExpired)
                said = {"error": "TimeoutExpired" if timed_out else repr(error)}
            self.wfile.write(json.dumps(said).encode() + b"\n")

    with _Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"{server.server_address[1]}:{token}"
        finally:
            server.shutdown()
            does.close()
