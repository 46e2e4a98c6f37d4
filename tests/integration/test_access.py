"""Whom the server lets in: found out by trying, and said by check and at the window's foot."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from shared.bus import Access
from shared.keys import Keys
from shared.redis_bus import RedisAddress, RedisConsoleBus
from tests.conftest import until
from tests.integration.pair import connected, running_console, running_tray
from tests.integration.test_command_line import run
from tests.integration.test_signatures import TRUSTED
from tests.redis_server import RedisServer

ALL = ("~*", "&*", "+@all")
CASES: dict[str, tuple[list[tuple[str, ...]], str, str, Access]] = {
    "no login": ([], "", "", Access.EVERYBODY),
    "a login, and everybody all the same": (
        [("SETUSER", "hq", "on", ">secret", *ALL)],
        "hq",
        "secret",
        Access.EVERYBODY,
    ),
    "one password": ([("SETUSER", "default", "on", ">secret")], "", "secret", Access.SHARED),
    "one password, by name": (
        [("SETUSER", "default", "on", ">secret")],
        "default",
        "secret",
        Access.SHARED,
    ),
    "accounts": (
        [("SETUSER", "hq", "on", ">secret", *ALL), ("SETUSER", "default", "off")],
        "hq",
        "secret",
        Access.ACCOUNTS,
    ),
    "accounts, and a stranger who may do nothing": (
        [("SETUSER", "hq", "on", ">secret", *ALL), ("SETUSER", "default", "nopass", "-@all")],
        "hq",
        "secret",
        Access.ACCOUNTS,
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_whom_a_server_lets_in_is_found_out_by_trying(
    redis_server: RedisServer, case: str
) -> None:
    commands, username, password, access = CASES[case]
    for command in commands:
        assert redis_server.command("ACL", *command) == b"+OK\r\n"
    address = RedisAddress(port=redis_server.port, username=username, password=password)
    async with RedisConsoleBus(address, Keys()).open() as link:
        assert await link.access() is access
        redis_server.stop()
        assert await link.access() in {access, Access.UNKNOWN}


async def test_check_names_what_is_not_safe_and_which_pcs_ask_for_nothing(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    key = tmp_path / "hq.key"
    run("admin_app", "keygen", "--key-id", "hq", "--out", str(key))
    where = ("--redis-url", redis_server.url)

    async def findings(*arguments: str) -> dict[str, tuple[str, str]]:
        done = await asyncio.to_thread(run, "admin_app", "check", "--json", *where, *arguments)
        found = json.loads(done.stdout)["findings"]
        return {one["topic"]: (one["grade"], one["sentence"]) for one in found}

    strict = running_tray(redis_server.url, tmp_path / "a", outlet="A", trusted_keys=TRUSTED)
    async with strict as tray:
        await connected(tray)
        await until(lambda: b"A/till-1" in redis_server.command("HKEYS", Keys().endpoints))
        found = await findings("--signing-key-file", str(key))
        assert found["signatures"][0] == "good"
        assert found["accounts"] == (
            "weak",
            "The server lets everybody in, without a password. Make accounts: accounts.py.",
        )
        assert (await findings())["signatures"] == (
            "weak",
            "This console does not sign its messages (signing_key_file).",
        )
        async with running_tray(redis_server.url, tmp_path / "b", outlet="B") as lax:
            await connected(lax)
            await until(lambda: b"B/till-1" in redis_server.command("HKEYS", Keys().endpoints))
            assert (await findings("--signing-key-file", str(key)))["signatures"] == (
                "weak",
                "1 PC shows messages that nobody has signed: B/till-1.",
            )


async def test_the_window_says_it_quietly_and_what_to_do(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with running_console(redis_server.url, tmp_path / "console") as app:
        line = app.window.safety
        await connected(app)
        both = "Messages are not signed, and the server lets everybody in."
        await until(lambda: line.isVisible() and line.words.whole() == both)
        line.help.click()
        box = await until(lambda: app.window.findChild(QMessageBox))
        assert "siaran-console keygen" in box.informativeText()
        assert "accounts.py" in box.informativeText()
        box.close()


async def test_a_console_that_signs_on_a_server_with_accounts_says_nothing(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    key = tmp_path / "hq.key"
    run("admin_app", "keygen", "--key-id", "hq", "--out", str(key))
    redis_server.command("ACL", "SETUSER", "hq", "on", ">secret", *ALL)
    redis_server.command("ACL", "SETUSER", "default", "off")
    login, url = {"SIARAN_PASSWORD": "secret"}, redis_server.url.replace("//", "//hq@")
    safe = running_console(url, tmp_path / "console", login, signing_key_file=str(key))
    async with safe as app:
        await connected(app)
        await until(lambda: app.session.access is Access.ACCOUNTS)
        assert not app.window.safety.isVisible()
    async with running_console(url, tmp_path / "console", login) as app:
        await until(lambda: app.session.access is Access.ACCOUNTS)
        assert app.window.safety.words.whole().startswith("Messages are not signed: ")
