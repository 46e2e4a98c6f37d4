"""Documents that anybody may have written: whatever they hold, there is a value or one error."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from admin_app.series import Series
from admin_app.templates import Template
from shared.bus import EndpointReport
from shared.codec import Reason, WireError
from shared.documents import MAX_RECEIPT, MAX_REPORT, decode_document, decode_list
from shared.outlets import ExpectedOutlet
from shared.redis_bus.documents import decode_report
from shared.redis_bus.receipts import Entry, decoded

KINDS = (EndpointReport, Entry, Series, Template, ExpectedOutlet, list[ExpectedOutlet], list[str])
REPORT = EndpointReport(
    outlet="JKT-001",
    pc="till-1",
    channels=["Channel 1"],
    version="1",
    system="Linux",
    instance="0" * 32,
    machine="0" * 16,
    started_at=1,
    seen_at=2,
)
DEEP = b"[" * 100_000
DEEP_INSIDE = b'{"unknown":' + b'{"a":' * 200_000 + b"1" + b"}" * 200_001
HUGE = b'{"r":' + b"9" * 4_000 + b"}"

# Fields that occur, so that the fuzz gets past the first look at the names.
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["outlet", "pcs", "r", "c", "seen_at", "name"]), inner)
    ),
    max_leaves=12,
)


def as_json(value: Any) -> bytes:
    """As another program might write it: NaN and whole numbers of any size, too."""
    import json

    return json.dumps(value).encode("utf-8", "surrogatepass")


@given(raw=st.binary(max_size=200) | _VALUES.map(as_json))
@example(DEEP)
@example(DEEP_INSIDE)
@example(HUGE)
@example(b"")
@example(b'{"r":NaN}')
@example(b'{"r":1e400}')
@example(b'{"r":1e15}')
@example(b'{"u":"\xff"}')
@example(b'{"u":"\\ud800"}')
@example(b'{"r":-1}')
@example(b'\xef\xbb\xbf{"r":1}')
def test_whatever_is_there_is_a_document_or_one_error(raw: bytes) -> None:
    for kind in KINDS:
        for lenient in (False, True):
            with contextlib.suppress(WireError):
                decode_document(raw, kind, MAX_REPORT, lenient=lenient)
    with contextlib.suppress(WireError):
        decode_list(raw, ExpectedOutlet, MAX_REPORT)
    decode_report("A/1", raw)
    decoded(raw)


def test_what_is_too_large_is_not_even_looked_at() -> None:
    good = b'{"r":1,"u":"' + b"x" * MAX_RECEIPT + b'"}'
    with pytest.raises(WireError) as failed:
        decode_document(good, Entry, MAX_RECEIPT)
    assert failed.value.reason is Reason.TOO_LARGE
    assert decode_document(good, Entry, len(good)).r == 1


@pytest.mark.parametrize("kind", [EndpointReport, Entry, Series])
def test_nesting_has_a_name_of_its_own(kind: type[msgspec.Struct]) -> None:
    with pytest.raises(WireError, match="deep"):
        decode_document(DEEP_INSIDE, kind, len(DEEP_INSIDE))


def test_of_duplicate_keys_the_last_counts() -> None:
    assert decode_document(b'{"r":1,"r":2}', Entry, MAX_RECEIPT).r == 2


def test_elements_that_cannot_be_read_leave_the_others() -> None:
    found = decode_list(b'[{"outlet":"A"},1,{"outlet":[]},{"outlet":"B"}]', ExpectedOutlet, 1000)
    assert [one.outlet for one in found] == ["A", "B"]
    assert found.unreadable == 2


def test_a_report_under_another_name_is_none() -> None:
    """Or one PC could take another's place in every list."""
    raw = msgspec.json.encode(REPORT)
    assert decode_report("JKT-001/till-1", raw) == REPORT
    assert decode_report("JKT-002/till-1", raw) is None
    odd = msgspec.structs.replace(REPORT, outlet="JKT-001/till-1", pc="x")
    assert decode_report("JKT-001/till-1/x", msgspec.json.encode(odd)) is None
