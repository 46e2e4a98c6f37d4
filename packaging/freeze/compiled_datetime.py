"""In place of ``datetime`` in frozen programs: the compiled half, as in Python 3.12 and later.

The one of Python 3.11 first runs the whole of its other half, in Python, and then throws it away.
"""

# ruff: noqa: F403
from _datetime import *  # type: ignore[import-not-found]
