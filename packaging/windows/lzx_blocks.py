"""Cuts LZX frames into blocks with trees of their own, and writes them as bits.

A block starts and ends with a frame here, which the format does not ask, but which loses little.
Bits are texts of 0 and 1 until a frame is whole: Python is quick with those.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from huffman import codes, lengths
from lzx_symbols import (
    ALIGNED_BITS,
    ALIGNED_SYMBOLS,
    LENGTH_SYMBOLS,
    LITERALS,
    MAIN_SYMBOLS,
    Counts,
    Frame,
)

VERBATIM, ALIGNED = 1, 2
LONGEST_CODE, LONGEST_ALIGNED, LONGEST_PRE = 16, 7, 15
PRE_SYMBOLS = 20
ZEROS, MORE_ZEROS, SAME = 17, 18, 19
"""Pretree symbols for runs: 4 to 19 zeros, 20 to 51 zeros, 4 or 5 lengths that are the same."""
TREES_BITS = 1600
"""What a block's trees cost, about; a new block must save more."""


@dataclass(frozen=True, slots=True)
class Block:
    """Frames with common trees."""

    frames: list[Frame]
    counts: Counts
    cost: int
    """Bits without the trees."""

    def with_frame(self, frame: Frame, counts: Counts) -> Block:
        """This block, and *frame* at its end."""
        both = self.counts + counts
        return Block([*self.frames, frame], both, _cost(both))


def blocks(frames: Iterable[Frame]) -> Iterator[Block]:
    """Neighbouring frames whose common trees are cheaper than trees for each."""
    block: Block | None = None
    for frame in frames:
        counts = frame.counted()
        alone = Block([frame], counts, _cost(counts))
        if block:
            both = block.with_frame(frame, counts)
            if both.cost <= block.cost + alone.cost + TREES_BITS:
                block = both
                continue
            yield block
        block = alone
    if block:
        yield block


def _cost(counts: Counts) -> int:
    return sum(map(_entropy, (counts.main, counts.length)))


def _entropy(counts: Mapping[int, int]) -> int:
    """Bits that the symbols take with the best codes; whole, so that all processors agree."""
    total = sum(counts.values())
    return round(sum(n * math.log2(total / n) for n in counts.values()))


class Writer:
    """Writes blocks one after another; remembers the trees, since the next ones differ little."""

    def __init__(self) -> None:
        self.main = [0] * MAIN_SYMBOLS
        self.length = [0] * LENGTH_SYMBOLS

    def write(self, block: Block, size: int) -> Iterator[str]:
        """The bits of each frame in *block*, which is of *size* bytes."""
        counts = block.counts
        main = lengths(counts.main, MAIN_SYMBOLS, LONGEST_CODE)
        length = lengths(counts.length, LENGTH_SYMBOLS, LONGEST_CODE)
        aligned = lengths(counts.aligned, ALIGNED_SYMBOLS, LONGEST_ALIGNED)
        saved = sum((ALIGNED_BITS - aligned[s]) * n for s, n in counts.aligned.items())
        kind = ALIGNED if saved > ALIGNED_BITS * ALIGNED_SYMBOLS else VERBATIM
        head = f"{kind:03b}{size:024b}"
        if kind == ALIGNED:
            head += "".join(f"{bits:03b}" for bits in aligned)
        head += _tree(main[:LITERALS], self.main[:LITERALS])
        head += _tree(main[LITERALS:], self.main[LITERALS:])
        head += _tree(length, self.length)
        self.main, self.length = main, length
        low = codes(aligned) if kind == ALIGNED else []
        coder = _Coder(codes(main), codes(length), low)
        for frame in block.frames:
            yield head + coder.bits(frame)
            head = ""


class _Coder:
    def __init__(self, main: list[str], length: list[str], aligned: list[str]) -> None:
        self.main, self.length, self.aligned = main, [*length, ""], aligned

    def bits(self, frame: Frame) -> str:
        texts = [self.main[symbol] for symbol in frame.symbols]
        rests = map(self._rest, frame.rests) if self.aligned else (bin(r)[3:] for r in frame.rests)
        for place, footer, rest in zip(frame.places, frame.footers, rests, strict=True):
            texts[place] += self.length[footer] + rest
        return "".join(texts)

    def _rest(self, rest: int) -> str:
        if rest < ALIGNED_SYMBOLS:
            return bin(rest)[3:]
        return bin(rest >> ALIGNED_BITS)[3:] + self.aligned[rest & ALIGNED_SYMBOLS - 1]


def _tree(new: Sequence[int], old: Sequence[int]) -> str:
    """How the lengths of a tree differ from those before."""
    ways = [_said(list(_differences(new, old, runs=runs))) for runs in (True, False)]
    return min(ways, key=len)


Said = tuple[int, str, int]
"""A pretree symbol, bits that follow it, and a second symbol (-1 if none)."""


def _said(said: Sequence[Said]) -> str:
    counts = Counter(symbol for one in said for symbol in (one[0], one[2]) if symbol >= 0)
    bits = lengths(counts, PRE_SYMBOLS, LONGEST_PRE)
    texts = [*codes(bits), ""]
    head = "".join(f"{length:04b}" for length in bits)
    return head + "".join(texts[symbol] + more + texts[second] for symbol, more, second in said)


def _differences(new: Sequence[int], old: Sequence[int], *, runs: bool) -> Iterator[Said]:
    at = 0
    for length, group in groupby(new):
        end = at + len(list(group))
        while at < end:
            run, difference = end - at, (old[at] - length) % 17
            if length == 0 and run >= 20:
                run = min(run, 51)
                yield MORE_ZEROS, f"{run - 20:05b}", -1
            elif length == 0 and run >= 4:
                run = min(run, 19)
                yield ZEROS, f"{run - 4:04b}", -1
            elif runs and run >= 4:
                run = min(run, 5)
                yield SAME, str(run - 4), difference
            else:
                run = 1
                yield difference, "", -1
            at += run


def packed(bits: str) -> bytes:
    """Bits as LZX stores them: 16 at a time, the first one highest, in little-endian words."""
    whole = bits + "0" * (-len(bits) % 16)
    words = array("H", int(whole, 2).to_bytes(len(whole) // 8, "big"))
    words.byteswap()
    return words.tobytes()
