"""What both command lines print and read on Windows, whatever the code page and the encodings.

Titles have letters that no code page of a till has together.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from admin_app.history import find_message
from shared.keys import Keys
from shared.model import ALL_CHANNELS, Message
from shared.redis_bus import RedisAddress, RedisConsoleBus
from tests import children
from tests.integration.test_command_line import inbox, tray_process, wait_for
from tests.redis_server import RedisServer

if sys.platform != "win32":
    pytest.skip("needs Windows: its consoles and code pages", allow_module_level=True)

from tests.windows import in_a_console

ROOT = Path(__file__).resolve().parents[2]
TITLE = "Café, l’été → Привет 店舗 🎉"  # noqa: RUF001
IN_ONE_CELL = "Café, l’été → Привет"  # noqa: RUF001
"""What of it takes one cell a letter on a console's screen."""
BODY = "“Besok” libur — 10 €\nЗакрыто 🙏🏽"  # noqa: RUF001
ENCODINGS = {"the PC's": {}, "PYTHONUTF8=0": {"PYTHONUTF8": "0"}}


def environment(**more: str) -> dict[str, str]:
    """As a till's script has it: no word on encodings."""
    mine = children.own_environment(PYTHONPATH=str(ROOT), **more)
    return {name: value for name, value in mine.items() if name != "PYTHONIOENCODING"}


def command(program: str, *arguments: str) -> list[str]:
    """A command line, by Windows' Python."""
    return [children.python(), "-m", program, *arguments]


def run(
    program: str, *arguments: str, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command whose output is a pipe."""
    return subprocess.run(
        command(program, *arguments),
        input=stdin,
        capture_output=True,
        env=environment(**more),
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def send(server: RedisServer, body: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Send a message whose text is on standard input."""
    at = ("--redis-url", server.url, "--all", "--title", TITLE, "--message", "-", *arguments)
    return run("admin_app", "send", *at, stdin=body)


def run_ok(*arguments: str, **more: str) -> bytes:
    """Run a command that has to succeed without a word on standard error; what it prints."""
    done = run(*arguments, **more)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    return done.stdout


@contextmanager
def a_tray_that_has_it(server: RedisServer, folder: Path) -> Iterator[None]:
    """A tray's inbox with the message in it."""
    with tray_process(server, folder, "--channel", "Channel 1"):
        assert send(server, BODY.encode()).returncode == 0
        wait_for(lambda: inbox(folder))
    yield


@pytest.mark.parametrize("encodings", ENCODINGS)
def test_a_file_or_pipe_gets_utf_8_whatever_the_code_page(
    redis_server: RedisServer, tmp_path: Path, encodings: str
) -> None:
    more = ENCODINGS[encodings]
    with a_tray_that_has_it(redis_server, tmp_path / "tray"):
        at = ("--data-dir", str(tmp_path / "tray"))
        assert TITLE in run_ok("tray_client", "inbox", *at, **more).decode()
        [message] = json.loads(run_ok("tray_client", "inbox", "--json", *at, **more))
        assert (message["title"], message["body"]) == (TITLE, BODY)
    url = ("--redis-url", redis_server.url)
    assert TITLE in run_ok("admin_app", "history", *url, **more).decode()
    entries = run_ok("admin_app", "history", "--json", *url, **more)
    [entry] = json.loads(entries)
    assert entry["title"] == TITLE
    assert entries.isascii(), "any script can read it, whatever it takes for the encoding"
    run_ok("admin_app", "channels", "--rename", "Channel 1", TITLE, *url, **more)
    assert TITLE in run_ok("admin_app", "channels", *url, **more).decode()
    table = tmp_path / "Laporan Привет.csv"
    printed = run_ok("admin_app", "report", entry["id"], "--csv", str(table), *url, **more)
    assert printed.decode().startswith(TITLE)
    assert table.read_bytes().startswith(b'\xef\xbb\xbf"outlet",'), "Excel goes by the mark"


def test_a_name_that_is_no_unicode_is_printed_as_far_as_it_goes() -> None:
    """Windows' names of files are any 16-bit numbers."""
    wrong = ("--redis-url", "rediss://127.0.0.1:1", "--ca-file", "Z:\\half \ud83c of é.pem")
    done = run("admin_app", "check", *wrong, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (2, b"")
    assert "half \ufffd of é.pem" in done.stdout.decode()
    [finding] = json.loads(run("admin_app", "check", "--json", *wrong).stdout)["findings"]
    assert "half \ufffd of é.pem" in finding["sentence"]


@pytest.mark.parametrize("code_page", [437, 850, 1252, 65001])
def test_a_console_shows_every_letter_in_any_code_page(
    redis_server: RedisServer, tmp_path: Path, code_page: int
) -> None:
    assert send(redis_server, BODY.encode()).returncode == 0
    ran = in_a_console.run(
        command("admin_app", "history", "--redis-url", redis_server.url),
        tmp_path,
        environment(PYTHONUTF8="0"),
        code_page=code_page,
    )
    assert ran.code == 0, ran.screen
    assert IN_ONE_CELL in ran.screen


@pytest.mark.parametrize("program", ["admin_app", "tray_client"])
def test_manual_pages_are_printed_in_a_console_of_any_code_page(
    tmp_path: Path, program: str
) -> None:
    pages = [(), ("send",), ("report",)] if program == "admin_app" else [(), ("inbox",)]
    for page in pages:
        ran = in_a_console.run(
            command(program, *page, "--help"),
            tmp_path,
            environment(PYTHONUTF8="0"),
            code_page=437,
        )
        assert ran.code == 0, ran.screen
        printed = run_ok(program, *page, "--help", PYTHONUTF8="0").decode()
        assert ran.screen.split() == printed.split()


TEXTS: dict[str, bytes] = {
    "UTF-8": BODY.encode(),
    "UTF-8 with a mark": BODY.encode("utf-8-sig"),
    "lines of Windows": (BODY + "\n").replace("\n", "\r\n").encode(),
    "UTF-16, as PowerShell's >": (BODY + "\r\n").encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + BODY.encode("utf-16-be"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_read_as_it_was_written(
    redis_server: RedisServer, tmp_path: Path, kind: str
) -> None:
    sent = send(redis_server, TEXTS[kind], "--json")
    assert sent.returncode == 0, sent.stderr
    assert text_of(redis_server) == BODY


def text_of(server: RedisServer) -> str:
    """The text of the one message in Redis."""
    [entry] = json.loads(run_ok("admin_app", "history", "--json", "--redis-url", server.url))

    bus = RedisConsoleBus(RedisAddress.from_url(server.url), Keys("siaran"))

    async def read() -> Message | None:
        async with bus.open() as link:
            return await find_message(link, [ALL_CHANNELS], entry["id"])

    message = asyncio.run(read())
    assert message is not None
    return message.body


@pytest.mark.parametrize("text", ["10 €".encode("cp1252"), b"\xff\xfea", "Да".encode("cp1251")])
def test_a_text_that_might_be_anything_is_not_guessed(
    redis_server: RedisServer, text: bytes
) -> None:
    refused = send(redis_server, text)
    assert refused.returncode == 2
    assert refused.stderr.count(b"\n") == 1
    assert b"not UTF-8" in refused.stderr
    assert b"Traceback" not in refused.stderr


def test_output_that_is_closed_is_no_error(tmp_path: Path) -> None:
    """As programs without a console are started."""
    done = subprocess.run(
        [*command("tray_client", "status", "--data-dir", str(tmp_path))],
        creationflags=subprocess.DETACHED_PROCESS,
        env=environment(),
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 4
