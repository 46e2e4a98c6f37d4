"""Runs the suite with Windows' own Python, Qt and SQLite, under Wine: our everyday Windows.

Servers and other Linux programs run outside, started by ``linux_side`` for the tests inside. Few
files run in one process, with pytest's own output; many are shared out to two processes, each on a
PC (a Wine prefix and a screen) of its own, with a line of progress for each file.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "packaging" / "windows"), str(ROOT)]
from build_machine import CannotBuildError, cache_folder, cached, digest, need_machine  # noqa: E402
from windows_python import windows_python  # noqa: E402
from wine import Wine, fresh_pc, screen, wine_root  # noqa: E402

from tests import linux_side, windows_results, windows_share  # noqa: E402
from tests.windows_results import BEGAN, ENDED, FAILED, Event, Reader, Results  # noqa: E402

PYTHON = "Z:\\python\\python.exe"
FOR_WINDOWS_PYTHON = (
    "PYTHONPATH=Z:\\siaran",
    # Programs start three times as fast with what Python compiled before.
    "PYTHONDONTWRITEBYTECODE=",
    "PYTHONPYCACHEPREFIX=Z:\\bytecode",
)
LOGS = ROOT / "build" / "windows-suite"
TIMES = "suite-times.json"
PASSED = "suite-passed"
DISK = linux_side.DISK.removeprefix("Z:")
SILENT_S = 400.0
"""No test takes so long (pytest's faulthandler ends the process before): it hangs."""
PART = (
    *("tests/unit/test_admx.py", "tests/unit/test_codec.py", "tests/unit/test_event_log.py"),
    *("tests/unit/test_hotkey.py", "tests/unit/test_inbox.py", "tests/unit/test_settings_file.py"),
    "tests/integration/test_orders.py",
)
"""What CI always runs, beside every file with *windows* in its name (access lists, names of the
kernel, messages, the registry, the loop): what says most about Windows for its time."""
WHOLE = ("tests/unit", "tests/gui", "tests/windows")
"""What CI runs beside the part when the side of Windows has changed since this passed here. All
integration tests take more than the eight minutes that CI has for it: they are run by hand."""
SIDE_OF_WINDOWS = (
    *(
        "shared/**/*windows*.py",
        "shared/registry.py",
        "shared/held_files.py",
        "shared/event_log.py",
    ),
    *("shared/system_events/*.py", "shared/instance/*.py", "shared/qt/hidden_window.py"),
    *("tests/**/*windows*.py", "tests/windows/*.py", "tests/needs.py", "tests/conftest.py"),
    *("tests/linux_side.py", "tests/children.py", "packaging/windows/wine*.py"),
)
"""Files whose change may mean something else there than on Linux."""


def main(arguments: Sequence[str]) -> int:
    """Run pytest with *arguments*; return its exit code.

    ``--ci`` runs what CI runs.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        need_machine()
        if "--ci" in arguments:
            return _run_in_ci([one for one in arguments if one != "--ci"])
        return run(windows_share.wanted(arguments, ROOT, Path.cwd()))
    except CannotBuildError as error:
        print(f"run.py test --windows: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 128 + signal.SIGINT


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


# --- what CI runs --------------------------------------------------------------------------------


def part() -> list[str]:
    """The files that CI always runs."""
    named = {one.relative_to(ROOT).as_posix() for one in ROOT.glob("tests/**/test_*windows*.py")}
    return sorted(named | set(PART))


def _run_in_ci(options: list[str]) -> int:
    key = side_of_windows()
    if (cache_folder() / f"{PASSED}-{key}").exists():
        print("Windows' side is as it was when the whole passed here: a part of the tests.")
        return run(windows_share.Wanted(part(), options))
    print("Windows' side has changed since the whole passed here: all of unit, gui and windows.")
    code = run(windows_share.Wanted([*part(), *WHOLE], options))
    if code == 0:
        cached(PASSED, key, lambda folder: None)
    return code


def side_of_windows() -> str:
    """Return a digest of Windows' Python, its packages, Wine, and our files for Windows."""
    files = sorted({path for pattern in SIDE_OF_WINDOWS for path in ROOT.glob(pattern)})
    names = [one.relative_to(ROOT).as_posix() for one in files]
    return digest(windows_python("windows-tests").name, wine_root().name, *names, *files)


# --- running -------------------------------------------------------------------------------------


@dataclass
class Job:
    """One process of pytest: its tests, and where it tells what became of them."""

    number: int
    tests: list[str]
    options: list[str]
    log: Path | None
    """Where pytest's own output goes; None: to this program's."""
    process: subprocess.Popen[bytes] | None = None


@dataclass
class Run:
    """What all threads share."""

    python: Path
    says: queue.Queue[tuple[int, list[Event]]] = field(default_factory=queue.Queue)
    stop: threading.Event = field(default_factory=threading.Event)
    errors: list[BaseException] = field(default_factory=list)


def run(wanted: windows_share.Wanted) -> int:
    """Run *wanted* in one process or several; return pytest's exit code."""
    times = cache_folder() / TIMES
    files = windows_share.files_of(wanted.tests, ROOT)
    many = windows_share.processes_for(files, wanted.options, os.cpu_count() or 1)
    shares = windows_share.shares(files, windows_share.remembered(times), many)
    LOGS.mkdir(parents=True, exist_ok=True)
    if many == 1:
        jobs = [Job(0, wanted.tests, wanted.options, None)]
    else:
        jobs = [Job(n, share, wanted.options, LOGS / f"{n}.log") for n, share in enumerate(shares)]
    common = Run(windows_python("windows-tests"))
    wine_root()
    results = _run_all(common, jobs, len(files) if many > 1 else 0)
    windows_share.remember(times, results.seconds)
    if many > 1:
        print("\n".join(results.summary()))
    return results.code


def _run_all(common: Run, jobs: Sequence[Job], files: int) -> Results:
    threads = [threading.Thread(target=_work, args=(common, job)) for job in jobs]
    progress = Progress(files)
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads) or not common.says.empty():
            try:
                number, events = common.says.get(timeout=0.2)
            except queue.Empty:
                continue
            progress.take(number, events)
    finally:
        common.stop.set()
        for thread in threads:
            thread.join()
    for error in common.errors:
        raise error
    return progress.results


class Progress:
    """Prints a line for each file that is done, and each failure; nothing if *files* is 0."""

    def __init__(self, files: int) -> None:
        self._files = files
        self.results = Results()
        self._began = time.monotonic()
        self._file: dict[int, str] = {}
        self._done: dict[str, Results] = {}

    def take(self, number: int, events: Sequence[Event]) -> None:
        """Take what process *number* told."""
        for event in events:
            self.results.add(event)
            if self._files and event.kind in (BEGAN, ENDED):
                self._follow(number, event)
        if not events and number in self._file:
            self._print(self._file.pop(number))

    def _follow(self, number: int, event: Event) -> None:
        before = self._file.get(number)
        if before is not None and before != event.file:
            self._print(before)
        self._file[number] = event.file
        self._done.setdefault(event.file, Results()).add(event)
        if event.outcome in FAILED:
            print(f"\n-- {event.outcome}: {event.test}\n{event.detail}\n", flush=True)

    def _print(self, file: str) -> None:
        counts = self._done[file].counts
        said = ", ".join(f"{number} {name}" for name, number in counts.items() if name)
        seconds = self._done[file].seconds.get(file, 0.0)
        passed = time.monotonic() - self._began
        print(
            f"{int(passed) // 60:3d}:{int(passed) % 60:02d} {len(self._done):4d} of {self._files}  "
            f"{file}: {said or 'no tests'} ({seconds:.1f} s)",
            flush=True,
        )


def _work(common: Run, job: Job) -> None:
    """Run one job on a PC of its own."""
    try:
        with _pc(common) as (pc, variables):
            while job.tests is not None and not common.stop.is_set():
                left = _pytest(common, job, pc, variables)
                if not left:
                    break
                job.tests = left
    except BaseException as error:  # noqa: BLE001  # the main thread raises it
        common.errors.append(error)
    finally:
        common.says.put((job.number, []))


@contextmanager
def _pc(common: Run) -> Iterator[tuple[Wine, dict[str, str]]]:
    """A PC with the source, the Windows Python, a screen and a helper on the Linux side."""
    bytecode = cached("suite-bytecode", digest(common.python.name), lambda folder: None)
    own = ROOT / "build" / "windows-bytecode"
    own.mkdir(parents=True, exist_ok=True)
    binds = {common.python: "/python", ROOT: "/siaran"}
    binds |= {bytecode: "/bytecode", own: "/bytecode/siaran"}
    with _small_disk() as disk, screen() as display, fresh_pc(binds=binds | {disk: DISK}) as pc:
        pc.run("wineboot", check=False, DISPLAY=display)  # its services start without our output
        find = paths_of(pc, {"/python": common.python, "/siaran": ROOT, DISK: disk})
        with linux_side.helper(find) as variable:
            yield pc, {"DISPLAY": display, linux_side.VARIABLE: variable}


@contextmanager
def _small_disk() -> Iterator[Path]:
    """A disk that is full soon, mounted before the PC begins: it sees no later mount."""
    with tempfile.TemporaryDirectory(prefix="siaran-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={linux_side.DISK_SIZE}", "siaran-test"]
        subprocess.run([*mount, folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def _pytest(common: Run, job: Job, pc: Wine, variables: Mapping[str, str]) -> list[str]:
    """Run the tests of *job*; return the files that are left after one ended the process."""
    told = pc.home / "tmp" / f"results-{time.monotonic_ns()}.jsonl"
    environment = {
        **pc.environment(variables),
        windows_results.VARIABLE: f"Z:\\tmp\\{told.name}",
        "PYTHONUTF8": "0",
    }
    if os.environ.get("CI"):
        environment["CI"] = os.environ["CI"]
    command = pc.command(
        *("env", "--chdir=/siaran", *FOR_WINDOWS_PYTHON, "wine"),
        *(PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.windows_results"),
        *(() if job.log is None else ("--continue-on-collection-errors",)),
        *job.options,
        *job.tests,
    )
    events: list[Event] = []

    def tell(new: list[Event]) -> None:
        events.extend(new)
        if new:
            common.says.put((job.number, new))

    code = _follow(common, job, command, environment, Reader(told), tell)
    test = None if common.stop.is_set() else windows_results.died(events)
    if test is None:
        return []
    said = f"The process ended with {code}, without an end of pytest's."
    if job.log is not None:
        said += "\n" + job.log.read_text(encoding="utf-8", errors="replace")[-4000:]
    tell([Event(ENDED, test or "pytest", "error", 0.0, said)])
    if job.log is None:
        print(f"{said} It ran {test or 'no test yet'}.", file=sys.stderr)
        return []
    file = test.partition("::")[0]
    names = [one.partition("::")[0] for one in job.tests]
    return job.tests[names.index(file) + 1 :] if file in names else []


def _follow(
    common: Run,
    job: Job,
    command: Sequence[str],
    environment: Mapping[str, str],
    reader: Reader,
    tell: Callable[[list[Event]], None],
) -> int:
    """Run *command* to its end, passing on what its tests tell; end it if it is silent."""
    output = subprocess.PIPE if job.log is None else job.log.open("wb")
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl+C is for this program, which ends the PC
    ) as process:
        if process.stdout is not None:
            threading.Thread(target=_pump, args=(process.stdout,), daemon=True).start()
        last = time.monotonic()
        while process.poll() is None:
            if new := reader.new():
                last = time.monotonic()
                tell(new)
            if common.stop.is_set() or time.monotonic() - last > SILENT_S:
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.1)
    tell(reader.new())
    return process.returncode


def _pump(source: object) -> None:
    """Print what Windows' Python writes, with our line ends and in our encoding."""
    while data := source.read1():  # type: ignore[attr-defined]
        sys.stdout.write(data.replace(b"\r\n", b"\n").decode("cp1252", errors="replace"))
        sys.stdout.flush()


def paths_of(pc: Wine, binds: Mapping[str, Path]) -> Callable[[str], Path]:
    """What translates Windows' paths on *pc* to Linux' outside."""

    def find(path: str) -> Path:
        drive, rest = path[0].upper(), path[2:].replace("\\", "/")
        if drive == "C":
            return pc.drive_c / rest.lstrip("/")
        for inside, outside in {**binds, "/prefix": pc.home, "/tmp": pc.home / "tmp"}.items():
            if rest == inside or rest.startswith(f"{inside}/"):
                return outside / rest[len(inside) :].lstrip("/")
        raise FileNotFoundError(path)

    return find


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
