"""A pattern for host names that would not end in time is told from one that does."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Problem
from shared.identity import endpoint_of
from shared.pattern_cost import LONGEST_NAME, is_cheap
from shared.settings import Settings

NAMES = ("a" * 64, "a" * 63 + "!", "ab" * 31 + "!!", "1." * 31 + "!!")
WITHIN_S = 20


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Fail what takes longer; ``re`` looks for signals now and then."""

    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<outlet>[A-Z]+-[0-9]+)-(?P<pc>.+)",
        r"(?P<outlet>[A-Z]{3}-?[0-9]{3,4})-?(?P<pc>(TILL|POS|KASSE)[0-9]{1,2})",
        r"(?:(?:[0-9]{1,3}\.){3})(?P<outlet>.*)",
        r"(?P<outlet>(ab)+)x",
        r"(?P<outlet>[()+*]+[\](]+)\((?P<pc>.*)",
        r"(?i)(?P<outlet>[a-z]+)(-(?P<pc>till[0-9]+))?",
    ],
)
def test_what_people_write_is_cheap(pattern: str) -> None:
    re.compile(pattern)
    assert is_cheap(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<outlet>([A-Z]+)+)-x",
        r"(?P<outlet>(a|aa)+)",
        r"(?P<outlet>(.*)*)",
        r"(?P<outlet>(a{1,60}){1,60})x",
        r"(?P<outlet>(?:a|b|ab){2,64})x",
        r"(?P<outlet>.*.*.*.*.*.*)x",
        f"(?P<outlet>{'a?' * 30}{'a' * 30})",
        r"(?P<outlet>((a?){8}){8})",
        r"(?x) (?P<outlet> a+ )",
    ],
)
def test_what_could_take_years_is_not(pattern: str) -> None:
    re.compile(pattern)
    assert not is_cheap(pattern)


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", r"\(", "(?:", "(", ")", "|", "|"])
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,9}", "{3,}", "*?"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a timer that signals")
@settings(max_examples=300)
@given(st.lists(st.tuples(ATOMS, REPEATS), max_size=12))
def test_what_counts_as_cheap_ends_in_time(parts: list[tuple[str, str]]) -> None:
    text = "".join(atom + ("" if atom.endswith(("(", ":", "|")) else more) for atom, more in parts)
    pattern = "(?:" * text.count(")") + text
    pattern += ")" * (pattern.count("(") - pattern.count(r"\(") - pattern.count(")"))
    try:
        re.compile(pattern)
    except re.error:
        return
    if is_cheap(pattern):
        with limited(WITHIN_S):
            for name in NAMES:
                re.fullmatch(pattern, name)


def test_a_name_that_is_too_long_to_try_does_not_fit() -> None:
    problems: list[Problem] = []
    host = "a" * (LONGEST_NAME + 1)
    endpoint_of(Settings(outlet_pattern="(?P<outlet>.+)"), host, problems)
    assert "does not fit" in problems[0].sentence
