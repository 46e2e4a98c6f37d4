"""Running scripts on the server."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError


async def run_script(client: Redis, script: str, names: list[str], values: list[Any]) -> Any:
    """Run *script*; scripts vanish with a restart or SCRIPT FLUSH, so it is sent again then."""
    arguments = (len(names), *names, *values)
    with suppress(NoScriptError):  # sent below, so that EVAL's own errors have no false context
        return await client.execute_command("EVALSHA", sha1(script), *arguments)
    return await client.execute_command("EVAL", script, *arguments)


def sha1(text: str | bytes) -> str:
    """What the server calls ``sha1hex``, and knows a script by."""
    import hashlib

    raw = text.encode() if isinstance(text, str) else text
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()
