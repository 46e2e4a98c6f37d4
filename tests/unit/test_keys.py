"""Names in Redis: safe in ACL files, one tag for publishing, and back to the channel again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codec import is_channel_name
from shared.keys import KeyKind, Keys, KeyUse, encode_name
from shared.model import ALL_CHANNELS

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100).filter(
    is_channel_name
)


def test_names_are_those_of_the_protocol() -> None:
    keys = Keys("siaran")
    assert keys.topic("Channel 1") == "{siaran}:ch:Channel%201"
    assert keys.log("Channel 1") == "{siaran}:log:Channel%201"
    assert (keys.topic("*"), keys.log("*")) == ("{siaran}:all", "{siaran}:log-all")
    assert keys.sent("x") == "{siaran}:sent:x"
    assert keys.channels == "{siaran}:channels"
    assert (keys.endpoints, keys.seen) == ("siaran:endpoints", "siaran:seen")
    assert (keys.seen_on("*"), keys.seen_on("a b")) == ("siaran:seen", "siaran:seen:a%20b")


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("A-z.0_9", "A-z.0_9"),
        ("a b", "a%20b"),
        ("~*?[]{}%", "%7E%2A%3F%5B%5D%7B%7D%25"),
        ("é", "%C3%A9"),
        ("a:b/c", "a%3Ab%2Fc"),
    ],
)
def test_everything_outside_the_safe_characters_is_percent_encoded(name: str, encoded: str) -> None:
    assert encode_name(name) == encoded


@given(names | st.just(ALL_CHANNELS))
def test_a_channel_is_found_again_by_its_topic(name: str) -> None:
    assert Keys("shop.a").channel_of(Keys("shop.a").topic(name)) == name


@given(names)
def test_encoded_names_have_safe_characters_only(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._%-]+", encode_name(name))


@given(names, names)
def test_two_channels_never_share_a_name(one: str, other: str) -> None:
    keys = Keys()
    everything = {keys.topic(ALL_CHANNELS), keys.log(ALL_CHANNELS)}
    for make in (keys.topic, keys.log, keys.seen_on):
        assert (make(one) == make(other)) == (one == other)
        assert make(one) not in everything


@pytest.mark.parametrize("topic", ["", "all", "{other}:all", "{siaran}:log:x", "{other}:ch:x"])
def test_a_foreign_topic_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="foreign"):
        Keys().channel_of(topic)


@pytest.mark.parametrize("namespace", ["", "a b", "{a}", "a*", "a\n", "é", "x" * 41, "a:b"])
def test_namespaces_that_break_names_are_refused(namespace: str) -> None:
    with pytest.raises(ValueError, match="namespace"):
        Keys(namespace)


# --- what a name is for --------------------------------------------------------------------------

ID = "01a20000-0000-7000-8000-000000000001"
TOPICS = {"topic", "channel_of", "answers_of", "use_of"}
"""Methods that make no name of a key."""


def every_key(keys: Keys) -> dict[str, str]:
    """A key of each method and property of ``Keys``, by its name there."""
    given = {"log": "Café", "seen_on": "Café", "shelf": "series"}
    found = {}
    for name in dir(Keys):
        if not name.startswith("_") and name not in TOPICS and name != "namespace":
            made = getattr(keys, name)
            found[name] = made(given.get(name, ID)) if callable(made) else made
    return found


def test_the_use_of_every_name_of_ours_is_known() -> None:
    keys = Keys("toko")
    for name, key in every_key(keys).items():
        use = keys.use_of(key)
        assert use.type in ("hash", "zset", "stream", "string"), name
        assert (use.message_id == ID) == (ID in key), name
        assert Keys("to").use_of(key) == KeyUse(KeyKind.FOREIGN)
    assert len(every_key(keys)) >= 13


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("siaran:rcpt:x", KeyKind.STRANGE),
        (f"siaran:rcpt:{{{ID}}}:n:n", KeyKind.STRANGE),
        (f"siaran:rcpt:{{{ID.upper()}}}", KeyKind.STRANGE),
        ("siaran:rcpt:{}", KeyKind.STRANGE),
        ("siaran:seen:", KeyKind.STRANGE),
        ("siaran:seen:a b", KeyKind.STRANGE),
        ("siaran:seen:" + "a" * 1201, KeyKind.STRANGE),
        ("{siaran}:log:a:b", KeyKind.STRANGE),
        ("{siaran}:sent:x", KeyKind.STRANGE),
        ("{siaran}:log-out:JKT-014", KeyKind.UNKNOWN),
        ("{siaran}:audit", KeyKind.UNKNOWN),
        ("siaran:pins", KeyKind.UNKNOWN),
        ("siaran", KeyKind.FOREIGN),
        ("siaranx:endpoints", KeyKind.FOREIGN),
        ("", KeyKind.FOREIGN),
    ],
)
def test_a_name_that_nothing_has_is_told_from_one_that_a_newer_version_may_have(
    key: str, kind: KeyKind
) -> None:
    assert Keys().use_of(key) == KeyUse(kind)
