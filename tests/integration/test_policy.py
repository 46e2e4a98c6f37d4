"""A policy pushed while the tray runs takes effect by itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from PySide6.QtWidgets import QApplication

from shared.instance import claim
from shared.qt.runner import QuitRequest
from shared.settings import Program
from shared.settings_watch import SettingsWatch
from shared.sources import Sources
from tests.conftest import until
from tests.integration.pair import acknowledge, connected
from tests.redis_server import RedisServer
from tray_client.app import TrayApp
from tray_client.lives import one_life


def owner(place: Path) -> frozenset[int]:
    """Who may have written policies here."""
    return frozenset({place.stat().st_uid})


async def test_a_channel_added_by_policy_is_followed_within_the_next_look(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    policies = tmp_path / "policies"
    policies.mkdir(mode=0o755)
    sources = Sources(
        Program.TRAY,
        {"redis_url": redis_server.url},
        policy_folder=policies,
        system_uids=owner(policies),
    )
    folder = tmp_path / "tray"
    instance, quit_request = claim(folder), QuitRequest(qapp)
    now = sources.load()
    tray = TrayApp(now, folder, {}, guard_ms=0)
    life = asyncio.create_task(
        one_life(tray, quit_request, instance, now, SettingsWatch(sources.load, 0.05))
    )
    try:
        await connected(tray)
        assert tray.session.channels == ["*", "Channel 1"]
        path = policies / "channels.json"
        path.write_text(json.dumps({"channels": ["Channel 1", "Region East"]}))
        path.chmod(0o644)
        fresh = await life
        assert fresh is not None
        assert fresh.locked("channels")
        tray = TrayApp(fresh, folder, {}, guard_ms=0)
        life = asyncio.create_task(
            one_life(tray, quit_request, instance, fresh, SettingsWatch(sources.load, 0.05))
        )
        await connected(tray)
        redis_server.command("PUBLISH", "{siaran}:ch:Region%20East", "Hello")
        assert await acknowledge(tray) == "Message on Region East"
        quit_request.ask()
        assert await life is None
    finally:
        quit_request.ask()
        await until(life.done)
        instance.release()


async def test_a_renewed_password_is_taken_over_without_a_visit(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.command("ACL", "SETUSER", "till", "on", ">old", ">new", "~*", "&*", "+@all")
    password = tmp_path / "password"
    password.write_text("old\n")
    given = {"redis_url": redis_server.url, "username": "till", "password_file": str(password)}
    sources = Sources(Program.TRAY, given, system_uids=owner(tmp_path))
    folder = tmp_path / "tray"
    instance, quit_request = claim(folder), QuitRequest(qapp)
    now = sources.load()
    watch = SettingsWatch(sources.load, 0.05)
    tray = TrayApp(now, folder, {}, guard_ms=0)
    life = asyncio.create_task(one_life(tray, quit_request, instance, now, watch))
    try:
        await connected(tray)
        redis_server.command("ACL", "SETUSER", "till", "<old")
        password.write_text("new\n")
        fresh = await life
        assert fresh is not None
        assert fresh.settings == now.settings
        tray = TrayApp(fresh, folder, {}, guard_ms=0)
        life = asyncio.create_task(one_life(tray, quit_request, instance, fresh, watch))
        await connected(tray)
        quit_request.ask()
        assert await life is None
    finally:
        quit_request.ask()
        await until(life.done)
        instance.release()
