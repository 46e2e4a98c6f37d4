"""In place of ``unicodedata`` in frozen Windows programs: Windows has such tables itself.

Only what is used of it: searches and ``urllib.parse`` compare texts in one of the normal forms.
"""

from __future__ import annotations

import ctypes
import sys

assert sys.platform == "win32"  # tells the type checker, too

_FORMS = {"NFC": 1, "NFD": 2, "NFKC": 5, "NFKD": 6}
_INSUFFICIENT_BUFFER = 122
_UTF_16 = ("utf-16-le", "surrogatepass")

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.NormalizeString.argtypes = (
    *(ctypes.c_int, ctypes.c_char_p, ctypes.c_int),
    *(ctypes.c_char_p, ctypes.c_int),
)


def normalize(form: str, text: str) -> str:
    """*text* in the normal *form*; as it is, if Windows cannot read it (half a character)."""
    if text.isascii():
        return text
    data, size = text.encode(*_UTF_16), len(text)
    while True:
        result = ctypes.create_string_buffer(2 * size)
        done = _kernel.NormalizeString(_FORMS[form], data, len(data) // 2, result, size)
        if done > 0:
            return result.raw[: 2 * done].decode(*_UTF_16)
        if ctypes.get_last_error() != _INSUFFICIENT_BUFFER:
            return text
        size = max(2 * size, -done)
