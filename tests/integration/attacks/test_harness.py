"""What the attacks stand on does what it says, with nobody attacking yet."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from tests.integration.attacks.guarded import Refused, Site, Who, emergency_arrives, is_refused
from tests.integration.pair import connected


async def test_an_emergency_arrives(qapp: QApplication, site: Site) -> None:
    async with site.tray() as tray, site.console() as console:
        await connected(tray)
        await emergency_arrives(console, tray, stays_s=0.2)


def test_each_attacker_has_the_rights_of_its_account(site: Site) -> None:
    with site.raw() as raw:
        assert raw.say("PING") == b"PONG"
        stored = raw.say("XADD", "{siaran}:log-all", "*", "e", "{}", "p", "0-0")
        assert is_refused(stored) == (site.who in {Who.OUTLET, Who.OWN})
        assert is_refused(raw.say("FLUSHALL")) == (site.who is not Who.STRANGER)
        assert isinstance(raw.say("NONSENSE"), Refused)
