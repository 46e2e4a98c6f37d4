"""What ``--json`` prints is what PROTOCOL.md says, key by key and type by type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

import admin_app.options
import tray_client.options
from shared.keys import Keys
from shared.model import Endpoint
from shared.receipts import Receipt
from shared.redis_bus.receipt_scripts import RECEIPT_SCRIPT
from shared.redis_bus.receipts import receipt_arguments
from tests.bench.load import now_of, register
from tests.integration.test_command_line import ROOT, at, run, tray_process, wait_for
from tests.redis_server import RedisServer

PAGE = (ROOT / "shared" / "PROTOCOL.md").read_text(encoding="utf-8")
TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int,),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
    "list of texts": (list,),
    "null": (type(None),),
}
MODULES = {"siaran-console": "admin_app", "siaran-tray": "tray_client"}


def sections() -> dict[str, str]:
    """What the page says of each command."""
    parts = re.split(r"^### `(.+) --json`\n", PAGE.split("### Exit codes")[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


SECTIONS = sections()


def example(command: str) -> Any:
    """The worked example."""
    found = re.search(r"```json\n(.*?)```", SECTIONS[command], re.DOTALL)
    assert found
    return json.loads(found[1])


def documented(command: str) -> dict[str, list[str]]:
    """The table: key to its types."""
    rows = re.findall(r"^\| (`.+?) \| ([a-z ]+) \|", SECTIONS[command], re.MULTILINE)
    return {key: kind.split(" or ") for keys, kind in rows for key in re.findall(r"`(\w+)`", keys)}


def pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    if isinstance(value, list):
        for one in value:
            yield from pairs(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key, one
            yield from pairs(one)


def agree(command: str, value: Any) -> None:
    """Compare *value* with the table."""
    table = documented(command)
    found = list(pairs(value))
    assert {key for key, _ in found} == set(table), command
    for key, one in found:
        assert type(one) in {kind for name in table[key] for kind in TYPES[name]}, (command, key)
    assert isinstance(value, list) is isinstance(example(command), list)


def printed(command: str, *options: str) -> Any:
    """What the real command prints."""
    program, name = command.split()
    done = run(MODULES[program], name, "--json", *options)
    assert done.stdout.isascii()
    return json.loads(done.stdout)


def test_every_command_with_json_is_on_the_page() -> None:
    pages = [admin_app.options.parser(), tray_client.options.parser()]
    commands = [one for page in pages if page.commands for one in page.commands.choices.values()]
    offered = {one.prog for one in commands if any(a.dest == "json" for a in one._actions)}
    assert set(SECTIONS) == offered


@pytest.mark.parametrize("command", SECTIONS)
def test_the_example_has_the_keys_and_types_of_the_table(command: str) -> None:
    agree(command, example(command))


def test_the_console_prints_what_the_page_says(redis_server: RedisServer, tmp_path: Path) -> None:
    url = ("--redis-url", redis_server.url)
    message = ("--all", "--title", "T", "--message", "é")
    sent = printed("siaran-console send", *message, *url)
    agree("siaran-console send", sent)
    with Redis.from_url(redis_server.url) as client:
        register(client, Keys(), 2)
        receipt = Receipt(sent["id"], 0, now_of(client), now_of(client))
        arguments = receipt_arguments(Keys(), Endpoint("A", "1"), receipt, RECEIPT_SCRIPT)
        client.hset(Keys().receipt_counts(sent["id"]), "until", str(2**52))
        client.execute_command("EVAL", *arguments)
    for command, more in (
        ("report", [sent["id"]]),
        ("history", []),
        ("endpoints", []),
        ("remind", [sent["id"]]),
    ):
        agree(f"siaran-console {command}", printed(f"siaran-console {command}", *more, *url))
    for command, more in (("replace", ["--title", "New"]), ("recall", [])):
        agree(
            f"siaran-console {command}",
            printed(f"siaran-console {command}", sent["id"], *more, *url),
        )
    told = printed("siaran-console report", sent["id"], *url)
    agree("siaran-console report", told)
    [listed] = (one for one in printed("siaran-console history", *url) if one["id"] == sent["id"])
    for one in (told, listed):
        assert one["recalled_at"]
        assert one["replaced_by"]
    findings = printed("siaran-console check", *url)
    agree("siaran-console check", findings)
    topics = {one["topic"] for one in findings["findings"]}
    assert {
        topic for topic in topics if f"`{topic}`" not in SECTIONS["siaran-console check"]
    } == set()
    for junk in ("siaran:rcpt:x", "anything"):
        redis_server.command("SET", junk, "x")
    redis_server.command("XADD", "{siaran}:log:North", f"{2**60}-0", "e", "x")
    agree("siaran-console repair", printed("siaran-console repair", *url))
    agree("siaran-console channels", printed("siaran-console channels", *url))
    key = ("--key-id", "hq", "--out", str(tmp_path / "kunci é"))
    agree("siaran-console keygen", printed("siaran-console keygen", *key))


def test_the_tray_prints_what_the_page_says(redis_server: RedisServer, tmp_path: Path) -> None:
    folder = at(tmp_path / "tray")
    agree("siaran-tray status", printed("siaran-tray status", *folder))
    with tray_process(redis_server, tmp_path / "tray"):
        send = ("--all", "--title", "T", "--message", "M", "--redis-url", redis_server.url)
        printed("siaran-console send", *send)
        messages = wait_for(lambda: printed("siaran-tray inbox", *folder))
        agree("siaran-tray status", printed("siaran-tray status", *folder))
    agree("siaran-tray inbox", messages)
