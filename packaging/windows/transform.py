"""Makes a transform (.mst) for PCs that need other settings than the rest.

``python packaging/windows/transform.py tray kiosk.mst OUTLET=JKT-014 'CHANNELS=Channel 1;Kiosks'``

Group Policy can give an MSI no settings on a command line, but it can give it a transform; the
installer treats what is in it as if it stood on the command line. One transform fits every version.
It holds rows to add to the table ``Property`` (compilers on Linux cannot write one at all).
"""

from __future__ import annotations

import argparse
import struct
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]

from compound_file import compound_file  # noqa: E402
from products import CONSOLE, TRAY, Product  # noqa: E402

from shared.errors import BadInput, Problem  # noqa: E402
from shared.settings import Layer, Source, demand, resolve  # noqa: E402

TRANSFORM_CLASS = "000c1082-0000-0000-c000-000000000046"
SUMMARY_FORMAT = "f29f85e0-4ff9-1068-ab91-08002b27b3d9"
SAME_UPGRADE_CODE = 0x0800
FORGIVING = 0x1 + 0x2 + 0x4 + 0x8 + 0x10
"""Rows and tables that are there already, or not, are no error."""
_ADD_ROW = 0x01
_TEXT, _NUMBER = 30, 3
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the transform that the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(description="Make a transform for an installer of Siaran.")
    parser.add_argument("program", choices=("tray", "console"))
    parser.add_argument("file", type=Path, help="the transform to write")
    parser.add_argument("settings", nargs="+", metavar="NAME=VALUE", help="REDIS_URL=… OUTLET=…")
    options = parser.parse_args(argv)
    product = TRAY if options.program == "tray" else CONSOLE
    try:
        values = checked(product, dict(_pair(one) for one in options.settings))
    except BadInput as error:
        for problem in error.problems:
            print(f"transform.py: {problem.sentence}", file=sys.stderr)
        return 2
    options.file.write_bytes(transform(product, values))
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise BadInput([Problem(name, f"{text} has to be NAME=VALUE.")])
    return name.lower(), value


def checked(product: Product, values: Mapping[str, str]) -> dict[str, str]:
    """Check settings as the program will, and what a transform can hold.

    Raises:
        BadInput: with every problem.
    """
    problems = [
        Problem(name, f"{product.title}'s installer takes no {name.upper()}.")
        for name in values
        if name not in product.settings
    ]
    problems += [
        Problem(name, f"{name.upper()} has letters outside ASCII; set it by policy.")
        for name, value in values.items()
        if not value.isascii()
    ]
    if problems:
        raise BadInput(problems)
    demand(resolve([Layer(Source.MACHINE, "the transform", values, text=True)]))
    return dict(values)


def transform(product: Product, values: Mapping[str, str]) -> bytes:
    """The bytes of a transform that sets *values*, the installer's properties in small letters."""
    strings: list[str] = []
    rows = b""
    for name, value in sorted(values.items()):
        strings += [name.upper(), value]
        rows += struct.pack("<HHH", _ADD_ROW | 2 << 8, len(strings) - 1, len(strings))
    pool = struct.pack("<HH", 0, 0)
    pool += b"".join(struct.pack("<HH", len(text), 1) for text in strings)
    streams = {
        stream_name("_StringPool"): pool,
        stream_name("_StringData"): "".join(strings).encode("ascii"),
        stream_name("Property"): rows,
        "\5SummaryInformation": _summary(product),
    }
    return compound_file(TRANSFORM_CLASS, streams)


def stream_name(table: str) -> str:
    """How the installer writes the name of a table's stream: two letters in one."""
    numbers = [_LETTERS.index(letter) for letter in table]
    name = "\u4840"
    for first, second in zip(numbers[::2], numbers[1::2], strict=False):
        name += chr(0x3800 + first + (second << 6))
    return name + (chr(0x4800 + numbers[-1]) if len(numbers) % 2 else "")


def _summary(product: Product) -> bytes:
    """For which product it is. Without ids of products: only the upgrade code is compared."""
    code = product.upgrade_code
    nobody = "{00000000-0000-0000-0000-000000000000}1.0.0"
    properties: list[tuple[int, str | int]] = [
        *((2, "Transform"), (3, product.title), (4, "Siaran"), (7, "x64;1033"), (8, "x64;1033")),
        *((9, f"{nobody};{nobody};{code}"), (14, 500), (16, SAME_UPGRADE_CODE << 16 | FORGIVING)),
    ]
    body, places = b"", b""
    start = 8 + 8 * len(properties)
    for number, value in properties:
        places += struct.pack("<II", number, start + len(body))
        if isinstance(value, int):
            body += struct.pack("<Ii", _NUMBER, value)
        else:
            text = value.encode("ascii") + b"\0"
            body += struct.pack("<II", _TEXT, len(text)) + text + bytes(-len(text) % 4)
    section = struct.pack("<II", start + len(body), len(properties)) + places + body
    return _summary_head() + section


def _summary_head() -> bytes:
    head = struct.pack("<HHHH16xI", 0xFFFE, 0, 10, 2, 1)
    return head + uuid.UUID(SUMMARY_FORMAT).bytes_le + struct.pack("<I", 48)


if __name__ == "__main__":
    sys.exit(main())
