"""The frozen programs, naive against slim: megabytes, starts, memory at idle, wake-ups.

Run with ``python3 run.py bench frozen`` after ``run.py freeze`` and ``run.py freeze --naive``.
Starts are paired: one of each in turn. A popup counts as shown when its pixels are on the screen
(Xvfb). *Cold*: the folder's files were thrown out of the system's cache first. ``levers`` instead
of ``frozen`` freezes once for each lever, without it, and prints what it saves.
"""

from __future__ import annotations

import lzma
import mmap
import os
import runpy
import signal
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.bench.table import merged, show
from tests.frozen.programs import environment
from tests.frozen.screen import HEIGHT, WIDTH, Screen
from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
RUNS = 9
COLD_RUNS = 5
SETTLE_S = 20.0
IDLE_S = 60.0
WITHIN_S = 30.0
freeze = runpy.run_path(str(ROOT / "packaging" / "freeze" / "freeze.py"))
slim = runpy.run_path(str(ROOT / "packaging" / "freeze" / "slim.py"))
Folders = dict[str, Path]


def bench(folder: Path) -> None:
    """Measure both freezes and print."""
    folders: Folders = {
        name: freeze["folder_of"](naive=name == "naive") / "siaran" for name in ("naive", "slim")
    }
    for place in folders.values():
        if not place.is_dir():
            raise SystemExit(f"{place.relative_to(ROOT)} is missing: run.py freeze [--naive]")
    _sizes(folders)
    server = RedisServer(folder)
    server.start()
    (folder / "screen").mkdir()
    screen = Screen(folder / "screen")
    try:
        _idle(folders, server.url)
        send = ("send", "--all", "--title", "Waiting", "--message", "M", "--redis-url", server.url)
        subprocess.run(
            [folders["slim"] / "siaran-console", *send], check=True, stdout=subprocess.DEVNULL
        )
        for state, runs in (("warm", RUNS), ("cold", COLD_RUNS)):
            _starts(folders, server.url, screen, folder / "screen", state, runs)
    finally:
        screen.close()
        server.stop()


# --- sizes ---------------------------------------------------------------------------------------


def _sizes(folders: Folders) -> None:
    print(f"\n{'Both programs':<34}{'MB':>9}{'xz MB':>9}{'files':>9}")
    for name, place in folders.items():
        files = [file for file in place.rglob("*") if file.is_file() and not file.is_symlink()]
        whole = sum(file.stat().st_size for file in files) / 1e6
        print(f"  {name:<32}{whole:>9.1f}{_packed(place):>9.1f}{len(files):>9}", flush=True)


def _packed(place: Path) -> float:
    """Megabytes of *place* as .tar.xz."""

    class Counter:
        size = 0

        def write(self, data: bytes) -> int:
            self.size += len(data)
            return len(data)

    counter = Counter()
    with (
        lzma.LZMAFile(counter, "wb", preset=6) as xz,  # type: ignore[arg-type]  # write is enough
        tarfile.open(fileobj=xz, mode="w|") as tar,
    ):
        tar.add(place, place.name)
    return counter.size / 1e6


def levers(folder: Path) -> None:
    """Freeze once without each lever, and print the megabytes that it saves."""
    del folder
    place: Path = ROOT / "build" / "levers" / "frozen"
    whole = _frozen_size(place)
    print(f"\n{'Both programs, slim':<60}{whole:>8.1f} MB")
    for name, sentence in slim["LEVERS"].items():
        more = _frozen_size(place, "--keep", name) - whole
        print(f"  {'without: ' + sentence:<58}{more:>+8.1f} MB", flush=True)


def _frozen_size(place: Path, *flags: str) -> float:
    freeze["build"](place, *flags)
    files = (file for file in (place / "siaran").rglob("*") if not file.is_symlink())
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


# --- starts --------------------------------------------------------------------------------------


def _starts(
    folders: Folders, url: str, screen: Screen, frames: Path, state: str, runs: int
) -> None:
    rounds: list[dict[str, float]] = []
    for _ in range(runs + 1):
        times: dict[str, float] = {}
        for name, place in folders.items():
            if state == "cold":
                _forget(place)
            with _tray(place, url, screen) as (process, data, began):
                ready = _when(partial(_connected, data), process)
                popup = _when(partial(_lit, frames), process)
                times[f"{name}: CPU until then"] = _cpu_ms(process.pid)
            times[f"{name}: connected"] = (ready - began) * 1000
            times[f"{name}: popup shown"] = (popup - began) * 1000
            _when(lambda: not _lit(frames), None)
        times["slim / naive, popup (x 1000)"] = (
            1000 * times["slim: popup shown"] / times["naive: popup shown"]
        )
        rounds.append(times)
    show(f"Start of the frozen tray, {state}, from exec", merged(rounds[1:]))


@contextmanager
def _tray(
    place: Path, url: str, screen: Screen | None, *more: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path, float]]:
    """A tray with a new data folder, killed afterwards; with the moment of its exec (s)."""
    with tempfile.TemporaryDirectory(prefix="siaran-bench-") as data:
        arguments = ("--redis-url", url, "--outlet", "JKT-001", "--data-dir", data, *more)
        on = screen.environment if screen else {"QT_QPA_PLATFORM": "offscreen"}
        began = time.perf_counter()
        process = subprocess.Popen([place / "siaran-tray", *arguments], env=environment(on))
        try:
            yield process, Path(data), began
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=15)


def _when(condition: Callable[[], object], process: subprocess.Popen[bytes] | None) -> float:
    """Wait for *condition* and return the moment (s)."""
    deadline = time.perf_counter() + WITHIN_S
    while not condition():
        assert process is None or process.poll() is None, "the tray has ended"
        assert time.perf_counter() < deadline, f"not within {WITHIN_S} s"
        time.sleep(0.001)
    return time.perf_counter()


def _connected(data: Path) -> bool:
    try:
        return '"connected"' in (data / "status.json").read_text()
    except FileNotFoundError:
        return False


def _lit(frames: Path) -> bool:
    """Whether anything is painted in the middle of the screen, which is black."""
    with (frames / "Xvfb_screen0").open("rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        middle = len(whole) - WIDTH * 4 * (HEIGHT // 2) + WIDTH * 2
        pixel = whole[middle : middle + 3]
        whole.close()
    return pixel != b"\0\0\0"


def _cpu_ms(pid: int) -> float:
    """What the process has computed so far, which other load disturbs less than the clock."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _forget(place: Path) -> None:
    """Throw the files of *place* out of the system's cache."""
    for path in place.rglob("*"):
        if path.is_file() and not path.is_symlink():
            file = os.open(path, os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


# --- idle ----------------------------------------------------------------------------------------


def _idle(folders: Folders, url: str) -> None:
    """Memory and wake-ups of trays that have nothing to do, all at the same time."""
    head = f"{'anonymous':>11}{'USS':>8}{'PSS':>8}{'wake-ups a minute':>20}"
    print(f"\n{'Idle tray, MiB':<24}{head}")
    with ExitStack() as stack:
        trays = {
            name: stack.enter_context(_tray(place, url, None, "--pc", name))
            for name, place in folders.items()
        }
        for process, data, _ in trays.values():
            _when(partial(_connected, data), process)
        time.sleep(SETTLE_S)
        before = {name: _switches(process.pid) for name, (process, _, _) in trays.items()}
        time.sleep(IDLE_S)
        for name, (process, _, _) in trays.items():
            wakes = (_switches(process.pid) - before[name]) * 60 / IDLE_S
            memory = _memory(process.pid)
            private = memory["Private_Clean"] + memory["Private_Dirty"]
            figures = f"{memory['Anonymous']:>11.1f}{private:>8.1f}{memory['Pss']:>8.1f}"
            print(f"  {name:<22}{figures}{wakes:>20.0f}", flush=True)


def _memory(pid: int) -> dict[str, float]:
    """MiB by kind."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    pairs = (line.split(":") for line in lines)
    return {name: int(rest.split()[0]) / 1024 for name, rest in pairs}


def _switches(pid: int) -> int:
    """How often any thread of the process has been woken so far."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total
