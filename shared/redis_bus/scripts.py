"""Running scripts on the server."""

from __future__ import annotations

from typing import Any

from shared.redis_bus.client import Client
from shared.redis_bus.resp import ServerError


async def run_script(client: Client, script: str, names: list[str], values: list[Any]) -> Any:
    """Run *script*; scripts vanish with a restart or SCRIPT FLUSH, so it is sent again then."""
    arguments = (len(names), *names, *values)
    try:
        return await client.execute_command("EVALSHA", sha1(script), *arguments)
    except ServerError as error:
        if not is_unknown(error):
            raise
    return await client.execute_command("EVAL", script, *arguments)


def is_unknown(answer: object) -> bool:
    """Whether *answer* is Redis' word that it does not know the script."""
    return isinstance(answer, ServerError) and answer.code == "NOSCRIPT"


def sha1(text: str | bytes) -> str:
    """What the server calls ``sha1hex``, and knows a script by."""
    import hashlib

    raw = text.encode() if isinstance(text, str) else text
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()
