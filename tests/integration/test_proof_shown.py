"""A popup and the inbox say of a message's sender what is known, and no more."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shared.codec import encode_envelope, encode_payload
from shared.keys import Keys
from shared.redis_bus import RedisAddress, RedisConsoleBus
from tests.conftest import until
from tests.fakes import make_message
from tests.integration.pair import acknowledge, connected, open_popup, running_tray
from tests.integration.test_command_line import run
from tests.integration.test_signatures import HQ, STRANGER, TRUSTED, signed
from tests.redis_server import RedisServer
from tray_client.records import Proof

KEYS = Keys()
UNVERIFIED = "Unverified: it is not known who sent this."
CASES = {
    "signed, key trusted": (True, "hq", Proof.SIGNED, "", True),
    "not signed, keys trusted": (True, "", Proof.UNVERIFIED, "", False),
    "another key, keys trusted": (True, "stranger", Proof.UNVERIFIED, "", False),
    "not signed, no key": (False, "", Proof.UNSIGNED, "not signed", True),
    "signed, no key": (False, "hq", Proof.UNCHECKED, "signature not checked", True),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_is_known_of_the_sender_is_shown_and_kept(
    qapp: QApplication, redis_server: RedisServer, tmp_path: Path, case: str
) -> None:
    keys, signer, proof, words, verified = CASES[case]
    folder, trusted = tmp_path / "tray", TRUSTED if keys else {}
    lenient = running_tray(redis_server.url, folder, trusted_keys=trusted, require_signatures=False)
    async with lenient as tray:
        await connected(tray)
        async with RedisConsoleBus(RedisAddress(port=redis_server.port), KEYS).open() as link:
            message = make_message(sent_at=await link.time_ms(), title="Hello", sender="HQ")
            envelope = encode_envelope(encode_payload(message))
            if signer:
                envelope = signed(HQ if signer == "hq" else STRANGER, message)
            await link.publish(message.id, message.channels, envelope, 3_600_000)
        popup = await until(lambda: open_popup(tray))
        byline, said = popup.reading.byline.text(), popup.reading.unverified
        assert byline.endswith(f" · {words}") if words else "·" not in byline
        assert said.isVisible() == (not verified)
        assert said.text() == UNVERIFIED
        await acknowledge(tray)
    done = await asyncio.to_thread(run, "tray_client", "inbox", "--json", "--data-dir", str(folder))
    [kept] = json.loads(done.stdout)
    assert (kept["proof"], kept["verified"]) == (proof.value, verified)
