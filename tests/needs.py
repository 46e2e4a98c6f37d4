"""What cannot run in Windows' Python, by what it needs; and gaps of Wine, each with its proof.

One place for all tests: an entry names a folder, a file or a test below ``tests/``, and why it is
left out. Files that are left out as a whole are not imported: they may import what Windows lacks.
Everything left out is counted and listed at the end of a run. Elsewhere nothing is left out.

To add an entry: one line in the table of its folder, in the order of the alphabet. A test with
parameters is named without them for all, or with them for one: ``test_file.py::test_name[dark]``.
"""

from __future__ import annotations

import ast
import ctypes
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Need:
    """Something of Linux that Windows has not, or has in another way with tests of its own."""

    what: str

    def __str__(self) -> str:
        """As the list at the end has it."""
        return f"needs {self.what}"


@dataclass(frozen=True)
class WineGap:
    """Something that Windows has and Wine lacks: the call, what Windows documents, what Wine does.

    Such tests run on real Windows.
    """

    call: str
    documented: str
    wine: str

    def __str__(self) -> str:
        """As the list at the end has it."""
        return f"a gap of Wine: {self.call} {self.documented}; Wine: {self.wine}"


D_BUS = Need("D-Bus")
BUILDERS = Need("what builds the installers on Linux (gcab, msibuild)")
FOLDER_PIPES = Need("pipes that lie in folders (Windows keeps its pipes apart)")
FREEZING = Need("programs frozen for Linux")
OWN_ZONE = Need(
    "a process with the rules of another zone than the PC's (Windows' TZ takes an offset)"
)
FULL_DEVICE = Need("/dev/full, a disk that is always full")
POSIX_LIMITS = Need("limits of a process (setrlimit)")
POSIX_LOCKS = Need("POSIX locks and Unix sockets (one program per user; Windows has mutexes)")
LINUX_PLAYERS = Need("players of PipeWire, PulseAudio or ALSA (Windows: test_windows_sound.py)")
LOGIND = Need("logind, Linux' session manager, on D-Bus")
NETLINK = Need("netlink and network namespaces of Linux")
NETWORKS = Need("a network namespace of Linux for a server or a PC, and its packet filter (nft)")
POSIX_TIMERS = Need("a timer whose signal ends what runs too long (setitimer)")
POSIX_USERS = Need("POSIX users and modes of files")
POSIX_SHELL = Need("a POSIX shell and POSIX locales")
QT_PRINT_DIALOG = Need("Qt's own print dialog, which a test can fill in (Windows has its own)")
SEVERAL_SESSIONS = Need("several login sessions, which only displays of X11 stand in for")
THE_RUNNER = Need("Linux, on which the runner of this suite and its helper run")
X11 = Need("X11 and its tools (xdotool)")

ACCESS_CHECK = WineGap(
    "CreateFile",
    "refuses what an access list denies",
    "leaves that to Linux, where root may read everything",
)
EVENT_LOG = WineGap(
    "ReportEvent",
    "writes an entry that ReadEventLog finds",
    "says that it did, and keeps none (GetNumberOfEventLogRecords gives 0)",
)

LINKS = WineGap(
    "CreateSymbolicLink",
    "makes a symbolic link",
    "says that it did, and makes none",
)
JUNCTIONS = WineGap(
    "FSCTL_SET_REPARSE_POINT",
    "makes a folder a junction",
    "refuses it with ERROR_NOT_SUPPORTED",
)
SHARES = WineGap(
    "GetFileAttributes",
    "finds folders of a drive's administrative share (\\\\localhost\\C$)",
    "knows no shares but those that Linux links below dosdevices/unc",
)

UNREADABLE = "test_every_setting.py::test_a_file_that_cannot_be_read_is_said_and_the_others_count"
NO_FILES = "test_sources.py::test_policies_that_are_there_but_no_files_count_as_the_strictest"
UNIT: dict[str, Need | WineGap] = {
    **{
        f"test_cabinet.py::{name}": BUILDERS
        for name in (
            "test_a_cabinet_with_something_else_is_refused",
            "test_a_damaged_cabinet_is_refused",
            "test_an_installer_has_its_files_and_the_same_bytes_everywhere",
            "test_bytes_depend_on_files_and_order_alone",
            "test_on_windows_makecab_packs_each_program_beside_its_folder",
            "test_other_programs_give_back_what_was_put_in",
            "test_a_cabinet_from_windows_is_taken_only_with_these_very_programs",
            "test_what_makecab_packs_can_be_checked",
        )
    },
    "test_event_log.py::test_windows_gives_the_event_back": EVENT_LOG,
    "test_every_setting.py::test_what_others_may_write_is_ignored_and_said": POSIX_USERS,
    **{
        f"{UNREADABLE}[{spoil}-{place} file]": gap
        for spoil, gap in {"_loop": LINKS, "forbid": ACCESS_CHECK}.items()
        for place in ("policy", "user", "machine")
    },
    "test_ice.py::test_an_installer_keeps_the_rules_but_for_those_with_a_reason": BUILDERS,
    "test_instance_answers.py": POSIX_LOCKS,
    "test_instance_unix.py": POSIX_LOCKS,
    "test_linux_side.py": THE_RUNNER,
    "test_moments.py::test_times_after_and_around_a_change_of_clocks_are_by_the_clock_of_then": (
        OWN_ZONE
    ),
    "test_pattern_cost.py::test_what_counts_as_cheap_ends_in_time": POSIX_TIMERS,
    "test_private.py": POSIX_USERS,
    "test_settings_file.py::test_a_full_disk_costs_nothing_that_was_there": FULL_DEVICE,
    f"{NO_FILES}[_dangling-True]": LINKS,
    f"{NO_FILES}[_pipe-True]": FOLDER_PIPES,
    "test_sources.py::test_a_file_that_others_can_write_is_ignored_and_said": POSIX_USERS,
    "test_sources.py::test_a_policy_that_does_not_belong_to_root_is_ignored_and_said": POSIX_USERS,
    "test_system_events_dbus.py": D_BUS,
    "test_upstream.py::test_the_fault_is_there_and_the_diff_mends_it[redis-py-etimedout]": NETWORKS,
    "test_waiting.py::test_a_disk_that_takes_no_output_is_one_sentence": FULL_DEVICE,
    "test_windows_suite.py::test_every_pattern_of_the_side_of_windows_finds_files": THE_RUNNER,
    "test_windows_suite.py::test_screens_end_with_the_runner": THE_RUNNER,
    "test_windows_suite.py::test_the_part_that_always_runs_exists": THE_RUNNER,
    **{
        f"test_zones.py::{name}": OWN_ZONE
        for name in (
            "test_a_zone_that_is_another_than_the_system_s_is_not_believed",
            "test_rules_and_files_without_a_name_leave_the_offset[GMT0BST-0]",
            "test_rules_and_files_without_a_name_leave_the_offset[:/x-0]",
            "test_the_zone_has_the_name_that_the_system_gives_it",
        )
    },
}
GUI: dict[str, Need | WineGap] = {
    "test_report_pages.py::test_a_disk_that_is_full_in_the_middle_is_an_error": POSIX_LIMITS,
    "test_scheduled_page.py::test_a_later_time_is_offered_within_an_hour_that_comes_twice": (
        OWN_ZONE
    ),
    "test_scheduled_page.py::test_a_series_says_its_zone_where_that_is_not_the_reader_s": OWN_ZONE,
    "test_sent_page.py::test_a_report_is_printed_as_chosen_in_the_systems_dialog": QT_PRINT_DIALOG,
    "test_sent_page.py::test_whoever_closes_the_dialog_prints_nothing": QT_PRINT_DIALOG,
    "test_sound.py::test_policy_decides_what_is_heard": LINUX_PLAYERS,
    "test_sound.py::test_urgent_messages_are_heard_without_waiting": LINUX_PLAYERS,
    "test_sound.py::test_without_a_player_the_system_beeps": LINUX_PLAYERS,
}
INTEGRATION: dict[str, Need | WineGap] = {
    "test_all_sessions.py": POSIX_LOCKS,
    "test_covered_screens.py": X11,
    "test_environments.py": POSIX_SHELL,
    "test_faults_disk.py::test_a_file_that_may_not_grow_loses_nothing_when_it_may_again": (
        POSIX_LIMITS
    ),
    **{
        f"test_faults_waiting.py::test_nothing_is_lost_or_shown_twice_when[{wire}]": NETWORKS
        for wire in (
            "the PC's TCP gives up",
            "the cable is pulled",
        )
    },
    "test_sessions.py": SEVERAL_SESSIONS,
    "test_signatures.py::test_a_key_that_others_can_read_is_not_used": POSIX_USERS,
    "test_system_events_garbage.py": D_BUS,
    "test_system_events_linux.py": LOGIND,
    "test_system_events_network.py": NETLINK,
}
ATTACKS: dict[str, Need | WineGap] = {
    "test_connections_without_login.py": NETWORKS,
    "test_fail_closed.py::test_a_slip_in_a_policy_lets_nobody_in_and_loses_nothing"
    "[writable by others]": POSIX_USERS,
    "test_local_users.py": POSIX_USERS,
}
FROZEN: dict[str, Need | WineGap] = {
    "": FREEZING,
}
WINDOWS: dict[str, Need | WineGap] = {
    "test_folder_names.py::test_data_dir_may_be_written_in_any_form[share]": SHARES,
    "test_private_windows.py::test_no_link_is_followed": JUNCTIONS,
}
TABLES: Mapping[str, Mapping[str, Need | WineGap]] = {
    "unit": UNIT,
    "gui": GUI,
    "integration": INTEGRATION,
    "integration/attacks": ATTACKS,
    "frozen": FROZEN,
    "windows": WINDOWS,
}

QT_SAYS = {
    # Qt asks for each screen's name: DisplayConfigGetDeviceInfo gives the path of the monitor's
    # device, SetupDiOpenDeviceInterface (documented to open the interface of such a path) finds
    # none, since Wine registers no device interface for monitors. Qt uses another name.
    "Unable to open monitor interface to",
}
"""Regular expressions of Qt's warnings that only Wine causes, each with the reason."""

PROPERTY = "left out"


def is_wine() -> bool:
    """Whether this is Windows' Python under Wine."""
    if sys.platform != "win32":
        return False
    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def left_out(*, wine: bool) -> dict[str, Need | WineGap]:
    """All entries for Windows by their path below tests/; gaps of Wine only with *wine*."""
    return {
        f"{folder}/{name}".rstrip("/"): reason
        for folder, table in TABLES.items()
        for name, reason in table.items()
        if wine or isinstance(reason, Need)
    }


def reason_of(entry: str) -> str:
    """Why *entry* is left out."""
    return str(left_out(wine=True)[entry])


def listed(counts: Mapping[str, int], reason_of: Callable[[str], str]) -> Iterator[str]:
    """The list of entries: each reason with the number of its tests, then its entries."""
    reasons: dict[str, list[str]] = {}
    for entry in sorted(counts):
        reasons.setdefault(reason_of(entry), []).append(entry)
    for reason, entries in sorted(reasons.items()):
        yield f"{sum(counts[entry] for entry in entries):4d}  {reason}"
        for entry in entries:
            yield f"        {counts[entry]:4d}  {entry}"


class LeftOut:
    """The plugin that leaves out *entries*, and lists them at the end."""

    def __init__(self, entries: Mapping[str, Need | WineGap], root: Path = HERE) -> None:
        self._entries = entries
        self._root = root
        self._counts: Counter[str] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(
        self, module_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Do not import a file that is left out as a whole."""
        if self._entry_of(module_path, "") is None:
            return None
        module: pytest.Collector = _NotImported.from_parent(parent, path=module_path)
        return module

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Mark what is left out."""
        for item in items:
            _, _, name = item.nodeid.partition("::")
            if entry := self._entry_of(item.path, name):
                item.add_marker(pytest.mark.skip(str(self._entries[entry])))
                item.user_properties.append((PROPERTY, entry))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Count what is left out apart from what is skipped for other reasons."""
        entry = dict(getattr(report, "user_properties", ())).get(PROPERTY)  # not of a file's own
        if entry is None or not report.skipped:
            return None
        return "left out", "-", "LEFT OUT"

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """List it."""
        for report in terminalreporter.stats.get("left out", ()):
            self._counts[str(dict(report.user_properties)[PROPERTY])] += 1
        if self._counts:
            terminalreporter.section("left out, by what it needs")
            for line in listed(self._counts, lambda entry: str(self._entries[entry])):
                terminalreporter.line(line)

    def _entry_of(self, path: Path, name: str) -> str | None:
        """The entry that leaves out the test *name* (empty: all tests) of the file *path*."""
        if not path.is_relative_to(self._root):
            return None
        file = path.relative_to(self._root)
        names = [f"{file.as_posix()}::{name}", f"{file.as_posix()}::{name.partition('[')[0]}"]
        folders = [folder.as_posix() for folder in (file, *file.parents)]
        return next((one for one in (*names, *folders) if one in self._entries), None)


class _NotImported(pytest.File):
    """A file of tests that this system cannot import: its tests are found by reading it."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each function that is a test, whatever its parameters."""
        for name, line in tests_in(self.path).items():
            yield _NotImportedTest.from_parent(self, name=name, line=line)


class _NotImportedTest(pytest.Item):
    def __init__(self, *, line: int, **details: Any) -> None:
        super().__init__(**details)
        self._line = line

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is; lines count from 0."""
        return self.path, self._line - 1, self.name

    def runtest(self) -> None:
        """Never called: it is skipped."""
        raise NotImplementedError(self.nodeid)


def tests_in(path: Path) -> dict[str, int]:
    """Names of the test functions of a file with their lines, without importing it."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: node.lineno
        for node in tree.body
        if isinstance(node, functions) and node.name.startswith("test_")
    }


def configure(config: pytest.Config) -> None:
    """Leave out what cannot run on this system; called by conftest.py."""
    if sys.platform != "win32":
        return
    config.pluginmanager.register(LeftOut(left_out(wine=is_wine())), "left_out")
    if is_wine():
        for pattern in QT_SAYS:
            config.addinivalue_line("qt_log_ignore", pattern)
