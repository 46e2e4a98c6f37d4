"""Huffman codes of limited length, complete and canonical, as LZX wants them."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence


def lengths(counts: Mapping[int, int], size: int, longest: int) -> list[int]:
    """The length in bits of each of *size* symbols' codes, 0 for one that does not occur.

    No code is longer than *longest*. A code is complete also when fewer than two symbols occur:
    some decoders refuse what is not.
    """
    weights = {symbol: counts[symbol] for symbol in sorted(counts) if counts[symbol]}
    for symbol in range(2):
        if len(weights) < 2:
            weights.setdefault(symbol, 1)
    while True:
        depths = _depths(weights)
        if max(depths.values()) <= longest:
            return [depths.get(symbol, 0) for symbol in range(size)]
        # Flatter weights give flatter trees, and cost next to nothing.
        weights = {symbol: weight // 2 + 1 for symbol, weight in weights.items()}


def _depths(weights: Mapping[int, int]) -> dict[int, int]:
    heap = [(weight, symbol) for symbol, weight in weights.items()]
    heapq.heapify(heap)
    parents: dict[int, int] = {}
    node = max(weights) + 1
    while len(heap) > 1:
        (one, left), (other, right) = heapq.heappop(heap), heapq.heappop(heap)
        parents[left] = parents[right] = node
        heapq.heappush(heap, (one + other, node))
        node += 1
    depths = {node - 1: 0}
    for child in range(node - 2, -1, -1):
        if child in parents:
            depths[child] = depths[parents[child]] + 1
    return {symbol: depths[symbol] for symbol in weights}


def codes(bits: Sequence[int]) -> list[str]:
    """The canonical code of each symbol as a text of 0 and 1, empty where its length is 0."""
    texts = [""] * len(bits)
    code = length = 0
    for symbol in sorted((s for s, n in enumerate(bits) if n), key=lambda s: (bits[s], s)):
        code <<= bits[symbol] - length
        length = bits[symbol]
        texts[symbol] = f"{code:0{length}b}"
        code += 1
    return texts
