"""The worked example in PROTOCOL.md is what the code makes."""

from __future__ import annotations

import re
from pathlib import Path

from admin_app.troubles import WORDS
from shared.bus import Trouble
from shared.codec import decode_envelope, decode_payload, encode_envelope, encode_payload
from shared.redis_bus.publisher import PUBLISH_SCRIPT
from shared.signing import Signer

PAGE = (Path(__file__).resolve().parents[2] / "shared" / "PROTOCOL.md").read_text(encoding="utf-8")


def test_the_example_s_payload_signature_and_envelope_are_right() -> None:
    payload, envelope = re.findall(r'^```\n(\{"(?:v|payload)".*)\n```$', PAGE, re.MULTILINE)
    assert encode_payload(decode_payload(payload)) == payload
    signature = Signer("hq", bytes(range(32)), "siaran").sign(payload)
    assert f"`{signature.sig}`" in PAGE
    assert encode_envelope(payload, [signature]).decode() == envelope
    assert decode_envelope(envelope.encode()).payload == payload


def test_the_script_on_the_page_is_the_one_that_runs() -> None:
    [script] = re.findall(r"^```lua\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert script.strip() == PUBLISH_SCRIPT.strip()


def test_every_trouble_is_on_the_page_and_has_words() -> None:
    table = PAGE.split("| code | meaning |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(Trouble)
    assert set(WORDS) == set(Trouble)
