"""A slip of IT is no chance for a stranger, and costs no message: settings of a running tray."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from admin_app.app import ConsoleApp, configure
from admin_app.sending import Sender
from admin_app.session import ConsoleSession
from shared.bus import LinkState
from shared.instance import claim
from shared.keys import Keys
from shared.model import StreamId
from shared.qt.runner import QuitRequest
from shared.redis_bus import RedisAddress, RedisConsoleBus
from shared.settings import Program, Settings
from shared.settings_watch import SettingsWatch
from shared.signing_key import create_key_file, load_signer
from shared.sources import Sources
from tests.conftest import LogGuard, until
from tests.integration.attacks.guarded import (
    CHANNEL,
    EMERGENCY,
    OUTLET,
    PAINTED_WITHIN_S,
    Site,
    painted,
    send_emergency,
)
from tests.integration.pair import acknowledge, fill_in, open_popup, press_send
from tray_client.app import TrayApp
from tray_client.inbox import read_messages
from tray_client.lives import one_life

LOG = "{siaran}:log:Channel%201"
HEARTBEAT_S = 5
BACK_WITHIN_S = HEARTBEAT_S + 2 + PAINTED_WITHIN_S
"""Its turn within one heartbeat, the jitter of reading a hole, and the time to paint."""


@dataclass
class Till:
    """A tray as the program runs it: put together again whenever its settings change."""

    folder: Path
    policies: Path
    lives: list[TrayApp] = field(default_factory=list)

    @property
    def tray(self) -> TrayApp:
        """The one that runs now."""
        return self.lives[-1]

    @property
    def messages(self) -> list[str]:
        """Ids of what it has stored."""
        return [one.id for one in read_messages(self.folder)]

    async def set_policy(self, change: Callable[[Path], None]) -> None:
        """Change the file with the keys, and wait until the tray has taken that over."""
        before = len(self.lives)
        change(self.policies / "20-keys.json")
        await until(lambda: len(self.lives) > before)
        await until(lambda: self.tray.session.status.state is LinkState.CONNECTED)


def owner(place: Path) -> frozenset[int]:
    """Who may have written policies here."""
    return frozenset({place.stat().st_uid})


@asynccontextmanager
async def running_till(site: Site, qapp: QApplication, keys: object) -> AsyncIterator[Till]:
    """A till whose address and keys come from two policies, as ``tray_client.lives`` runs it."""
    till = Till(site.folder / "tray", site.folder / "policies")
    till.policies.mkdir(mode=0o755)
    address = {"redis_url": site.url("outlet"), "outlet": OUTLET, "pc": "till-1"}
    rules = {"heartbeat_seconds": HEARTBEAT_S, "popups_per_minute": 1000}
    holding({**address, **rules})(till.policies / "10-hq.json")
    holding({"trusted_keys": keys})(till.policies / "20-keys.json")
    sources = Sources(Program.TRAY, policy_folder=till.policies, system_uids=owner(till.policies))
    instance, quit_request = claim(till.folder), QuitRequest(qapp)

    async def live() -> None:
        now = sources.load()
        while True:
            till.lives.append(TrayApp(now, till.folder, {}, guard_ms=0))
            watch = SettingsWatch(sources.load, 0.05)
            fresh = await one_life(till.tray, quit_request, instance, now, watch)
            if fresh is None:
                return
            now = fresh

    task = asyncio.create_task(live())
    try:
        await until(lambda: till.lives and till.tray.session.status.state is LinkState.CONNECTED)
        yield till
    finally:
        quit_request.ask()
        await until(task.done)
        instance.release()
        task.result()


@asynccontextmanager
async def console_with(site: Site, key_file: Path) -> AsyncIterator[ConsoleSession]:
    """Head office with another key."""
    bus = RedisConsoleBus(RedisAddress.from_url(site.url("console")), Keys())
    session = ConsoleSession(bus, Sender(Settings(), load_signer(key_file, "siaran")))
    task = asyncio.create_task(session.run())
    try:
        await until(lambda: session.status.state is LinkState.CONNECTED)
        yield session
    finally:
        task.cancel()
        await asyncio.wait([task])


async def processed(site: Site, till: Till) -> None:
    """Wait until the tray has passed everything that the log holds."""
    with site.raw("console") as raw:
        [[last, _fields]] = raw.say("XREVRANGE", LOG, "+", "-", "COUNT", 1)  # type: ignore[misc]
    assert isinstance(last, bytes)
    await until(lambda: till.tray.inbox.cursor(CHANNEL) == StreamId.parse(last))


def troubles(site: Site) -> list[str]:
    """What the till's last heartbeat says is wrong with it."""
    with site.raw("console") as raw:
        _, flat = raw.say("HSCAN", "siaran:endpoints", 0, "COUNT", 100)  # type: ignore[misc]
    assert isinstance(flat, list)
    report = flat[flat.index(f"{OUTLET}/till-1".encode()) + 1]
    assert isinstance(report, bytes)
    found: list[str] = json.loads(report)["troubles"]
    return found


def holding(value: object, *, mode: int = 0o644) -> Callable[[Path], None]:
    """Write a policy file, at once as IT's tools do."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()

    def write(path: Path) -> None:
        if path.is_dir():
            path.rmdir()
        beside = path.with_suffix(".new")
        beside.write_bytes(content)
        beside.chmod(mode)
        beside.replace(path)

    return write


def folder(path: Path) -> None:
    """A folder in the place of the file."""
    path.unlink()
    path.mkdir(mode=0o755)


Slip = Callable[[dict[str, Any]], Callable[[Path], None]]
"""Makes of the good keys, *hq* and *eu*, what IT has done to the policy."""
SLIPS: dict[str, tuple[Slip, str, bool]] = {
    "an entry of another type": (
        lambda keys: holding({"trusted_keys": keys | {"eu": 5}}), "trusted-keys", True,
    ),
    "an entry that is no key": (
        lambda keys: holding({"trusted_keys": keys | {"eu": {"public": "?"}}}),
        "trusted-keys", True,
    ),
    "an entry with a slip in a name": (
        lambda keys: holding({"trusted_keys": keys | {"eu": keys["eu"] | {"chanels": []}}}),
        "trusted-keys", True,
    ),
    "although no is said": (
        lambda keys: holding({"trusted_keys": keys | {"eu": 5}, "require_signatures": False}),
        "trusted-keys", True,
    ),
    "keys of another type": (
        lambda _keys: holding({"trusted_keys": ["hq"]}), "trusted-keys", False,
    ),
    "a slip in the name": (
        lambda keys: holding({"trusted_key": keys}), "trusted-keys", False,
    ),
    "neither yes nor no": (
        lambda _keys: holding({"require_signatures": "false"}), "require-signatures", False,
    ),
    "no JSON": (lambda _keys: holding(b'{"require_signatures": false,'), "system-file", False),
    "no text": (lambda _keys: holding(b"\xff\xfe{}"), "system-file", False),
    "no object": (lambda _keys: holding([]), "system-file", False),
    "writable by others": (
        lambda _keys: holding({"require_signatures": False}, mode=0o646), "system-file", False,
    ),
    "a folder": (lambda _keys: folder, "system-file", False),
}  # fmt: skip
"""What IT has done, what the heartbeat says, and whether head office's other key still works."""


@pytest.mark.parametrize(("slip", "trouble", "hq_works"), SLIPS.values(), ids=SLIPS)
async def test_a_slip_in_a_policy_lets_nobody_in_and_loses_nothing(
    qapp: QApplication,
    open_site: Site,
    log_guard: LogGuard,
    slip: Slip,
    trouble: str,
    hq_works: bool,
) -> None:
    site = open_site
    for line in ("skipped something on", "trusted key|trusted_keys", "require_signatures"):
        log_guard.expect(line)
    log_guard.expect("20-keys.json|there is no setting|read the whole log again")
    eu = site.folder / "eu.key"
    keys = site.trusted | {"eu": {"public": create_key_file(eu, "eu")}}
    async with (
        running_till(site, qapp, keys) as till,
        site.console() as office,
        site.console(signed=False) as stranger,
        console_with(site, eu) as abroad,
    ):
        await until(lambda: troubles(site) == [])
        await till.set_policy(slip(keys))
        await until(lambda: troubles(site) == [trouble])

        forged = await send_emergency(stranger)
        refused = await send_emergency(abroad)
        begun = time.monotonic()
        sent = await send_emergency(office)
        if hq_works:
            await painted(till.tray, sent, begun)
            assert await acknowledge(till.tray) == EMERGENCY
        await processed(site, till)
        assert till.messages == ([sent] if hq_works else [])
        assert open_popup(till.tray) is None

        await till.set_policy(holding({"trusted_keys": keys}))
        begun = time.monotonic()
        for message_id in [refused] if hq_works else [refused, sent]:
            await painted(till.tray, message_id, begun, BACK_WITHIN_S)
            assert await acknowledge(till.tray) == EMERGENCY
        await processed(site, till)
        await until(lambda: troubles(site) == [])
        assert sorted(till.messages) == sorted([refused, sent])
        assert forged not in till.messages
        await until(lambda: open_popup(till.tray) is None)


async def test_the_environment_opens_nothing_on_a_pc_of_its(
    qapp: QApplication, open_site: Site, log_guard: LogGuard, tmp_path: Path
) -> None:
    site = open_site
    log_guard.expect("is for IT to set|skipped something on")
    policies = tmp_path / "policies"
    policies.mkdir(mode=0o755)
    holding({"redis_url": site.url("outlet"), "trusted_keys": site.trusted})(policies / "a.json")
    evil = {
        "SIARAN_REQUIRE_SIGNATURES": "false",
        "SIARAN_TRUSTED_KEYS": json.dumps({"evil": site.trusted["hq"]}),
        "SIARAN_NAMESPACE": "evil",
    }
    loaded = Sources(
        Program.TRAY,
        {"outlet": "EVIL", "channels": "Evil"},
        evil,
        policy_folder=policies,
        system_uids=owner(policies),
        host="JKT-001",
    ).load()
    assert len(loaded.problems) == len(evil) + 2
    tray = TrayApp(loaded, tmp_path / "tray", {}, guard_ms=0)
    tray.start()
    try:
        await until(lambda: tray.session.status.state is LinkState.CONNECTED)
        assert tray.session.channels == ["*", CHANNEL]
        async with site.console(signed=False) as stranger, site.console() as office:
            await send_emergency(stranger)
            sent = await send_emergency(office)
            await until(lambda: open_popup(tray) is not None)
            assert [one.id for one in read_messages(tmp_path / "tray")] == [sent]
        assert "EVIL" not in tray._endpoint
    finally:
        await tray.aclose()


@pytest.mark.parametrize("ca_file", ["%APPDATA%/ca.pem", 5, "/nowhere/ca.pem"])
async def test_without_its_certificates_a_tray_does_not_connect(
    qapp: QApplication, tmp_path: Path, log_guard: LogGuard, ca_file: object
) -> None:
    log_guard.expect("ca_file|refused:")
    policies = tmp_path / "policies"
    policies.mkdir(mode=0o755)
    holding({"redis_url": "rediss://127.0.0.1:1", "ca_file": ca_file})(policies / "a.json")
    mine = tmp_path / "mine.toml"
    mine.write_text('ca_file = "/etc/ssl/certs/ca-certificates.crt"')
    mine.chmod(0o600)
    sources = Sources(
        Program.TRAY,
        environ={"APPDATA": "/mine", "SIARAN_CA_FILE": "/mine/ca.pem"},
        user_file=mine,
        policy_folder=policies,
        system_uids=owner(policies),
    )
    tray = TrayApp(sources.load(), tmp_path / "tray", {}, guard_ms=0)
    tray.start()
    try:
        await until(lambda: tray.session.status.state is LinkState.REFUSED)
        assert "ca_file" in str(tray.session.status.error)
    finally:
        await tray.aclose()


@pytest.mark.parametrize("key", ["/nowhere/hq.key", "%NOPE%/hq.key"])
async def test_a_console_whose_key_cannot_be_used_sends_nothing_unsigned(
    qapp: QApplication, open_site: Site, tmp_path: Path, log_guard: LogGuard, key: str
) -> None:
    log_guard.expect("signing key|signing_key_file")
    given = {"redis_url": open_site.url("console"), "undo_seconds": "0", "signing_key_file": key}
    sources = Sources(Program.CONSOLE, given)
    app = ConsoleApp(configure(sources, tmp_path / "console", {}))
    app.start()
    try:
        await until(lambda: app.session.status.state is LinkState.CONNECTED)
        fill_in(app, CHANNEL, "Hello", "Unsigned")
        await press_send(app)
        notice = app.window.form.notice.text()
        assert str(Path(key)) in notice or "%NOPE%" in notice
        with open_site.raw() as raw:
            assert raw.say("EXISTS", LOG) == 0
    finally:
        await app.aclose()
