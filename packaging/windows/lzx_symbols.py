"""What an LZX stream says, before it becomes bits: symbols, and what follows some of them.

A match is one main symbol (which kind of distance, and a short length), then the rest of a long
length, then the rest of the distance. Three distances are remembered and repeat without a rest.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator

from lzx_matches import FRAME, SHORTEST, WINDOW_BITS, Match, matches

LITERALS = 256
SLOTS = 2 * (WINDOW_BITS + 4)
MAIN_SYMBOLS = LITERALS + 8 * SLOTS
SHORT_LENGTHS = 7
"""So many lengths fit into the main symbol; an eighth says that the rest follows."""
LENGTH_SYMBOLS = 249
ALIGNED_BITS = 3
ALIGNED_SYMBOLS = 1 << ALIGNED_BITS
MOST_REST_BITS = 17
NO_FOOTER, NO_REST = -1, 1

Recent = tuple[int, int, int]
"""The last three distances."""


class Frame:
    """The symbols of one frame, and what follows those at *places*."""

    def __init__(self) -> None:
        self.symbols = array("H")
        self.places = array("H")
        self.footers = array("h")
        """The rest of the length, -1 if none follows."""
        self.rests = array("I")
        """The rest of the distance below a leading 1, which keeps its width."""

    def counted(self) -> Counts:
        """How often it uses each symbol."""
        aligned = Counter(r & ALIGNED_SYMBOLS - 1 for r in self.rests if r >= ALIGNED_SYMBOLS)
        return Counts(Counter(self.symbols), Counter(f for f in self.footers if f >= 0), aligned)


class Counts:
    """How often symbols of the three trees occur."""

    def __init__(self, main: Counter[int], length: Counter[int], aligned: Counter[int]) -> None:
        self.main, self.length, self.aligned = main, length, aligned

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.main + other.main, self.length + other.length, self.aligned + other.aligned
        )


def frames(data: bytes) -> Iterator[Frame]:
    """*data*, frame by frame."""
    recent = (1, 1, 1)
    for number, inside in enumerate(matches(data)):
        frame = Frame()
        start = number * FRAME
        recent = _fill(frame, data[start : start + FRAME], start, inside, recent)
        yield frame


def _fill(frame: Frame, plain: bytes, start: int, inside: list[Match], recent: Recent) -> Recent:
    """Say *plain* with its matches; return the distances that are remembered then."""
    symbols = frame.symbols
    first, second, third = recent
    done = 0
    for place, length, distance in inside:
        at = place - start
        symbols.extend(plain[done:at])
        done = at + length
        rest = NO_REST
        if distance == first:
            slot = 0
        elif distance == second:
            slot, first, second = 1, second, first
        elif distance == third:
            slot, first, third = 2, third, first
        else:
            slot, rest = _new_slot(distance + 2)
            first, second, third = distance, first, second
        more = length - SHORTEST
        frame.places.append(len(symbols))
        frame.footers.append(more - SHORT_LENGTHS if more >= SHORT_LENGTHS else NO_FOOTER)
        frame.rests.append(rest)
        symbols.append(LITERALS + slot * 8 + min(more, SHORT_LENGTHS))
    symbols.extend(plain[done:])
    return first, second, third


def _new_slot(number: int) -> tuple[int, int]:
    """Two slots for each power of two, until their rests have 17 bits; from there on equal ones."""
    width = min(number.bit_length() - 2, MOST_REST_BITS)
    rest = number & (1 << width) - 1
    return (number >> width) + 2 * width, 1 << width | rest
