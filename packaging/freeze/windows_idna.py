"""In place of ``encodings.idna`` in frozen Windows programs: Windows knows such names itself.

Python asks for it whenever a host's name is looked up, also for a plain one. Its own would load
tables of 1.1 MB for that, those of Unicode.
"""

from __future__ import annotations

import codecs

TYPE_CHECKING = False  # without typing, which a start may not need yet
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_ALLOW_UNASSIGNED = 1
_LONGEST_LABEL = 63
_LONGEST_NAME = 255


def to_ascii(name: str) -> bytes:
    """A host's *name* as the network writes it.

    Raises:
        UnicodeError: it can be none.
    """
    if name.isascii():
        *labels, last = name.split(".")
        if all(0 < len(label) <= _LONGEST_LABEL for label in labels) and len(last) <= 63:
            return name.encode("ascii")
    elif written := _by_windows("IdnToAscii", name):
        return written.encode("ascii")
    raise UnicodeError("label empty or too long, or a character that no name has")


def to_unicode(name: bytes) -> str:
    """A host's *name* as people write it.

    Raises:
        UnicodeError: it can be none.
    """
    text = name.decode("ascii")
    return _by_windows("IdnToUnicode", text) if "xn--" in text.lower() else text


def _by_windows(function: str, name: str) -> str:
    """Empty if Windows refuses."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    result = ctypes.create_unicode_buffer(_LONGEST_NAME + 1)
    length = len(name.encode("utf-16-le", "surrogatepass")) // 2
    place = (ctypes.c_wchar_p(name), length, result, _LONGEST_NAME)
    return result.value if getattr(kernel, function)(_ALLOW_UNASSIGNED, *place) > 0 else ""


def _encode(name: str, _errors: str = "strict", /) -> tuple[bytes, int]:
    return to_ascii(name), len(name)


def _decode(name: ReadableBuffer, _errors: str = "strict", /) -> tuple[str, int]:
    data = bytes(name)
    return to_unicode(data), len(data)


def getregentry() -> codecs.CodecInfo:
    """What ``encodings`` asks for: ``name.encode("idna")`` and back."""
    return codecs.CodecInfo(_encode, _decode, name="idna")
