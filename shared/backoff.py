"""When to try again. Two pure functions: the delays, and which attempt they start from."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

BASE_S = 0.5
CAP_S = 30.0
STABLE_S = 30.0
"""A link that held this long has earned a fresh start of the delays."""


def delays(
    uniform: Callable[[float, float], float] = random.uniform,
    *,
    base_s: float = BASE_S,
    cap_s: float = CAP_S,
) -> Iterator[float]:
    """Yield seconds to wait before each attempt: exponential with full jitter, for ever.

    Full jitter spreads 10,000 PCs that lost one server best
    (Amazon Builders' Library, "Timeouts, retries, and backoff with jitter").
    """
    ceiling = base_s
    while True:
        yield uniform(0, ceiling)
        ceiling = min(cap_s, ceiling * 2)


def was_stable(lasted_s: float) -> bool:
    """Whether a link that lasted *lasted_s* seconds lets the delays begin anew."""
    return lasted_s >= STABLE_S
