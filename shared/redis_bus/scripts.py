"""Running scripts on the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoScriptError

from shared.redis_bus.client import Client


async def run_script(client: Client, script: str, names: list[str], values: list[Any]) -> Any:
    """Run *script*; scripts vanish with a restart or SCRIPT FLUSH, so it is sent again then."""
    arguments = (len(names), *names, *values)
    try:
        return await client.execute_command("EVALSHA", sha1(script), *arguments)
    except NoScriptError:
        pass
    return await client.execute_command("EVAL", script, *arguments)


async def run_scripts(
    client: Client, calls: Sequence[Sequence[Any]], *ways: tuple[str, str]
) -> list[Any]:
    """Run each of *calls* (number of keys, keys, values) in one round trip; errors are answers.

    *ways* are ``EVALSHA`` or ``EVAL``, each with a script, tried one after the other for what the
    server does not know.
    """
    answers: list[Any] = [None] * len(calls)
    places = list(range(len(calls)))
    for command, script in ways:
        pipe = client.pipeline()
        name = script if command == "EVAL" else sha1(script)
        for place in places:
            pipe.execute_command(command, name, *calls[place])
        for place, answer in zip(places, await pipe.execute(raise_on_error=False), strict=True):
            answers[place] = answer
        places = [place for place in places if is_unknown(answers[place])]
        if not places:
            break
    return answers


def is_unknown(answer: object) -> bool:
    """Whether *answer* is Redis' word that it does not know the script."""
    return isinstance(answer, NoScriptError)


def sha1(text: str | bytes) -> str:
    """What the server calls ``sha1hex``, and knows a script by."""
    import hashlib

    raw = text.encode() if isinstance(text, str) else text
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()
