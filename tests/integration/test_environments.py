"""The real programs in homes and locales that nobody planned for.

A home folder with spaces and letters of several scripts, no UTF-8 locale, no PYTHON* variable, and
standard output that is closed, ASCII only, or a pipe that nobody reads.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.test_command_line import wait_for
from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
HOME = "Rumah Budi & Zoë 店 ☕"
TITLE = "Harga baru: naik ↑ 🎉"
BODY = "Selamat pagi, semua — “besok” harga kopi 2 €.\nTerima kasih 🙏🏽"
PRINTED = "Harga baru: naik ? ?"
"""The title where the encoding knows nothing but ASCII."""

LOCALES = {
    "LANG=C": {"LANG": "C"},
    "LC_ALL=C": {"LC_ALL": "C"},
    "nothing set": {},
    "ASCII for certain": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "a language that is not installed": {"LANG": "id_ID.ISO-8859-1"},
}

OUTPUTS = ('"$@" >&-', '"$@" >&- 2>&-', '"$@" <&- >&-', 'set -o pipefail; "$@" | true')
"""Ways to start a program whose output goes nowhere, as a shell has them."""


@dataclass(frozen=True)
class Person:
    """Somebody's home folder and locale."""

    home: Path
    locale: dict[str, str]
    url: str

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment, nothing inherited but the search path."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "Pengaturan saya é"),
            "XDG_DATA_HOME": str(self.home / "Data saya é"),
            "XDG_RUNTIME_DIR": str(self.home / "run é"),
            "QT_QPA_PLATFORM": "offscreen",
            **self.locale,
        }

    @property
    def data(self) -> Path:
        """Where the tray's data are."""
        return self.home / "Data saya é" / "siaran" / "tray"

    def run(
        self, module: str, *arguments: str | bytes, stdin: bytes = b"", shell: str = '"$@"'
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one command; *shell* may redirect its output."""
        command: Sequence[str | bytes] = [sys.executable, "-m", module, *arguments]
        return subprocess.run(
            ["bash", "-c", shell, "bash", *command],
            input=stdin,
            capture_output=True,
            cwd=ROOT,
            timeout=60,
            check=False,
            env=self.environ,
        )

    def send(self, *arguments: str | bytes, stdin: bytes = b"") -> None:
        """``siaran-console send``, which has to work."""
        done = self.run("admin_app", "send", "--all", *arguments, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, b"")

    def inbox(self) -> list[dict[str, object]]:
        """``siaran-tray inbox --json``."""
        done = self.run("tray_client", "inbox", "--json")
        assert (done.returncode, done.stderr) == (0, b"")
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    @contextmanager
    def tray(self) -> Iterator[None]:
        """Their tray, running; ended by a signal, as at log-off."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tray_client"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environ,
        )
        try:
            wait_for(
                lambda: '"connected"' in self.run("tray_client", "status", "--json").stdout.decode()
            )
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            output = process.communicate(timeout=20)[0].decode()
        assert process.returncode == 0, output
        assert "Traceback" not in output


@pytest.fixture(params=list(LOCALES.values()), ids=list(LOCALES))
def person(request: pytest.FixtureRequest, tmp_path: Path, redis_server: RedisServer) -> Person:
    """Somebody whose settings file has the address of Redis and names of their own."""
    home = tmp_path / HOME
    settings = home / "Pengaturan saya é" / "siaran"
    settings.mkdir(parents=True)
    (home / "run é").mkdir(mode=0o700)
    text = f'redis_url = "{redis_server.url}"\npc = "kasir 1 é"\nsender = "Kantor pusat → Zoë"\n'
    (settings / "siaran.toml").write_text(text, encoding="utf-8")
    return Person(home, request.param, redis_server.url)


def test_a_message_in_any_script_arrives_and_is_printed_as_far_as_it_can_be(
    person: Person,
) -> None:
    with person.tray():
        person.send("--title", TITLE, "--message", "-", stdin=BODY.encode())
        person.send("--title", TITLE, "--message", BODY)
        both = wait_for(lambda: (found := person.inbox())[1:] and found)
        status = person.run("tray_client", "status")
    assert {(one["title"], one["body"], one["sender"]) for one in both} == {
        (TITLE, BODY, "Kantor pusat → Zoë")
    }
    assert status.returncode == 0
    assert b"/kasir 1 " in status.stdout
    assert status.stderr == b""

    listed = person.run("tray_client", "inbox")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert listed.stdout.decode().count(TITLE) == 2 or listed.stdout.decode().count(PRINTED) == 2
    for file in person.data.rglob("*"):
        if file.suffix in (".json", ".log"):
            file.read_text(encoding="utf-8")
    assert "kasir 1 é" in json.loads((person.data / "status.json").read_bytes())["endpoint"]


@pytest.fixture
def inbox_of(redis_server: RedisServer, person: Person) -> Person:
    """Somebody who has had a message."""
    with person.tray():
        person.send("--title", TITLE, "--message", BODY)
        wait_for(person.inbox)
    return person


ascii_only = pytest.mark.parametrize(
    "person", [LOCALES["ASCII for certain"]], ids=["ASCII"], indirect=True
)


@ascii_only
def test_whatever_becomes_of_the_output_nothing_breaks(inbox_of: Person) -> None:
    for arguments in (["inbox"], ["inbox", "--json"], ["--help"], ["--version"]):
        for shell in OUTPUTS:
            done = inbox_of.run("tray_client", *arguments, shell=shell)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), (arguments, shell)
    closed = inbox_of.run("tray_client", "status", shell='"$@" >&- 2>&-')
    assert closed.returncode == 4
    asked = inbox_of.run("tray_client", "inbox")
    assert PRINTED.encode() in asked.stdout
    said = inbox_of.run("tray_client", "--theme", "Zoë", "inbox", shell='"$@" >&-')
    assert said.returncode == 0  # the inbox has no colours
    assert b"Zo?" in said.stderr


@ascii_only
@pytest.mark.parametrize("module", ["admin_app", "tray_client"])
def test_help_names_folders_that_the_locale_cannot_print(person: Person, module: str) -> None:
    done = person.run(module, "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.search(rb"~/Data saya \?+/siaran/", done.stdout)


@ascii_only
def test_what_is_no_utf8_is_refused_rather_than_sent_with_holes(person: Person) -> None:
    for title, text in ((b"caf\xe9", b"x"), (b"x", b"caf\xe9")):
        done = person.run("admin_app", "send", "--all", "--title", title, "--message", text)
        assert done.returncode == 2
        assert re.fullmatch(
            rb"siaran-console: The (title|message) on the command line is not UTF-8.\n", done.stderr
        )
    closed = person.run(
        "admin_app", "send", "--all", "--title", "x", "--message", "-", shell='"$@" <&-'
    )
    assert (closed.returncode, closed.stderr) == (2, b"siaran-console: Write a message.\n")
