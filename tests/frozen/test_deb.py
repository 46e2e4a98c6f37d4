"""The packages for Debian: installed, used, upgraded, rolled back, removed and purged.

That happens in a copy of this machine's system (``other_root``), with a real redis-server here.
"""

from __future__ import annotations

import configparser
import json
import os
import runpy
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.frozen.other_root import USER, OtherRoot, is_root
from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
deb = runpy.run_path(str(ROOT / "packaging" / "linux" / "build_deb.py"))
PLAIN = ("-Znone",)
"""No compression: packing 95 MB takes half a minute and proves nothing here."""
AUTOSTART = "/etc/xdg/autostart/siaran-tray.desktop"
POLICY = "/etc/siaran/policies/managed/10-hq.json"
WITHIN_S = 40.0


def not_tested(reason: str) -> NoReturn:
    """Skip loudly; in CI, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"CI has to test the packages: {reason}")
    pytest.skip(f"NOT TESTED: {reason}")


def until(condition: Callable[[], Any]) -> Any:
    """Wait until *condition* gives something true, and return it."""
    deadline = time.monotonic() + WITHIN_S
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {WITHIN_S} s"
        time.sleep(0.1)
    return result


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both packages by name, and the tray's next version as ``next``."""
    if shutil.which("dpkg-shlibdeps") is None:
        not_tested("there is no dpkg-shlibdeps")
    frozen = deb["freeze"].folder_of()
    if not deb["is_fresh"](frozen):
        not_tested("this source is not frozen; python3 run.py freeze does it")
    place = tmp_path_factory.mktemp("packages")
    made = {
        package.name: deb["build"](package, frozen / "siaran", place, compression=PLAIN)
        for package in deb["PACKAGES"]
    }
    tray = deb["PACKAGES"][1]
    made["next"] = deb["build"](tray, frozen / "siaran", place, version="99.1", compression=PLAIN)
    return made


@pytest.fixture
def system(tmp_path: Path, packages: dict[str, Path]) -> Iterator[OtherRoot]:
    """A system to install on; the packages are in its /root."""
    if not is_root():
        not_tested("only root can install packages")
    other = OtherRoot(tmp_path / "other")
    try:
        for name, file in packages.items():
            other.put(file, f"/root/{name}.deb")
        yield other
    finally:
        other.close()


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A screen."""
    if shutil.which("Xvfb") is None:
        not_tested("there is no Xvfb")
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        yield f":{answer.readline().strip()}"
    server.terminate()
    server.wait(timeout=15)


class Till:
    """The installed tray of one person, seen through its own command line."""

    def __init__(self, system: OtherRoot) -> None:
        self._system = system

    def pids(self) -> set[str]:
        """The running trays."""
        return set(self._system.run("pidof siaran-tray", check=False).split())

    def connected(self) -> bool:
        """Whether a tray runs and has reached Redis."""
        text = self._system.run("siaran-tray status --json", user=USER, check=False)
        return bool(text) and json.loads(text)["state"] == "connected"

    def shown(self) -> list[str]:
        """Titles that were painted."""
        text = self._system.run("siaran-tray inbox --json", user=USER)
        return [one["title"] for one in json.loads(text) if one["displayed_at"]]

    def log_in(self, display: str) -> None:
        """Do what a desktop does at the beginning of a session."""
        entry = configparser.ConfigParser(interpolation=None)
        entry.read_string(self._system.run(f"cat {AUTOSTART}"))
        assert self._system.there(entry["Desktop Entry"]["TryExec"])
        self._system.start(entry["Desktop Entry"]["Exec"], user=USER, display=display)


def send(system: OtherRoot, title: str) -> None:
    """Send a message with the installed console."""
    system.run(f"siaran-console send --all --title '{title}' --message x")


def install(system: OtherRoot, *names: str) -> None:
    """As ``apt install`` does, but without waiting for a disk that is none."""
    files = " ".join(f"/root/{name}.deb" for name in names)
    system.run(f"dpkg --force-unsafe-io -i {files}")


def policy(server: RedisServer) -> str:
    """What IT has decided for this till."""
    return json.dumps({"redis_url": server.url, "tray": {"outlet": "JKT-014", "pc": "till-1"}})


def test_the_life_of_the_packages_on_a_till(
    system: OtherRoot, redis_server: RedisServer, display: str
) -> None:
    till = Till(system)
    install(system, "siaran-tray", "siaran-console")
    assert not till.pids(), "an installation starts nothing"
    assert system.run("dpkg --verify siaran-tray siaran-console") == ""
    system.write(POLICY, policy(redis_server))

    till.log_in(display)
    until(till.connected)
    first = till.pids()
    send(system, "Before")
    until(lambda: "Before" in till.shown())

    install(system, "next")
    until(lambda: till.connected() and not first & till.pids())
    send(system, "After")
    assert "99.1" in system.run("dpkg-query -W siaran-tray")
    until(lambda: len(json.loads(system.run("siaran-tray inbox --json", user=USER))) == 2)

    second = till.pids()
    install(system, "siaran-tray")  # roll back
    until(lambda: till.connected() and not second & till.pids())

    system.run("dpkg -r siaran-tray")
    until(lambda: not till.pids())
    assert not system.run("pidof -x start-with-session", check=False)
    assert not system.there("/usr/lib/siaran-tray")
    assert system.there(POLICY)

    system.run("dpkg -P siaran-tray")
    assert not system.there(AUTOSTART)
    assert system.there(POLICY), "the console still needs it"
    system.run("dpkg -P siaran-console")
    assert not system.there("/etc/siaran")
    assert system.there(f"/home/{USER}/.local/share/siaran/tray")
    assert system.run("find /etc /opt /usr /var -path '*siaran*'") == ""


def test_a_tray_that_somebody_ended_stays_ended_and_one_that_died_comes_back(
    system: OtherRoot, redis_server: RedisServer, display: str
) -> None:
    till = Till(system)
    install(system, "siaran-tray")
    system.write(POLICY, policy(redis_server))
    system.start(
        "env SIARAN_START_AGAIN_S=0.2 /usr/lib/siaran-tray/start-with-session",
        user=USER,
        display=display,
    )
    until(till.connected)
    (first,) = till.pids()
    system.run(f"kill -KILL {first}")
    until(lambda: till.pids() and first not in till.pids() and till.connected())
    system.run("siaran-tray --quit", user=USER)
    until(lambda: not system.run("pidof -x start-with-session", check=False))
    assert not till.pids()


def test_manual_pages_are_there_and_sound(packages: dict[str, Path], tmp_path: Path) -> None:
    for name in ("siaran-console", "siaran-tray"):
        subprocess.run(["dpkg-deb", "-x", str(packages[name]), str(tmp_path)], check=True)
    pages = sorted((tmp_path / "usr/share/man/man1").iterdir())
    names = {page.name.removesuffix(".1.gz") for page in pages}
    assert {"siaran-console", "siaran-console-send", "siaran-tray", "siaran-tray-status"} <= names
    if shutil.which("groff") is None:
        return
    for page in pages:
        text = subprocess.run(["zcat", str(page)], capture_output=True, check=True).stdout
        done = subprocess.run(
            ["groff", "-man", "-Tascii", "-ww"], input=text, capture_output=True, check=True
        )
        assert done.stderr == b"", page.name


def test_two_builds_are_the_same(packages: dict[str, Path], tmp_path: Path) -> None:
    package = deb["PACKAGES"][1]
    frozen = deb["freeze"].folder_of() / "siaran"
    again = deb["build"](package, frozen, tmp_path, compression=PLAIN)
    assert again.read_bytes() == packages[package.name].read_bytes()
