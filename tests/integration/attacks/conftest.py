"""What attacks stand on: one server for each attacker, all with the same accounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.attacks.guarded import ShippedRedis, Site, Who, make_accounts
from tests.redis_server import need_server


@pytest.fixture(scope="session")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``accounts.py`` filled."""
    need_server()
    return make_accounts(tmp_path_factory.mktemp("accounts") / "etc")


@pytest.fixture(params=list(Who), ids=[who.name.lower() for who in Who])
def site(request: pytest.FixtureRequest, tmp_path: Path, accounts: Path) -> Iterator[Site]:
    """A server for each attacker: with accounts, and for the stranger without."""
    yield from running_site(Who(request.param), tmp_path, accounts)


@pytest.fixture(params=[Who.CONSOLE, Who.STRANGER], ids=["console", "stranger"])
def writer_site(request: pytest.FixtureRequest, tmp_path: Path, accounts: Path) -> Iterator[Site]:
    """A server for each attacker who may write logs: without a key both times."""
    yield from running_site(Who(request.param), tmp_path, accounts)


@pytest.fixture(params=[Who.OUTLET, Who.OWN], ids=["outlet", "own"])
def outlet_site(request: pytest.FixtureRequest, tmp_path: Path, accounts: Path) -> Iterator[Site]:
    """A server for each attacker at a till: with the outlets' password, or the outlet's own."""
    yield from running_site(Who(request.param), tmp_path, accounts)


@pytest.fixture
def open_site(tmp_path: Path, accounts: Path) -> Iterator[Site]:
    """A server without accounts, for attacks that only a stranger can try."""
    yield from running_site(Who.STRANGER, tmp_path, accounts)


@pytest.fixture
def guarded_site(tmp_path: Path, accounts: Path) -> Iterator[Site]:
    """A server with accounts; the attacker has the outlets' password."""
    yield from running_site(Who.OUTLET, tmp_path, accounts)


def running_site(who: Who, folder: Path, accounts: Path) -> Iterator[Site]:
    """Run one for the length of a test."""
    place = folder / "redis"
    place.mkdir()
    guarded = who is not Who.STRANGER
    server = ShippedRedis(place, accounts / "users.acl" if guarded else None)
    server.start()
    try:
        yield Site(server, who, accounts if guarded else None, folder)
    finally:
        server.stop()
