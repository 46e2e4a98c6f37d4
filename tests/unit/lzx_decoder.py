"""Unpacks cabinets of one LZX folder by the published rules, slowly, and forgives nothing.

Written apart from the packer, so that both do not share a mistake: it knows bits, not symbols.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator

FRAME = 32_768


def data_blocks(cabinet: bytes) -> Iterator[tuple[bytes, int]]:
    """The packed bytes and the plain size of each CFDATA, whose checksums are compared."""
    assert struct.unpack_from("<4sII", cabinet)[::2] == (b"MSCF", len(cabinet))
    at, count, method = struct.unpack_from("<IHH", cabinet, 36)
    assert method == 0x1503
    for _ in range(count):
        checksum, size, plain = struct.unpack_from("<IHH", cabinet, at)
        summed = cabinet[at + 8 : at + 8 + size]
        head = cabinet[at + 4 : at + 8]
        assert checksum == xor(summed) ^ xor(head)
        assert size <= FRAME + 6144
        yield summed, plain
        at += 8 + size
    assert at == len(cabinet)


def xor(data: bytes) -> int:
    """The checksum of [MS-CAB] 3.1: little-endian words, what is left over big-endian."""
    whole = len(data) // 4 * 4
    result = int.from_bytes(data[whole:], "big")
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        result ^= word
    return result


def unpack(cabinet: bytes) -> bytes:
    """All data of *cabinet*."""
    decoder = Decoder()
    return b"".join(decoder.frame(packed, plain) for packed, plain in data_blocks(cabinet))


class Bits:
    """The bits of one frame."""

    def __init__(self, packed: bytes) -> None:
        assert len(packed) % 2 == 0
        words = array("H", packed)
        words.byteswap()
        self.text = "".join(f"{byte:08b}" for byte in words.tobytes())
        self.at = 0

    def number(self, width: int) -> int:
        """The next *width* bits."""
        self.at += width
        assert self.at <= len(self.text)
        return int(self.text[self.at - width : self.at] or "0", 2)

    def symbol(self, codes: dict[str, int]) -> int:
        """The next symbol of a tree."""
        for width in range(1, 17):
            symbol = codes.get(self.text[self.at : self.at + width])
            if symbol is not None:
                self.at += width
                return symbol
        raise AssertionError("no such code")

    def end(self) -> None:
        """Nothing but zeros up to a word's end is left."""
        rest = self.text[self.at :]
        assert len(rest) < 16
        assert "1" not in rest


class Decoder:
    """What lives from frame to frame."""

    def __init__(self) -> None:
        self.window = bytearray()
        self.calls: int | None = None
        self.left = 0
        self.lengths = {"main": [0] * (256 + 8 * 50), "length": [0] * 249}
        self.main: dict[str, int] = {}
        self.length: dict[str, int] = {}
        self.aligned: dict[str, int] = {}
        self.recent = [1, 1, 1]
        self.kinds: set[str] = set()
        """What the stream made use of."""

    def frame(self, packed: bytes, plain: int) -> bytes:
        """The next *plain* bytes."""
        bits = Bits(packed)
        start = len(self.window)
        if self.calls is None:
            self.calls = bits.number(32) if bits.number(1) else 0
        while len(self.window) < start + plain:
            if not self.left:
                self._begin_block(bits)
            before = len(self.window)
            self._one(bits)
            self.left -= len(self.window) - before
            assert self.left >= 0
        assert len(self.window) == start + plain
        bits.end()
        return self._with_calls(start)

    def _begin_block(self, bits: Bits) -> None:
        kind = bits.number(3)
        assert kind in {1, 2}
        self.left = bits.number(24)
        assert self.left
        self.aligned = tree([bits.number(3) for _ in range(8)]) if kind == 2 else {}
        main, length = self.lengths["main"], self.lengths["length"]
        self._read_lengths(bits, main, 0, 256)
        self._read_lengths(bits, main, 256, len(main))
        self._read_lengths(bits, length, 0, len(length))
        self.main, self.length = tree(main), tree(length)
        self.kinds.add("aligned" if kind == 2 else "verbatim")

    def _read_lengths(self, bits: Bits, lengths: list[int], at: int, end: int) -> None:
        codes = tree([bits.number(4) for _ in range(20)])
        while at < end:
            symbol = bits.symbol(codes)
            if symbol == 19:
                run = bits.number(1) + 4
                value = (lengths[at] - bits.symbol(codes)) % 17
            elif symbol >= 17:
                run = bits.number(4) + 4 if symbol == 17 else bits.number(5) + 20
                value = 0
            else:
                run, value = 1, (lengths[at] - symbol) % 17
            assert at + run <= end
            lengths[at : at + run] = [value] * run
            at += run

    def _one(self, bits: Bits) -> None:
        symbol = bits.symbol(self.main)
        if symbol < 256:
            self.window.append(symbol)
            return
        slot, short = divmod(symbol - 256, 8)
        length = short + 2
        if short == 7:
            length += bits.symbol(self.length)
        distance = self._distance(bits, slot)
        assert 0 < distance <= min(len(self.window), 2**21 - 3)
        for _ in range(length):
            self.window.append(self.window[-distance])
        self.kinds.add("match")

    def _distance(self, bits: Bits, slot: int) -> int:
        if slot < 3:
            self.recent[0], self.recent[slot] = self.recent[slot], self.recent[0]
            self.kinds.add(f"R{slot}")
            return self.recent[0]
        extra = [0 if s < 4 else min(s // 2 - 1, 17) for s in range(slot + 1)]
        base = sum(1 << width for width in extra[:-1])
        width = extra[-1]
        if self.aligned and width >= 3:
            number = base + (bits.number(width - 3) << 3) + bits.symbol(self.aligned)
        else:
            number = base + bits.number(width)
        self.recent = [number - 2, *self.recent[:2]]
        return number - 2

    def _with_calls(self, start: int) -> bytes:
        data = self.window[start:]
        at = 0
        while self.calls and at < len(data) - 10:
            if data[at] != 0xE8:
                at += 1
                continue
            (place,) = struct.unpack_from("<i", data, at + 1)
            here = start + at
            if -here <= place < self.calls:
                back = place - here if place >= 0 else place + self.calls
                struct.pack_into("<i", data, at + 1, back)
                self.kinds.add("call")
            at += 5
        return bytes(data)


def tree(lengths: list[int]) -> dict[str, int]:
    """The canonical codes of a tree, which has to be complete."""
    codes, code, width = {}, 0, 0
    for length, symbol in sorted((n, s) for s, n in enumerate(lengths) if n):
        code <<= length - width
        width = length
        codes[f"{code:0{width}b}"] = symbol
        code += 1
    assert code == 1 << width
    return codes
