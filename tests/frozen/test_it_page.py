"""``packaging/README.md`` for IT, followed word by word as far as Linux goes.

Every command of the page is run in the order of its steps on one system, which is server, head
office and till at once. There is no systemd in it: ``systemctl`` beside this file stands in.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frozen.other_root import USER, OtherRoot, is_root
from tests.frozen.test_deb import not_tested, packages, until
from tests.redis_server import server_program

__all__ = ["packages"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "packaging" / "README.md"
CONSOLE_POLICY = '{"console": {"username": "console", "password_file": "/root/console-password"}}'
"""On this one machine the console has an account of its own; PCs have separate policies."""


def commands() -> dict[str, list[str]]:
    """The page's commands by the section they are in."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^#+ ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        blocks = re.findall(r"^( *)```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
        if blocks:
            found[title] = [textwrap.dedent(block) for _, block in blocks]
    return found


@pytest.fixture
def machine(tmp_path: Path, packages: dict[str, Path]) -> Iterator[OtherRoot]:
    """A system in which nothing of ours is installed yet; what IT brings along is in /root."""
    program = server_program()
    if not is_root() or program is None or not program.endswith("redis-server"):
        not_tested("that needs root and redis-server")
    for needed in ("/usr/bin/python3", "/usr/bin/openssl", "/usr/bin/redis-cli", "/usr/sbin/ip"):
        if not Path(needed).exists():
            not_tested(f"there is no {needed}")
    other = OtherRoot(tmp_path / "other", alone=True)
    try:
        other.put(ROOT / "packaging" / "redis", "/root/siaran-redis")
        for name in ("siaran-console", "siaran-tray"):
            other.put(packages[name], f"/root/{name}_0_amd64.deb")
        other.put(HERE / "systemctl", "/usr/bin/systemctl")
        other.write("/usr/sbin/sysctl", "#!/bin/sh\n")  # the kernel is not ours to set
        other.run("chmod 755 /usr/bin/systemctl /usr/sbin/sysctl")
        other.run("echo 127.0.0.1 hq-redis >> /etc/hosts")
        yield other
    finally:
        other.close()


def test_every_command_of_the_page_is_followed_here() -> None:
    assert {title: len(blocks) for title, blocks in commands().items()} == {
        "Redis": 4,
        "Encryption": 2,
        "One PC by hand": 1,
        "Linux": 4,
        "The first message": 1,
        "Redis is full, or somebody has stuffed it": 1,
        "Backup": 1,
        "Removing it all": 1,
    }


def test_the_page_leads_from_an_empty_machine_to_a_message_and_back(machine: OtherRoot) -> None:
    page = commands()
    *prepare, start = page["Redis"]
    for block in (*prepare, *page["Encryption"], start):
        machine.run(f"set -e\n{block}")
    until(lambda: "Ready to accept" in machine.run("cat /var/log/siaran-redis.log"))
    assert "maxclients has been reduced" not in machine.run(
        "grep -v 20000 /var/log/siaran-redis.log"
    )

    machine.run("apt-get install -y /root/siaran-console_*.deb")
    checked = machine.run(page["One PC by hand"][0])
    found = re.findall(r"^(?:weak|bad) +(\w+)", checked, re.MULTILINE)
    assert found == ["signatures"], checked  # the page makes the key later

    looked = machine.run(f"set -e\n{page['Redis is full, or somebody has stuffed it'][0]}")
    assert "Nothing has to be removed." in looked
    assert "LOSES" not in looked
    renew_accounts(machine)

    policy, files, install, status = page["Linux"]
    machine.run("cp /etc/siaran-redis/passwords/outlet /root/outlet-password")
    for block in (policy, files, install):
        machine.run(f"set -e\n{block}")
    machine.write("/etc/siaran/policies/managed/20-console.json", CONSOLE_POLICY)
    machine.start("/usr/lib/siaran-tray/start-with-session", user=USER, display="")
    until(lambda: "JKT-014/till2: connected" in machine.run(status, user=USER, check=False))
    send = page["The first message"][0]
    assert "1 PC" in machine.run(send)
    until(lambda: "displayed" in machine.run("siaran-tray inbox", user=USER))

    restore_and_remove(machine, page)


def renew_accounts(machine: OtherRoot) -> None:
    """The table of what can be done with accounts; nobody is there to be asked for a password."""
    table = re.findall(r"`(python3 accounts\.py [^`]+)` \|", PAGE.read_text(encoding="utf-8"))
    assert len(table) == 5
    tls = re.search(r"`(--tls [^`]+)`", PAGE.read_text(encoding="utf-8"))
    assert tls is not None
    load = f"redis-cli --user operator {tls[1]} --no-auth-warning ACL LOAD"
    for command in table:
        machine.run(f"cd /root/siaran-redis && {command}")
        word = "REDISCLI_AUTH=$(cat /etc/siaran-redis/passwords/operator)"
        assert machine.run(f"{word} {load}") == "OK\n"


def restore_and_remove(machine: OtherRoot, page: dict[str, list[str]]) -> None:
    """Go back to the snapshot that Redis wrote when it ended, then take everything away."""
    machine.run("systemctl stop siaran-redis && cp /var/lib/siaran-redis/dump.rdb /root/")
    machine.run("systemctl start siaran-redis")
    machine.run(page["Backup"][0])
    until(lambda: "connected" in machine.run("siaran-tray status", user=USER, check=False))
    assert "Hello" in machine.run("siaran-console history")
    assert machine.run("siaran-tray inbox", user=USER).count("Hello") == 1
    machine.run("apt-get purge -y siaran-tray siaran-console")
    machine.run(page["Removing it all"][0])
    left = machine.run("find /etc /opt /usr /var -path '*siaran*' -not -name siaran-redis.log")
    assert left == ""
