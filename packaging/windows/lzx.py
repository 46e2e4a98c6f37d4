"""Compresses as LZX, the strongest method of Microsoft's cabinets.

Microsoft publishes the format: *LZX Data Compression Format* in the Cabinet SDK, [MS-PATCH] (*LZX
DELTA*; here without its reference data, longer matches and chunk sizes), and around it [MS-CAB].
The rules, and where they are kept:

- A folder's type is 3, with the window's bits in the byte above: 0x1503 for 2 MiB ([MS-CAB]; here).
- The stream begins with one bit: 1 and 32 bits with the size for x86 calls, or 0. It comes once
  for a folder (``compress``).
- A call's target may be stored as a place instead of a distance, but never in the last 10 bytes of
  a frame, nor after the first 2^30 bytes; what follows a call's E8 is not looked at again
  (``with_absolute_calls``). Decoders begin with it at the first code for E8, which is in time.
- Bits fill 16-bit little-endian words from the top, and each frame of 32 KiB ends with a whole
  word; a match ends there, too (``lzx_blocks.packed``, ``lzx_matches.matches``). Nothing else
  begins anew with a frame.
- A block says its type in 3 bits and its plain size in 24, then its trees as differences to those
  of the block before (``lzx_blocks``).
- Codes have 16 bits at most, aligned ones 7 (``huffman``). A tree of fewer than two symbols is
  filled up: decoders differ on what an incomplete one means.
- Three distances are remembered, at first all 1. Using the second or third one swaps it with the
  first (``lzx_symbols``).
- The packed bytes of a frame are 32,768 + 6,144 at most ([MS-CAB], CFDATA). The worst one, as a
  block of its own, has 9 bits a byte (literals; matches of three bytes need 27), 36,864 bytes, and
  650 of trees. Frames are joined only while that costs next to nothing; ``compress`` checks each.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from lzx_blocks import Writer, blocks, packed
from lzx_matches import FRAME, WINDOW_BITS
from lzx_symbols import frames

METHOD = 3 | WINDOW_BITS << 8
"""What a cabinet's folder calls it (typeCompress)."""
LARGEST_FRAME = FRAME + 6144
_CALL = re.compile(rb"\xe8....", re.DOTALL)
_NO_CALL = 10
_CALL_SIZE = 5
_CALLS_UNTIL = 1 << 30


def compress(data: bytes) -> Iterator[bytes]:
    """*data* packed, frame by frame.

    Raises:
        ZstdError: libzstd is missing or does not do what it is used for.
    """
    head = f"1{len(data):032b}"
    writer, left = Writer(), len(data)
    for block in blocks(frames(with_absolute_calls(data, len(data)))):
        size = min(len(block.frames) * FRAME, left)
        left -= size
        for bits in writer.write(block, size):
            frame = packed(head + bits)
            assert len(frame) <= LARGEST_FRAME
            yield frame
            head = ""


def with_absolute_calls(data: bytes, size: int) -> bytes:
    """*data* with the targets of x86 calls as places in it: so calls of one function look alike.

    *size* is what decoders are told; targets between 0 and it become places.
    """
    changed = bytearray(data)
    for start in range(0, min(len(data), _CALLS_UNTIL), FRAME):
        last = min(start + FRAME, len(data)) - _NO_CALL - 1
        for call in _CALL.finditer(data, start, max(start, last + _CALL_SIZE)):
            at = call.start()
            (distance,) = struct.unpack_from("<i", data, at + 1)
            if -at <= distance < size:
                place = distance + at if distance + at < size else distance - size
                struct.pack_into("<i", changed, at + 1, place)
    return bytes(changed)
