"""D-Bus values as bytes and back, without I/O.

Bytes come from another process and are never trusted: a length is compared with what is there
before it is used, nesting is limited, and whatever is wrong raises ``Garbage`` and nothing else.
Arrays are lists, arrays of dict entries are dicts, structs are tuples, a variant is a ``Variant``.
(D-Bus specification, "Marshaling".)
"""

from __future__ import annotations

import struct
from typing import Any

from shared.system_events.dbus_types import FIXED, MAX_DEPTH, TEXTS, Garbage, Kind, Variant, parse


class Reader:
    """Reads values out of *data*, which begins at a multiple of 8 bytes of its message."""

    def __init__(self, data: bytes, *, little: bool = True) -> None:
        self._data = data
        self._order = "<" if little else ">"
        self.at = 0

    def values(self, signature: str) -> tuple[Any, ...]:
        """Read one value per type of *signature*.

        Raises:
            Garbage: they are not there.
        """
        return tuple(self._value(kind, 0) for kind in parse(signature))

    def align(self, size: int) -> None:
        """Skip padding. It may go past the end: whoever reads there finds nothing."""
        self.at += -self.at % size

    def _value(self, kind: Kind, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise Garbage("values that are nested too deep")
        if kind.code in FIXED:
            return self._fixed(kind)
        if kind.code in TEXTS:
            return self._text(kind.code)
        if kind.code == "v":
            return self._variant(depth)
        if kind.code == "a":
            return self._array(kind.inside[0], depth)
        self.align(8)
        return tuple(self._value(part, depth + 1) for part in kind.inside)

    def _fixed(self, kind: Kind) -> int | float | bool:
        self.align(kind.alignment)
        (number,) = struct.unpack(self._order + FIXED[kind.code], self._take(kind.alignment))
        if kind.code != "b":
            return number  # type: ignore[no-any-return]
        if number > 1:
            raise Garbage("a boolean that is neither")
        return bool(number)

    def _text(self, code: str) -> str:
        length = self._fixed(Kind("y" if code == "g" else "u"))
        raw = self._take(int(length) + 1)
        if raw[-1] != 0:
            raise Garbage("a text without its end")
        try:
            return raw[:-1].decode("utf-8")
        except UnicodeDecodeError:
            raise Garbage("a text that is not UTF-8") from None

    def _variant(self, depth: int) -> Variant:
        signature = self._text("g")
        kinds = parse(signature)
        if len(kinds) != 1:
            raise Garbage("a variant of more or less than one type")
        return Variant(signature, self._value(kinds[0], depth + 1))

    def _array(self, element: Kind, depth: int) -> list[Any] | dict[Any, Any]:
        length = int(self._fixed(Kind("u")))
        self.align(element.alignment)
        end = self.at + length
        if end > len(self._data):
            raise Garbage("an array that ends after its message")
        items = []
        while self.at < end:
            items.append(self._value(element, depth + 1))
        if self.at != end:
            raise Garbage("an array whose last element is cut")
        return dict(items) if element.code == "{" else items

    def _take(self, size: int) -> bytes:
        raw = self._data[self.at : self.at + size]
        if len(raw) != size:
            raise Garbage("values that end after their message")
        self.at += size
        return raw


class Writer:
    """Appends values to ``data``, little endian."""

    def __init__(self) -> None:
        self.data = bytearray()

    def values(self, signature: str, *values: Any) -> None:
        """Append one value per type of *signature*."""
        for kind, value in zip(parse(signature), values, strict=True):
            self._value(kind, value)

    def align(self, size: int) -> None:
        """Append padding."""
        self.data += bytes(-len(self.data) % size)

    def _value(self, kind: Kind, value: Any) -> None:
        self.align(kind.alignment)
        if kind.code in FIXED:
            self.data += struct.pack("<" + FIXED[kind.code], value)
        elif kind.code in TEXTS:
            raw = value.encode("utf-8")
            self.data += struct.pack("<" + TEXTS[kind.code], len(raw)) + raw + b"\0"
        elif kind.code == "v":
            self.values("g", value.signature)
            self.values(value.signature, value.value)
        elif kind.code == "a":
            self._array(kind.inside[0], value)
        else:
            for part, item in zip(kind.inside, value, strict=True):
                self._value(part, item)

    def _array(self, element: Kind, value: Any) -> None:
        length_at = len(self.data)
        self.data += bytes(4)
        self.align(element.alignment)
        begin = len(self.data)
        for item in value.items() if element.code == "{" else value:
            self._value(element, item)
        struct.pack_into("<I", self.data, length_at, len(self.data) - begin)
