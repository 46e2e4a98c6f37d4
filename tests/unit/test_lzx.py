"""What the cabinet writer packs comes out again: by the published rules, and by two programs."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.lzx_decoder import Decoder, data_blocks, unpack

WINDOWS = Path(__file__).resolve().parents[2] / "packaging" / "windows"
sys.path.insert(0, str(WINDOWS))

import lzx_matches  # noqa: E402
from cabinet import cabinet  # noqa: E402
from huffman import codes, lengths  # noqa: E402
from lzx import compress, with_absolute_calls  # noqa: E402

AT = 1_735_689_600
FRAME = 32_768
TOOLS = {"cabextract": ("-q", "-d"), "7z": ("x", "-y", "-bd", "-o")}


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def code(size: int) -> bytes:
    """As if it were a program: many calls of a few functions."""
    draw = random.Random(2)
    targets = [draw.randrange(size) for _ in range(40)]
    made = bytearray()
    while len(made) < size:
        made += draw.choice((b"\x48\x8b\xcb", b"\x85\xc0\x74\x05", draw.randbytes(3)))
        made += b"\xe8" + struct.pack("<i", draw.choice(targets) - len(made))
    return bytes(made[:size])


def records(size: int) -> bytes:
    """Every match is some records of 16 bytes away: aligned offsets pay."""
    draw = random.Random(3)
    made = bytearray()
    while len(made) < size:
        made += noise(10, draw.randrange(500)) + draw.randbytes(6)
    return bytes(made[:size])


def far(distance: int) -> bytes:
    """Something comes again just *distance* bytes later, after what does not."""
    once = noise(600, 7)
    return once + noise(distance - len(once), 8) + once


MIXTURES: dict[str, Sequence[bytes]] = {
    "nothing": [b""],
    "nothing and something": [b"", b"something", b""],
    "one byte": [b"x"],
    "two bytes": [b"xy"],
    "only one symbol": [b"x" * 3 * FRAME],
    "zeros": [bytes(5 * FRAME + 1)],
    "a whole frame": [b"one line after another\n" * 1424 + b"16 bytes to fill"],
    "a short last frame": [b"one line after another\n" * 4000, b"and this"],
    "no match at all": [bytes(range(256))],
    "noise": [noise(3 * FRAME + 77)],
    "noise after zeros": [bytes(20 * FRAME), noise(FRAME), bytes(FRAME)],
    "calls": [code(4 * FRAME + 5000)],
    "calls everywhere": [b"\xe8" * (FRAME + 11)],
    "records": [records(6 * FRAME)],
    **{
        f"a call {left} bytes before the end": [noise(FRAME - left), b"\xe8\1\0\0\0" + noise(40)]
        for left in range(4, 13)
    },
    **{
        f"the last frame of {size} bytes": [noise(FRAME), b"\xe8\1\0\0\0\xe8\2\0\0\0abcd"[:size]]
        for size in range(1, 14)
    },
}


def packed(folder: Path, contents: Sequence[bytes]) -> tuple[bytes, list[tuple[str, Path]]]:
    files = []
    for number, content in enumerate(contents):
        path = folder / f"{number}.plain"
        path.write_bytes(content)
        files.append((f"f_{number}", path))
    return cabinet(files, AT), files


def opened(tool: str, folder: Path, cab: bytes) -> Path:
    """The folder with what *tool* finds in *cab*; skips loudly without it, but not in CI."""
    if not shutil.which(tool):
        reason = f"{tool} is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"CI has to unpack cabinets: {reason}")
        pytest.skip(reason)
    (folder / "packed.cab").write_bytes(cab)
    place = folder / tool
    place.mkdir()
    *options, to = TOOLS[tool]
    where = [f"{to}{place}"] if to == "-o" else [to, str(place)]
    command = [tool, *options, *where, str(folder / "packed.cab")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return place


@pytest.mark.parametrize("mixture", MIXTURES)
def test_the_published_rules_give_back_what_was_put_in(mixture: str, tmp_path: Path) -> None:
    contents = MIXTURES[mixture]
    cab, files = packed(tmp_path, contents)
    assert unpack(cab) == b"".join(contents)
    assert cab == cabinet(files, AT)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("mixture", MIXTURES)
def test_other_programs_give_back_what_was_put_in(mixture: str, tool: str, tmp_path: Path) -> None:
    contents = MIXTURES[mixture]
    cab, _ = packed(tmp_path, contents)
    place = opened(tool, tmp_path, cab)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {
        f"f_{number}": content for number, content in enumerate(contents)
    }


PARTS = st.one_of(
    st.binary(max_size=40),
    st.builds(noise, st.integers(0, 40_000), st.integers(0, 3)),
    st.builds(lambda part, times: part * times, st.binary(max_size=9), st.integers(0, 9000)),
    st.builds(code, st.integers(1, 50_000)),
    st.builds(records, st.integers(0, 50_000)),
)


@given(st.lists(st.lists(PARTS, max_size=4).map(b"".join), min_size=1, max_size=4))
@settings(max_examples=30)
def test_whatever_is_mixed_comes_out_again(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("mixed")
    cab, _ = packed(folder, contents)
    assert unpack(cab) == b"".join(contents)
    place = opened("cabextract", folder, cab)
    for number, content in enumerate(contents):
        assert (place / f"f_{number}").read_bytes() == content


def test_everything_that_the_format_offers_is_made_use_of(tmp_path: Path) -> None:
    mixture = [code(3 * FRAME), records(4 * FRAME), b"one line after another\n" * 9]
    cab, _ = packed(tmp_path, mixture)
    decoder = Decoder()
    for frame, plain in data_blocks(cab):
        decoder.frame(frame, plain)
    assert decoder.kinds == {"verbatim", "aligned", "match", "R0", "R1", "R2", "call"}


@pytest.mark.parametrize("distance", [2**21 - 3, 2**21 - 2, 2**21])
def test_nothing_is_copied_from_farther_than_the_window(distance: int, tmp_path: Path) -> None:
    contents = [far(distance)]
    cab, _ = packed(tmp_path, contents)
    place = opened("cabextract", tmp_path, cab)
    assert (place / "f_0").read_bytes() == contents[0]
    found = [match for inside in lzx_matches.matches(contents[0]) for match in inside]
    assert all(at >= far and far <= 2**21 - 3 for at, _, far in found)


def test_noise_grows_by_little(tmp_path: Path) -> None:
    data = noise(4 * FRAME)
    assert sum(map(len, compress(data))) < len(data) + 1000


def test_matches_lie_in_one_frame_each_and_are_true() -> None:
    data = bytes(3 * FRAME + 5) + noise(300) * 400 + code(FRAME)
    number = -1
    for number, inside in enumerate(lzx_matches.matches(data)):
        for at, length, distance in inside:
            assert 2 <= length <= 257
            assert number == at // FRAME == (at + length - 1) // FRAME
            assert data[at : at + length] == data[at - distance : at - distance + length]
    assert number == (len(data) - 1) // FRAME


@pytest.mark.parametrize(
    "sequence", [(1, 4, 9, 0), (5, 4, 9, 0)], ids=["from before the start", "other bytes"]
)
def test_a_match_that_is_none_is_refused(
    sequence: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = memoryview(struct.pack("=IIII", *sequence))
    monkeypatch.setattr(lzx_matches, "_sequences", lambda data: told)
    with pytest.raises(lzx_matches.ZstdError):
        list(lzx_matches.matches(bytes(range(200))))


def test_half_a_look_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lzx_matches, "_sequences", lambda data: memoryview(b""))
    with pytest.raises(lzx_matches.ZstdError):
        list(lzx_matches.matches(b"something"))


def test_calls_of_one_function_look_alike_and_the_end_of_a_frame_is_left_alone() -> None:
    call = b"\xe8" + struct.pack("<i", 1000)
    data = bytearray(FRAME)
    data[100:105] = data[FRAME - 11 : FRAME - 6] = call
    data[FRAME - 21 : FRAME - 16] = b"\xe8" + struct.pack("<i", -FRAME)  # before the start
    changed = with_absolute_calls(bytes(data), 1 << 20)
    assert struct.unpack_from("<i", changed, 101) == (1100,)
    assert struct.unpack_from("<i", changed, FRAME - 10) == (1000 + FRAME - 11,)
    assert changed[FRAME - 21 : FRAME - 16] == data[FRAME - 21 : FRAME - 16]
    data[FRAME - 11 : FRAME - 5] = b"\0" + call
    assert with_absolute_calls(bytes(data), 1 << 20)[FRAME - 10 :] == data[FRAME - 10 :]


@given(
    st.dictionaries(st.integers(0, 39), st.integers(0, 1 << 20), max_size=40),
    st.sampled_from([7, 15, 16]),
)
def test_codes_are_complete_and_short_enough(counts: dict[int, int], longest: int) -> None:
    bits = lengths(counts, 40, longest)
    assert max(bits) <= longest
    assert sum(2.0**-n for n in bits if n) == 1
    assert all(bits[symbol] for symbol, count in counts.items() if count)
    made = [code for code in codes(bits) if code]
    assert not any(a != b and b.startswith(a) for a in made for b in made)


def test_codes_that_would_be_too_long_are_not() -> None:
    fibonacci = [1, 1]
    while len(fibonacci) < 30:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    bits = lengths(Counter(dict(enumerate(fibonacci))), 30, 16)
    assert max(bits) <= 16
    assert sum(2.0**-n for n in bits) == 1
