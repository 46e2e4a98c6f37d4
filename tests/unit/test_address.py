"""The address of Redis: what can be written, what is refused, and that no password gets out."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import BadInput
from shared.redis_bus.address import RedisAddress, address_from
from shared.settings import PASSWORD_VARIABLE, Settings

SECRET = "geheim"


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        ("redis://hq", RedisAddress("hq"), "hq:6379"),
        (" redis://hq:6380/2 \n", RedisAddress("hq", 6380, 2), "hq:6380"),
        ("REDIS://HQ:6380/", RedisAddress("hq", 6380), "hq:6380"),
        ("rediss://hq:6380", RedisAddress("hq", 6380, tls=True), "hq:6380"),
        ("redis://[::1]:6380", RedisAddress("::1", 6380), "[::1]:6380"),
        ("redis://[fe80::2]", RedisAddress("fe80::2"), "[fe80::2]:6379"),
        ("redis://10.0.0.7", RedisAddress("10.0.0.7"), "10.0.0.7:6379"),
        ("redis://:p@hq", RedisAddress("hq", password="p"), "hq:6379"),
        ("redis://u:p%40%2F@hq", RedisAddress("hq", username="u", password="p@/"), "hq:6379"),
        ("redis://u@hq", RedisAddress("hq", username="u"), "hq:6379"),
        ("redis://u:a@b@hq", RedisAddress("hq", username="u", password="a@b"), "hq:6379"),
        (
            "redis+sentinel://a,b:26380,[::1]:26381/hq/2",
            RedisAddress(
                sentinels=(("a", 26379), ("b", 26380), ("::1", 26381)), service="hq", db=2
            ),
            "hq (a:26379, b:26380, [::1]:26381)",
        ),
        (
            "rediss+sentinel://u:p%40@a/hq",
            RedisAddress(
                sentinels=(("a", 26379),), service="hq", tls=True, username="u", password="p@"
            ),
            "hq (a:26379)",
        ),
        (
            "redis+cluster://a,b:6380,[::1]",
            RedisAddress(nodes=(("a", 6379), ("b", 6380), ("::1", 6379))),
            "Cluster (a:6379, b:6380, [::1]:6379)",
        ),
        (
            "rediss+cluster://u:p%40@a/0",
            RedisAddress(nodes=(("a", 6379),), tls=True, username="u", password="p@"),
            "Cluster (a:6379)",
        ),
        ("unix:///run/redis.sock", RedisAddress(unix_path="/run/redis.sock"), "/run/redis.sock"),
    ],
)
def test_good_addresses_are_read(url: str, address: RedisAddress, shown: str) -> None:
    read = RedisAddress.from_url(url)
    assert read == address
    assert str(read) == shown


@pytest.mark.parametrize(
    "url",
    [
        *("", "hq", "hq:6379", "http://hq", "redis:", "redis://", "redis:///0", "redis://:6379"),
        *("redis://hq:port", "redis://hq:65536", "redis://hq:-1", "redis://hq/x", "redis://hq/1/2"),
        *("redis://hq/\u0661", "redis://[::1", "redis://[hq]", "unix://", "redis://@"),
        *("redis+sentinel://a", "redis+sentinel://a/", "redis+sentinel:///hq"),
        *("redis+cluster://", "redis+cluster://a,", "redis+cluster://a/1", "redis+cluster://a:b"),
        *("redis+sentinel://a,/hq", "redis+sentinel://a:b/hq", "redis+sentinel://a/hq/x"),
    ],
)
def test_bad_addresses_are_refused_with_an_example(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        RedisAddress.from_url(url)
    assert [problem.field for problem in caught.value.problems] == ["redis_url"]
    assert "redis://hq-redis:6379" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{SECRET}@hq:port",
        f"redis://:{SECRET}@hq:99999",
        f"redis://u:{SECRET}@/0",
        f"redis://u:{SECRET}@hq/x",
        f"http://u:{SECRET}@hq",
        f"u:{SECRET}@hq",
        f"redis://u:{SECRET}@[::1",
        f"redis://u:x[{SECRET}]y@hq",
        f"redis://u:{SECRET}\u2100@hq",
        f"redis://u:{SECRET}#x@hq",
    ],
)
def test_no_refusal_repeats_the_password(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        RedisAddress.from_url(url)
    assert SECRET not in str(caught.value)


def test_the_password_is_never_printed() -> None:
    address = RedisAddress.from_url(f"redis://u:{SECRET}@hq:6379")
    assert address.password == SECRET
    assert SECRET not in f"{address} {address!r} {address!s} {[address]}"


# --- together with the settings ------------------------------------------------------------------


def test_the_password_comes_from_environment_then_file_then_address(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("  from file \nsecond line\n")
    url = "redis://u:from-url@hq"
    both = Settings(redis_url=url, password_file=str(file))
    assert address_from(both, {PASSWORD_VARIABLE: "from env"}).password == "from env"
    assert address_from(both, {PASSWORD_VARIABLE: ""}).password == "from file"
    assert address_from(Settings(redis_url=url), {}).password == "from-url"


def test_an_empty_password_file_gives_no_password(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("")
    settings = Settings(redis_url="redis://:from-url@hq", password_file=str(file))
    assert address_from(settings, {}).password == "from-url"


def test_a_password_file_written_by_notepad_is_read(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xef\xbb\xbfgeheim\r\n")
    assert address_from(Settings(password_file=str(file)), {}).password == SECRET


@pytest.mark.parametrize("name", ["missing", ".", "binary"])
def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    path = tmp_path / name
    with pytest.raises(BadInput) as caught:
        address_from(Settings(password_file=str(path)), {})
    assert [problem.field for problem in caught.value.problems] == ["password_file"]
    assert str(path) in str(caught.value)


def test_the_environments_password_spares_the_file(tmp_path: Path) -> None:
    settings = Settings(password_file=str(tmp_path / "missing"))
    assert address_from(settings, {PASSWORD_VARIABLE: SECRET}).password == SECRET


def test_the_account_of_the_settings_wins_over_the_address() -> None:
    settings = Settings(redis_url="redis://u:p@hq", username="tray")
    assert address_from(settings, {}).username == "tray"
    assert address_from(Settings(redis_url="redis://u:p@hq"), {}).username == "u"
